"""A recipe repeats its story whatever shares the batch: each alone first, then all again in batches that change.

``python -m tests.benchmarks.prove.recipes CHECKPOINT FORMAT RECIPES`` prints one line and fails where two differ.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from storygen.engines.loading import load_writer
from storygen.engines.story_writer import OpenStory, StoryWriter
from tests.benchmarks.workload import GENRES, MIXED, Ask

ROWS = 8
_WORDS = ("the captain", "of a ship", "that nobody saw", "opened", "her letter", "in the old house", "by the river")
_LEAVE_EARLY = 0.2
"""This part of the stories in a changing batch leaves before its end, and is begun again later."""
_JOIN = 0.3
_TOKENS = (30, 60)


@dataclass(slots=True)
class _Open:
    number: int
    story: OpenStory
    leaves_at: int
    """Tokens after which it is given up."""


def recipes(count: int) -> list[Ask]:
    """Give recipes with prompts of every length up to some hundred tokens."""
    random = Random(4)  # noqa: S311 - a repeatable test
    return [
        Ask(
            genre=random.choice(GENRES),
            prompt=" ".join(random.choices(_WORDS, k=random.choice([0, 3, 8, 30, 60, 100]))),
            options=replace(random.choice(MIXED), max_new_tokens=random.randint(*_TOKENS)),
            seed=random.randrange(2**63),
        )
        for _ in range(count)
    ]


def alone(writer: StoryWriter, several: Sequence[Ask]) -> list[str]:
    """Write each by itself."""
    texts = []
    for ask in several:
        story = _begun(writer, ask)
        while not any(progress.ended for progress in writer.step()):
            pass
        texts.append(story.stream.text)
    return texts


def together(writer: StoryWriter, several: Sequence[Ask], seed: int) -> list[str]:
    """Write all in a batch that stories join at any step, and that some leave before their end."""
    random = Random(seed)  # noqa: S311 - a repeatable test
    left = list(range(len(several)))
    random.shuffle(left)
    running: dict[int, _Open] = {}
    texts = [""] * len(several)
    while left or running:
        while left and writer.free_rows and (not running or random.random() < _JOIN):
            number = left.pop()
            story = _begun(writer, several[number])
            leaves_at = random.randint(1, 20) if random.random() < _LEAVE_EARLY else sys.maxsize
            running[story.row] = _Open(number, story, leaves_at)
        for progress in writer.step():
            row = progress.story.row
            if progress.ended:
                texts[running[row].number] = progress.story.stream.text
                del running[row]
            elif progress.story.new_tokens >= running[row].leaves_at:
                writer.leave(progress.story)
                left.insert(0, running.pop(row).number)
    return texts


def _begun(writer: StoryWriter, ask: Ask) -> OpenStory:
    window = writer.window(writer.genre_input(ask.genre, ask.prompt), ask.options.max_new_tokens)
    return writer.begin(window, ask.options, ask.seed)


def differences(writer: StoryWriter, count: int) -> int:
    """Give how many of so many recipes gave another story in company than alone."""
    several = recipes(count)
    pairs = zip(alone(writer, several), together(writer, several, seed=1), strict=True)
    return sum(by_itself != in_company for by_itself, in_company in pairs)


def main() -> None:
    """Try one format with one checkpoint."""
    checkpoint, dtype, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    writer = load_writer(checkpoint, device="cpu", rows=ROWS, threads=0, dtype=dtype)
    other = differences(writer, count)
    shown = f"{writer.info.name}, {writer.dtype}: {count - other} of {count} recipes gave the same story again"
    print(shown)  # noqa: T201 - a command prints
    sys.exit(1 if other else 0)


if __name__ == "__main__":
    main()
