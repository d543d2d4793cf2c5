"""Find the sections of an article that tell its story."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.collect.wikitext import parse, plain_text

if TYPE_CHECKING:
    from mwparserfromhell.wikicode import Wikicode

STORY_SECTIONS = frozenset(
    {
        "main plot",
        "main story",
        "narrative",
        "outline",
        "overview",
        "plot",
        "plot details",
        "plot outline",
        "plot overview",
        "plot summary",
        "plot synopsis",
        "plots",
        "premise and plot",
        "series overview",
        "series synopsis",
        "story",
        "story arc",
        "story arcs",
        "story overview",
        "story summary",
        "story synopsis",
        "storyline",
        "storyline summary",
        "storylines",
        "summary",
        "synopsis",
    }
)
"""Headings, in lower case, under which articles tell a story."""

_NOT_THE_STORY = re.compile(
    r"publi|recept|review|critic|collect|edition|reprint|release|volumes|titles|issues|tie-in|checklist|reading order"
    r"|character|cast\b|crew|credits|creat|develop|background|production|writing|art\b|variant|version"
    r"|adapt|media|legacy|sales|award|theme|analysis|influence|reference|notes|see also|links|bibliography|sources",
    re.IGNORECASE,
)
"""Headings of parts inside a story's section that speak about the work instead of telling it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySection:
    """One section's story in plain text."""

    heading: str
    """The heading, as plain text."""
    text: str
    """The section with its subsections, one line break between paragraphs."""


def story_sections(wikitext: str) -> Iterator[StorySection]:
    """Give the sections that tell a story, in the article's order, without parts such as "Collected editions"."""
    heading, bodies, depth, skipped = "", list[str](), 0, 0
    for title, level, body in _flat_sections(parse(wikitext)):
        inside = depth and level > depth
        if not inside:
            yield from _section(heading, bodies)
            heading, bodies, depth, skipped = title, [], 0, 0
            if _tells_the_story(title):
                bodies, depth = [plain_text(body)], level
        elif skipped and level > skipped:
            continue
        elif _NOT_THE_STORY.search(title):
            skipped = level
        else:
            skipped = 0
            bodies.append(plain_text(body))
    yield from _section(heading, bodies)


def _section(heading: str, bodies: list[str]) -> Iterator[StorySection]:
    text = "\n".join(body for body in bodies if body)
    if text:
        yield StorySection(heading=heading, text=text)


def _flat_sections(code: Wikicode) -> Iterator[tuple[str, int, Wikicode]]:
    for section in code.get_sections(include_lead=False, flat=True):
        heading = section.filter_headings(recursive=False)[0]
        yield plain_text(heading.title), int(heading.level), section


def _tells_the_story(heading: str) -> bool:
    return " ".join(heading.lower().strip(" .:").split()) in STORY_SECTIONS
