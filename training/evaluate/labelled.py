"""Stories that people wrote, with their genres: what a checkpoint and its stories are measured on and beside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from storygen.prompt import EOS, parse_prompt
from training.errors import TrainingError
from training.works import open_text, read_works


@dataclass(frozen=True, slots=True)
class LabelledStory:
    """A story and its genre; None where it has none of the model's."""

    genre: str | None
    text: str


def read_stories(path: Path, genres: Iterable[str]) -> list[LabelledStory]:
    """Read JSON Lines with ``genre`` and ``text`` (its name has ``.jsonl``), or rendered examples, one a line.

    A genre that is not among ``genres`` becomes None. Raises TrainingError for a file without stories.
    """
    known = frozenset(genres)
    if ".jsonl" in path.suffixes:
        stories = [LabelledStory(work.genre, work.text) for work in read_works(path, path.stem, known)]
    else:
        with open_text(path) as stream:
            stories = [_from_rendered(line, known) for line in stream if line.strip()]
    stories = [story for story in stories if story.text]
    if not stories:
        raise TrainingError(f"{path} holds no stories.")
    return stories


def _from_rendered(line: str, known: frozenset[str]) -> LabelledStory:
    parsed = parse_prompt(line.strip().removesuffix(EOS).rstrip())
    return LabelledStory(parsed.genre if parsed.genre in known else None, parsed.text)
