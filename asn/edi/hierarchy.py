"""The tree of HL segments in an 856: shipment, order, tare, pack, item."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from omnichannel.imports.edi.segments import Segment

from .notice import MOST_LEVELS

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
    depth: int = 1

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

    @cached_property
    def by_tag(self) -> dict[str, list[Segment]]:
        """Asked once the whole tree is read."""
        found: dict[str, list[Segment]] = {}
        for segment in self.segments:
            found.setdefault(segment.tag, []).append(segment)
        return found

    def all(self, tag: str) -> list[Segment]:
        return self.by_tag.get(tag, [])

    def first(self, tag: str) -> Segment | None:
        return next(iter(self.all(tag)), None)


def tree_of(segments: Sequence[Segment]) -> tuple[Node, list[Node]]:
    """What stands before the first HL, as a node of its own, and every loop in its order.

    Raises:
        BrokenTree: a number twice, a parent that did not come before, or deeper than MOST_LEVELS.
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
        node.depth = node.parent.depth + 1
    if node.depth > MOST_LEVELS:
        raise BrokenTree(head, _("it is more than %d levels deep") % MOST_LEVELS)
    loops[number] = node
    return node
