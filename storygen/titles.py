"""Titles that the model finds: how they are asked for, and what of its answer is one. Plain functions on text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import MappingProxyType

from storygen.polish import drop_broken_characters
from storygen.sampling import LIMITS, Limit, SamplingOptions
from storygen.story import FinishReason, StoryRequest, Wanted

TITLE_LENGTH = 60
"""Greatest length of a title in characters; a longer one is a sentence."""
TITLE_OPTIONS = SamplingOptions(max_new_tokens=24, do_sample=False, repetition_penalty=1.0)
"""The most probable title. Of 30 that the built-in model drew instead (0.5 to 0.9), fewer had to do with the story."""
DRAWN_TITLE_OPTIONS = SamplingOptions(max_new_tokens=24, temperature=0.7, top_k=20, repetition_penalty=1.0)
"""For another title than the most probable one."""
TITLE_LIMITS = MappingProxyType({**LIMITS, "max_new_tokens": Limit(1, 64, int)})
"""What the options of a request for a title may be."""
LEAST_TITLE_TOKENS = 1
"""A title may be one word, while a story does not end so soon."""

_WORD = re.compile(r"\w+(?:['\u2019]\w+)*")
_POSSESSIVE = re.compile(r"['\u2019]s?\Z")
_SHORTEST_TELLING = 3  # letters
_SAYING_NOTHING = re.compile(
    "the|and|for|from|with|who|what|that|this|his|her|its|their|into|after|before|not|one|last|first|other|"
    "man|men|woman|women|boy|girl|story"
)
_AROUND = " \"'\u2018\u2019\u201c\u201d\u00ab\u00bb\u2039\u203a*_`([{<>}])"
_BEHIND = " .,;:-\u2013\u2014\u2026/\\|"


def tidy_title(text: str) -> str:
    """Give what the model wrote as a title: its first line without quotes around it, beginning with a capital letter.

    A stop behind it goes, save ? and !. Empty where nothing is left that could be one, or too much.
    """
    lines = drop_broken_characters(text).strip().splitlines()
    title = " ".join(lines[0].split()) if lines else ""
    while (without := title.strip(_AROUND).rstrip(_BEHIND)) != title:
        title = without
    if len(title) > TITLE_LENGTH or not any(character.isalpha() for character in title):
        return ""
    return title[0].upper() + title[1:]


def answer_for(request: StoryRequest, text: str, reason: FinishReason) -> str:
    """Give what a request gets of what was written: a story as it is, of a title only what can be one.

    A title that the model did not end itself is a piece of one, and so none.
    """
    if request.wants is Wanted.TEXT:
        return text
    return tidy_title(text) if reason is FinishReason.EOS else ""


def speaks_of(title: str, text: str) -> bool:
    """Say whether a title has to do with a text: a telling word of it stands there, and none comes twice in the title.

    A small model's titles sound like titles ("The Creeper of the Sun") whatever the story is.
    """
    telling = [word for word in _words(title) if len(word) >= _SHORTEST_TELLING and not _SAYING_NOTHING.fullmatch(word)]
    return len(set(telling)) == len(telling) and not set(telling).isdisjoint(_words(text))


def _words(text: str) -> Iterable[str]:
    return [_POSSESSIVE.sub("", word) for word in _WORD.findall(text.casefold())]
