"""How often the filter is right, on the labelled cases beside this file."""

from __future__ import annotations

import lzma
import os
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.moderation import Kind, Level, TextFilter, default_filter

CASES = Path(__file__).parent / "cases"
STORIES = "genre_stories_test_501.txt.xz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A text, and why it must not be let through; None where it must."""

    text: str
    kind: Kind | None
    group: str
    disguised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often the filter is right."""

    precision: float
    recall: dict[Kind, float]
    """Of what must be caught, the part that is, by kind and whatever kind it is taken for."""
    disguised: float
    """The same of what is disguised."""
    false_alarms: list[str]
    missed: list[str]


def cases() -> list[Case]:
    """Give all cases."""
    return [
        *(Case(text=text, kind=Kind(kind), group=kind) for kind, texts in _read("to_be_caught") for text in texts),
        *(
            Case(text=text, kind=Kind(kind), group="disguised", disguised=True)
            for kind, texts in _read("disguised")
            for text in texts
        ),
        *(Case(text=text, kind=None, group=group) for group, texts in _read("harmless") for text in texts),
    ]


def filter_for(case: Case) -> TextFilter:
    """Give the filter that a case is about: the strict one for what only that one has, else everyone's."""
    return default_filter(Level.STRICT if case.kind is Kind.MATURE else Level.EVERYONE)


def rates(of: Iterable[Case]) -> Rates:
    """Measure the filter."""
    found = [(case, filter_for(case).finds(case.text)) for case in of]
    caught = [case for case, kind in found if case.kind and kind]
    false_alarms = [case.text for case, kind in found if kind and not case.kind]
    wanted = Counter(case.kind for case, _ in found if case.kind)
    got = Counter(case.kind for case in caught)
    hidden = [bool(kind) for case, kind in found if case.disguised]
    return Rates(
        precision=len(caught) / (len(caught) + len(false_alarms)),
        recall={kind: got[kind] / wanted[kind] for kind in Kind if wanted[kind]},
        disguised=sum(hidden) / len(hidden),
        false_alarms=false_alarms,
        missed=[case.text for case, kind in found if case.kind and not kind],
    )


def human_stories() -> list[str]:
    """Give the stories that people wrote; none where they are not at hand."""
    folder = os.environ.get("STORYBOT_TEST_DATA")
    path = Path(folder, "data", STORIES) if folder else None
    if path is None or not path.exists():
        return []
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [story for story in file.read().split("<BOS>") if story.strip()]


def _read(name: str) -> Iterable[tuple[str, list[str]]]:
    return tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8")).items()
