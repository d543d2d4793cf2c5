"""A few of the told stories as a document to read: the first of every genre, so that nobody has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from training.evaluate.generated import ToldStory

SAMPLES_FILE = "samples.md"
A_GENRE = 5
"""Stories of a genre in the document."""
_PROMPTED = 2
"""At most so many of them go on from a prompt."""
_ENDED = {"eos": "ended by itself", "length": "cut at its longest length"}


def write_samples(path: Path, checkpoint: str, told: Sequence[ToldStory]) -> None:
    """Write the first stories of each genre, in the order in which the genres come."""
    genres = list(dict.fromkeys(story.genre for story in told))
    parts = [part for genre in genres for part in _section(genre, [story for story in told if story.genre == genre])]
    path.write_text("\n\n".join([f"# Stories by {checkpoint}", *parts]) + "\n", encoding="utf-8")


def _section(genre: str, told: Sequence[ToldStory]) -> Iterator[str]:
    yield f"## {genre}"
    for number, story in enumerate(_first(told), start=1):
        asked = f"prompt *{story.prompt}*" if story.prompt else "no prompt"
        how = _ENDED.get(story.finish_reason, story.finish_reason)
        yield f"**{number}.** {asked}, seed {story.seed}, {story.new_tokens} tokens, {how}"
        yield _quoted(f"{story.prompt}{_gap(story)}{story.shown}")


def _first(told: Sequence[ToldStory]) -> Iterable[ToldStory]:
    prompted = list(islice((story for story in told if story.prompt), _PROMPTED))
    alone = islice((story for story in told if not story.prompt), A_GENRE - len(prompted))
    return [*alone, *prompted]


def _gap(story: ToldStory) -> str:
    """Give the space between a prompt and its story, which polishing takes off."""
    begins_anew = story.text[:1].isspace() and not story.shown[:1].isspace()
    return " " if story.prompt and begins_anew else ""


def _quoted(text: str) -> str:
    lines = (line.strip() for line in text.strip().splitlines())
    return "\n>\n".join(f"> {line}" for line in lines if line)
