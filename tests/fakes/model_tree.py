"""A story's tree as a test expects it: dictionaries, written down again from the rules and not from the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from bot.store import Author


@dataclass(slots=True, kw_only=True)
class Node:
    """One passage."""

    parent: int | None
    author: Author
    text: str
    edited: bool = False
    chosen: int | None = None


@dataclass(slots=True, kw_only=True)
class Tree:
    """One story. Nodes are added in the order of their ids."""

    owner: int
    nodes: dict[int, Node] = field(default_factory=dict)
    head: int | None = None

    def path(self, node: int | None) -> list[int]:
        """Give the way from the beginning to a node."""
        way: list[int] = []
        while node is not None:
            way.insert(0, node)
            node = self.nodes[node].parent
        return way

    def text(self, node: int | None) -> str:
        """Give the story up to a node; the texts of these tests are parted by one space each."""
        return " ".join(self.nodes[each].text.strip() for each in self.path(node) if self.nodes[each].text)

    def add(self, node: int, parent: int | None, author: Author, text: str) -> None:
        """Add a node; the story ends where it did."""
        self.nodes[node] = Node(parent=parent, author=author, text=text)

    def go_to(self, node: int) -> None:
        """Let the story end at a node, and the way there be the chosen one."""
        self.head = node
        way = self.path(node)
        for above, below in pairwise(way):
            self.nodes[above].chosen = below

    def base(self, node: int) -> int | None:
        """Give the nearest node with text, this one or above."""
        return next((each for each in reversed(self.path(node)) if self.nodes[each].text), None)

    def above(self, node: int) -> int | None:
        """Give the nearest node with text above this one."""
        parent = self.nodes[node].parent
        return None if parent is None else self.base(parent)

    def below(self, node: int) -> int | None:
        """Give the node that Redo leads to: the chosen one, else the newest with text."""
        children = [number for number, each in self.nodes.items() if each.parent == node and each.text]
        chosen = self.nodes[node].chosen
        return chosen if chosen in children else max(children, default=None)

    def versions(self, node: int) -> list[int]:
        """Give the nodes that could stand in the place of this one."""
        mine = self.nodes[node]
        return sorted(
            number
            for number, each in self.nodes.items()
            if (each.parent, each.author) == (mine.parent, mine.author) and (each.text or number == node)
        )

    def edit(self, node: int, text: str, copy: int) -> None:
        """Give a node another text, and let ``copy`` have the old one."""
        mine = self.nodes[node]
        if mine.text:
            self.nodes[copy] = Node(parent=mine.parent, author=mine.author, text=mine.text, edited=mine.edited)
        mine.text, mine.edited = text, True
        self.go_to(self.head if self.head is not None and node in self.path(self.head) else node)
