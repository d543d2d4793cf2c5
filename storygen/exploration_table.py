"""An exploration as a table of plain text, for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from storygen.exploration import Exploration, Stage, TokenOdds, others, visible

ROWS = 18
"""At most so many tokens, those at the cuts among them."""

_TOKEN = 18
_RANK = 6
_LOGIT = 8
_COLUMN = 12


def table(exploration: Exploration) -> Iterator[str]:
    """Give the lines: a row for each token, a column for the model itself and for each option."""
    told = exploration.next_tokens
    first = told.beginning(ROWS)
    beyond = told.beyond(first)
    yield _line("", "", "", ["softmax", *(_short(stage.option) for stage in told.stages)])
    yield _line("token", "rank", "logit", ["", *(_value(stage) for stage in told.stages)])
    yield from map(_row, first)
    if beyond:
        yield "  \u22ee"
    yield from map(_row, beyond)
    yield _line("all others", "", "", [_percent(each) for each in others((*first, *beyond))])
    yield _line("tokens left", "", "", [f"{each:,}" for each in (told.vocabulary, *(s.tokens for s in told.stages))])
    choices = (told.choices, *(stage.choices for stage in told.stages))
    yield _line("effective choices", "", "", [f"{each:,.1f}" for each in choices])


def _row(token: TokenOdds) -> str:
    rank = "never" if token.rank is None else f"{token.rank:,}"
    cells = [_percent(each) if each else "\u2013" for each in (token.probability, *token.after)]
    return _line(visible(token.text), rank, f"{token.logit:.2f}", cells)


def _line(token: str, rank: str, logit: str, cells: Sequence[str]) -> str:
    padded = token + " " * max(0, _TOKEN - _width(token))
    return (f"{padded}{rank:>{_RANK}}{logit:>{_LOGIT}}" + "".join(f"{cell:>{_COLUMN}}" for cell in cells)).rstrip()


def _short(option: str) -> str:
    return {"repetition_penalty": "penalty"}.get(option, option)


def _value(stage: Stage) -> str:
    return str(stage.value).lower() if isinstance(stage.value, bool) else f"{stage.value:g}"


def _percent(probability: float) -> str:
    return f"{probability * 100:.2f} %"


def _width(text: str) -> int:
    """Give how many columns a terminal takes for ``text``."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in {"W", "F"})
        for letter in text
    )
