"""An exploration as a picture: the most probable next tokens, a column for each option, read from left to right.

Made for a phone in dark mode: 1080 pixels wide, large letters on Discord's dark grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storygen.exploration import Exploration, NextTokens, TokenOdds, others, visible
from storygen.genre import ORIGINAL_GENRES
from storygen.pictures.canvas import Canvas

WIDTH = 1080
TOKENS = 11
"""At most so many tokens are drawn, each with a row of its own."""

_BACKGROUND, _STRIPE = "#313338", "#2b2d31"
_INK, _QUIET, _FAINT, _GHOST = "#f2f3f5", "#b5bac1", "#7d828b", "#55585f"
_OWN, _STEP, _IDLE, _LAST = "#c4c9d4", "#7f9cf5", "#6f7aa3", "#f0b232"

_MARGIN = 28
_LABELS = 222  # the width of the tokens' column
_GAP = 20  # between columns
_TOP = 146
_HEADER = 112
_ROW = 74
_BAR = 18
_SUMS = 166
_PROMPT_LETTERS = 44

_OFF = "off"
_SOFTMAX = "softmax"
_TITLES = {
    "repetition_penalty": ("repetition_", "penalty"),
    "temperature": ("", "temperature"),
    "top_k": ("", "top_k"),
    "top_p": ("", "top_p"),
    "do_sample": ("do_sample", "off"),
}


_COLOURS = {_SOFTMAX: _OWN, _OFF: _IDLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    title: tuple[str, str]
    value: str
    colour: str
    tokens: int
    choices: float
    left: float
    width: float


def draw_exploration(exploration: Exploration) -> bytes:
    """Give the picture as a PNG file. Takes some tenths of a second, the first time longer; not on an event loop."""
    told = exploration.next_tokens
    first = told.beginning(TOKENS)
    rows = (*first, *told.beyond(first))
    canvas = Canvas(WIDTH, _TOP + _HEADER + _ROW * (len(rows) + 1) + _SUMS, _BACKGROUND)
    columns = _columns(told)
    _draw_title(canvas, exploration)
    _draw_headers(canvas, columns)
    greatest = max(max(token.probability, *token.after) for token in rows)
    y = _TOP + _HEADER
    for place, token in enumerate(rows):
        if place % 2 == 0:
            canvas.box(0, y, WIDTH, _ROW, _STRIPE)
        _draw_token(canvas, y, token)
        _draw_cells(canvas, y, columns, (token.probability, *token.after), greatest)
        if place == len(first):
            canvas.box(_MARGIN, y - 1, WIDTH - 2 * _MARGIN, 3, _GHOST)
        y += _ROW
    _draw_others(canvas, y, columns, others(rows))
    _draw_sums(canvas, y + _ROW, columns)
    return canvas.png()


def genre_label(name: str) -> str:
    """Give what people read for a genre."""
    return {genre.name: genre.label for genre in ORIGINAL_GENRES}.get(name, name.replace("_", " ").title())


def percent(probability: float) -> str:
    """Give a probability as people read it."""
    return "< 0.1 %" if 0.0 < probability < 0.0005 else f"{probability * 100:.1f} %"  # noqa: PLR2004 - else 0.0


def choice_count(number: float) -> str:
    """Give an effective number of choices as people read it."""
    return f"{number:,.0f}" if number >= 9.95 else f"{number:.1f}"  # noqa: PLR2004 - two digits are enough


def option_value(option: str, value: float) -> str:
    """Give an option's value as people type it, or ``off`` where it changes nothing."""
    idle = {"repetition_penalty": 1.0, "temperature": 1.0, "top_k": 0, "top_p": 1.0}
    return _OFF if value == idle.get(option) else f"{value:g}"


def _columns(told: NextTokens) -> list[_Column]:
    width = (WIDTH - 2 * _MARGIN - _LABELS - _GAP * len(told.stages)) / (len(told.stages) + 1)

    def column(place: int, title: tuple[str, str], value: str, tokens: int, choices: float) -> _Column:
        colour = _LAST if place == len(told.stages) else _COLOURS.get(value, _STEP)
        left = _MARGIN + _LABELS + place * (width + _GAP)
        return _Column(title=title, value=value, colour=colour, tokens=tokens, choices=choices, left=left, width=width)

    stages = [
        column(
            place,
            _TITLES.get(stage.option, ("", stage.option)),
            "the best" if stage.option == "do_sample" else option_value(stage.option, stage.value),
            stage.tokens,
            stage.choices,
        )
        for place, stage in enumerate(told.stages, start=1)
    ]
    return [column(0, ("the model", "by itself"), _SOFTMAX, told.vocabulary, told.choices), *stages]


def _draw_title(canvas: Canvas, exploration: Exploration) -> None:
    canvas.text(_MARGIN, 48, "What comes next?", size=44, colour=_INK, bold=True)
    canvas.text(WIDTH - _MARGIN, 48, genre_label(exploration.genre), size=32, colour=_QUIET, side="right")
    prompt = f"{_end_of(exploration.prompt)} ▁▁▁".lstrip()
    canvas.fitted_text(_MARGIN, 108, prompt, width=WIDTH - 2 * _MARGIN, size=36, colour=_LAST)


def _end_of(prompt: str) -> str:
    """Give the end of a prompt in one line, from the beginning of a word where that is near."""
    line = " ".join(prompt.split())
    if len(line) <= _PROMPT_LETTERS:
        return line
    end = line[-_PROMPT_LETTERS:]
    return "…" + (end.partition(" ")[2] if " " in end[: _PROMPT_LETTERS // 2] else end)


def _draw_headers(canvas: Canvas, columns: Sequence[_Column]) -> None:
    for column in columns:
        for y, words in zip((_TOP + 14, _TOP + 41), column.title, strict=True):
            canvas.text(column.left, y, words, size=23, colour=_QUIET)
        colour = _FAINT if column.value == _OFF else column.colour
        size = 28 if column.value == _SOFTMAX else 34
        canvas.text(column.left, _TOP + 78, column.value, size=size, colour=colour, bold=True)


def _draw_token(canvas: Canvas, y: float, token: TokenOdds) -> None:
    is_cut = token.after[-1] == 0.0
    colour, text = _FAINT if is_cut else _INK, visible(token.text)
    width = canvas.fitted_text(_MARGIN, y + 27, text, width=_LABELS - 14, size=34, colour=colour)
    if is_cut:
        canvas.box(_MARGIN, y + 27, width, 2, colour)
    rank = "never written" if token.rank is None else f"#{token.rank:,}"
    canvas.text(_MARGIN, y + 59, f"{rank} · logit {token.logit:.1f}", size=21, colour=_FAINT)


def _draw_cells(
    canvas: Canvas, y: float, columns: Sequence[_Column], probabilities: Sequence[float], greatest: float
) -> None:
    before = 0.0
    for column, probability in zip(columns, probabilities, strict=True):
        was, long = column.width * before / greatest, column.width * probability / greatest
        canvas.box(column.left, y + 46, was, _BAR, _GHOST)
        if probability:
            canvas.box(column.left, y + 46, max(2.0, long), _BAR, column.colour)
            canvas.text(column.left, y + 25, percent(probability), size=29, colour=_INK)
        elif before:
            canvas.text(column.left, y + 25, "cut off", size=27, colour=_FAINT)
        if 0.0 < was < long - 2:
            canvas.box(column.left + was, y + 46, 2, _BAR, _BACKGROUND)  # a notch where it was before
        before = probability


def _draw_others(canvas: Canvas, y: float, columns: Sequence[_Column], probabilities: Sequence[float]) -> None:
    canvas.text(_MARGIN, y + _ROW / 2, "all others", size=30, colour=_QUIET)
    for column, probability in zip(columns, probabilities, strict=True):
        canvas.text(column.left, y + _ROW / 2, percent(probability), size=29, colour=_QUIET)


def _draw_sums(canvas: Canvas, y: float, columns: Sequence[_Column]) -> None:
    canvas.box(_MARGIN, y, WIDTH - 2 * _MARGIN, 3, _GHOST)
    canvas.text(_MARGIN, y + 38, "tokens left", size=30, colour=_QUIET)
    canvas.text(_MARGIN, y + 79, "as open as a", size=24, colour=_QUIET)
    canvas.text(_MARGIN, y + 106, "draw among", size=24, colour=_QUIET)
    for column in columns:
        canvas.text(column.left, y + 38, f"{column.tokens:,}", size=30, colour=column.colour)
        canvas.text(column.left, y + 92, choice_count(column.choices), size=34, colour=column.colour, bold=True)
    note = "␣ is a space · grey and notches: before this option"
    canvas.text(_MARGIN, y + 139, note, size=21, colour=_FAINT)
