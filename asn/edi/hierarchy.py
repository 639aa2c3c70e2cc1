"""The tree of HL segments in an 856: shipment, order, tare, pack, item."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from omnichannel.imports.edi.segments import Segment

SHIPMENT, ORDER, TARE, PACK, ITEM = "S", "O", "T", "P", "I"


class BrokenTree(Exception):
    """An HL segment that fits nowhere: `segment`, and why in words."""

    def __init__(self, segment: Segment, cause: str) -> None:
        super().__init__(cause)
        self.segment, self.cause = segment, cause


@dataclass
class Node:
    """One HL loop: its own segments, the loops in it, and the one it is in."""

    head: Segment
    parent: "Node | None"
    segments: list[Segment] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)

    @property
    def level(self) -> str:
        return self.head.get(3)

    def up(self) -> Iterator["Node"]:
        """From itself to the root."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def around(self, level: str) -> "Node | None":
        return next((node for node in self.up() if node.level == level), None)

    def all(self, tag: str) -> Iterator[Segment]:
        return (segment for segment in self.segments if segment.tag == tag)

    def first(self, tag: str) -> Segment | None:
        return next(self.all(tag), None)


def tree_of(segments: Sequence[Segment]) -> tuple[Node, list[Node]]:
    """What stands before the first HL, as a node of its own, and every loop in its order.

    Raises:
        BrokenTree: a number twice, or a parent that did not come before.
    """
    before = Node(segments[0], None)
    loops: dict[str, Node] = {}
    node = before
    for segment in segments[1:]:
        if segment.tag in {"CTT", "SE"}:
            break
        if segment.tag == "HL":
            node = loop_of(segment, loops)
        else:
            node.segments.append(segment)
    return before, list(loops.values())


def loop_of(head: Segment, loops: dict[str, Node]) -> Node:
    number, above = head.get(1), head.get(2)
    if not number or number in loops:
        raise BrokenTree(head, _("its number %s is empty or was there before") % (number or "–"))
    if above and above not in loops:
        raise BrokenTree(head, _("its parent %s did not come before it") % above)
    node = Node(head, loops[above] if above else None)
    if node.parent:
        node.parent.children.append(node)
    loops[number] = node
    return node
