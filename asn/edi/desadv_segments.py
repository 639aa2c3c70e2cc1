"""What stands in the segments of a DESADV, before it is known how many notices it makes."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from omnichannel.imports.edi.envelopes import Message
from omnichannel.imports.edi.papers import GTIN, MOST_CODES, OURS, THEIRS, Code, Party, carton_of
from omnichannel.imports.edi.segments import Segment

from .notice import MOST_LEVELS, Notice

# BGM 1225: confirmation, duplicate, original, copy; nothing told is an original.
NEW = ("", "6", "7", "9", "31")
# 7143.
RANKS = {
    **dict.fromkeys(("IN", "BP"), OURS),
    **dict.fromkeys(("EN", "SRV", "UP", "EU"), GTIN),
    **dict.fromkeys(("SA", "MF", "VN"), THEIRS),
}
DESPATCHED = "12"


@dataclass
class Pack:
    """A CPS: the cartons that it stands for, and the one that it is in."""

    parent: "Pack | None" = None
    cartons: list[str] = field(default_factory=list)

    @property
    def depth(self) -> int:
        return 1 + (self.parent.depth if self.parent else 0)

    def nearest(self) -> list[str]:
        if self.cartons or self.parent is None:
            return self.cartons
        return self.parent.nearest()


@dataclass
class Item:
    """A LIN and what belongs to it."""

    lin: Segment
    pack: Pack
    codes: list[Code] = field(default_factory=list)
    quantity: Segment | None = None
    po_number: str = ""
    cartons: list[str] = field(default_factory=list)


class Reader:
    """One message from its beginning to its end."""

    def __init__(self, message: Message) -> None:
        self.head = Notice(message.first.number, "UNH")
        self.message = message
        self.times: dict[str, Segment] = {}
        self.parties: dict[str, Party] = {}
        self.po_number = ""
        self.packs: dict[str, Pack] = {}
        self.pack = Pack()
        self.items: list[Item] = []

    def read(self) -> None:
        takers = {
            "BGM": self.take_bgm,
            "DTM": self.take_dtm,
            "RFF": self.take_rff,
            "NAD": self.take_nad,
            "CPS": self.take_cps,
            "GIN": self.take_gin,
            "LIN": self.take_lin,
            "PIA": self.take_pia,
            "QTY": self.take_qty,
        }
        for segment in self.message.segments:
            if segment.tag in takers:
                takers[segment.tag](segment)

    @property
    def is_in_head(self) -> bool:
        return not self.packs and not self.items

    @property
    def item(self) -> Item | None:
        """The line that is being read."""
        return self.items[-1] if self.items and self.items[-1].pack is self.pack else None

    def take_bgm(self, bgm: Segment) -> None:
        self.head.number = bgm.get(2)
        if not self.head.number:
            self.head.refuse(bgm, "", _("BGM has no number of the despatch advice."))
        if bgm.get(3) not in NEW:
            cause = _(
                "Function %s of BGM is no new shipment; cancelled or changed ones are not read."
            )
            fix = _("Close the ASN instead, or change what is there.")
            self.head.refuse(bgm, self.head.number, cause % bgm.get(3)[:16], fix)

    def take_dtm(self, dtm: Segment) -> None:
        if self.is_in_head:
            self.times[dtm.get(1, 1)] = dtm

    def take_rff(self, rff: Segment) -> None:
        if rff.get(1, 1) != "ON":
            return
        if self.item:
            self.item.po_number = rff.get(1, 2)
        elif self.is_in_head:
            self.po_number = rff.get(1, 2)

    def take_nad(self, nad: Segment) -> None:
        if self.is_in_head:
            role = nad.get(1)
            self.parties[role] = Party(
                nad.number, "NAD", role, nad.get(2), nad.get(4) or nad.get(3)
            )

    def take_cps(self, cps: Segment) -> None:
        number, above = cps.get(1), cps.get(2)
        pack = Pack(self.packs.get(above))
        cause = ""
        if number in self.packs:
            cause = _("its number %s was there before") % number
        elif above and above not in self.packs:
            cause = _("its parent %s did not come before it") % above
        elif pack.depth > MOST_LEVELS:
            cause = _("it is more than %d levels deep") % MOST_LEVELS
            pack.parent = None
        if cause:
            told = _("The hierarchy is broken: %s.") % cause
            self.head.refuse(cps, number, told, _("Ask the sender to mend it."))
        self.pack = self.packs[number] = pack

    def take_gin(self, gin: Segment) -> None:
        if gin.get(1) != "BJ":
            return
        cartons = self.item.cartons if self.item else self.pack.cartons
        for at in range(2, len(gin.elements) + 1):
            if gin.get(at, 2):
                shown = f"{gin.get(at)}–{gin.get(at, 2)}"
                self.head.warn(gin, shown, _("A range of cartons is not read; name each of them."))
            elif gin.get(at):
                cartons.append(carton_of(self.head, gin, gin.get(at)))

    def take_lin(self, lin: Segment) -> None:
        self.items.append(Item(lin, self.pack))
        self.name(lin.get(3, 1), lin.get(3, 2))

    def take_pia(self, pia: Segment) -> None:
        for at in range(2, len(pia.elements) + 1):
            self.name(pia.get(at, 1), pia.get(at, 2))

    def name(self, value: str, kind: str) -> None:
        if self.item and value and kind in RANKS and len(self.item.codes) < MOST_CODES:
            self.item.codes.append(Code(kind, value, RANKS[kind]))

    def take_qty(self, qty: Segment) -> None:
        if self.item and qty.get(1, 1) == DESPATCHED:
            self.item.quantity = qty
