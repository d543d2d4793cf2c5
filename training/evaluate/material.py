"""What the sections of an evaluation look at: the checkpoint, human stories, and the stories that it told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from training.evaluate.generated import ToldStory
from training.evaluate.inputs import Inputs
from training.evaluate.labelled import LabelledStory
from training.evaluate.matched import cut_to_lengths, matched

if TYPE_CHECKING:
    from storygen.checkpoint import Checkpoint

GENERATED = "generated"
PROMPTED = "generated from prompts"
TEST = "test stories"
CUT = ", cut"
"""Follows the name of a group of human stories that were cut to the lengths of the generated ones."""


@dataclass(slots=True, kw_only=True)
class Material:
    """Everything that is looked at; ``told`` is filled when the stories are told."""

    inputs: Inputs
    checkpoint: Checkpoint
    human: dict[str, list[LabelledStory]]
    """By group: the test stories, and each held-out file."""
    told: dict[str, list[ToldStory]] = field(default_factory=dict)
    """By group: told without prompts, and with."""

    @property
    def stories(self) -> list[LabelledStory]:
        """The test stories."""
        return self.human[TEST]

    def shown(self) -> dict[str, list[str]]:
        """Give the generated texts as the bot shows them, without those that have nothing to show."""
        return {name: [story.shown for story in stories if story.shown] for name, stories in self.told.items()}

    def cut(self) -> dict[str, list[str]]:
        """Give as many human texts as were told without prompts, cut to their lengths."""
        partners = self.shown().get(GENERATED, [])
        return {
            name + CUT: matched([story.text for story in stories], partners, self.inputs.seed)
            for name, stories in self.human.items()
        }

    def all_cut(self) -> dict[str, list[str]]:
        """Give all human texts, cut to the lengths of the stories that were told without prompts."""
        partners = self.shown().get(GENERATED, [])
        return {
            name + CUT: cut_to_lengths([story.text for story in stories], partners)
            for name, stories in self.human.items()
        }

    def comparable(self) -> dict[str, list[str]]:
        """Give the generated texts, and as many human ones, cut to their lengths."""
        return {**self.shown(), **self.cut()}
