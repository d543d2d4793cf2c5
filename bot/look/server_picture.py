"""What was told in a server, as a picture, and the same figures in words for whoever can't see it. On any thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.look.cards import genre_colour, genre_label
from bot.store import ServerFigures
from bot.store.server_figures import DAY
from bot.text import clipped
from storygen.genre import Genre
from storygen.pictures.canvas import Canvas

WIDTH = 1200
SHOWN_GENRES = 7
"""So many have a bar of their own; the rest is one."""
WORDS_LIMIT = 1000
"""Discord takes 1,024 characters in the description of a file."""

_MARGIN = 56
_BACKGROUND, _STRIPE = "#1e1f26", "#282a34"
_INK, _QUIET, _FAINT, _BAR = "#f2f3f5", "#b5bac1", "#80848e", "#7c8cf8"
_CHART_TOP, _CHART_HEIGHT = 220, 230
_GENRE_TOP, _GENRE_ROW = 545, 34
_LABELS = 190

Rows = list[tuple[str, str, int]]


def draw_server(figures: ServerFigures, genres: Sequence[Genre]) -> bytes:
    """Give the picture as a PNG file. Takes some tenths of a second; not on an event loop."""
    rows = _genre_rows(figures, genres)
    canvas = Canvas(WIDTH, _GENRE_TOP + _GENRE_ROW * max(len(rows), 1), _BACKGROUND)
    canvas.text(_MARGIN, 58, "Stories told here", size=42, colour=_INK, bold=True)
    canvas.text(WIDTH - _MARGIN, 60, _span(figures), size=27, colour=_QUIET, side="right")
    _draw_sums(canvas, figures)
    _draw_days(canvas, figures)
    _draw_genres(canvas, rows)
    return canvas.png()


def figures_in_words(figures: ServerFigures, genres: Sequence[Genre]) -> str:
    """Say what the picture shows."""
    busiest = max(figures.by_day, default=0)
    days = [_date(figures.first_day + place) for place, count in enumerate(figures.by_day) if count == busiest]
    told = f"{_counted(figures.stories, 'story', 'stories')} by {_counted(figures.people, 'person', 'people')}"
    parts = [f"{_span(figures)}: {told}."]
    if busiest:
        parts.append(f"Most on {days[0]}: {busiest}; on average {figures.stories / len(figures.by_day):.1f} a day.")
    if rows := _genre_rows(figures, genres):
        parts.append(f"By genre: {', '.join(f'{label} {count}' for label, _, count in rows)}.")
    if figures.median_wait is not None and figures.p95_wait is not None:
        waits = f"half within {_seconds(figures.median_wait)}, 95 of 100 within {_seconds(figures.p95_wait)}"
        parts.append(f"Waiting in the queue: {waits}.")
    return clipped(" ".join(parts), WORDS_LIMIT)


def _draw_sums(canvas: Canvas, figures: ServerFigures) -> None:
    sums = (
        (f"{figures.stories:,}", "story" if figures.stories == 1 else "stories"),
        (f"{figures.people:,}", "person" if figures.people == 1 else "people"),
        (_seconds(figures.median_wait), "half waited no longer"),
        (_seconds(figures.p95_wait), "95 of 100 waited no longer"),
    )
    lefts = (_MARGIN, 280, 480, 800)
    for left, (number, what) in zip(lefts, sums, strict=True):
        canvas.text(left, 122, number, size=38, colour=_BAR, bold=True)
        canvas.text(left, 162, what, size=22, colour=_QUIET)


def _draw_days(canvas: Canvas, figures: ServerFigures) -> None:
    """Draw a bar for each day; its number stands above it where there is room to read."""
    base, most = _CHART_TOP + _CHART_HEIGHT, max(*figures.by_day, 1)
    width = (WIDTH - 2 * _MARGIN) / len(figures.by_day)
    for place, count in enumerate(figures.by_day):
        left, tall = _MARGIN + place * width, _CHART_HEIGHT * count / most
        canvas.box(left + 3, base - _CHART_HEIGHT, width - 6, _CHART_HEIGHT, _STRIPE)
        canvas.box(left + 3, base - tall, width - 6, tall, _BAR)
        if count:
            canvas.text(left + width / 2, base - tall - 13, f"{count:,}", size=17, colour=_INK, side="center")
        if (len(figures.by_day) - 1 - place) % 7 == 0:
            day = _date(figures.first_day + place)
            canvas.text(left + width / 2, base + 22, day, size=19, colour=_QUIET, side="center")
    canvas.text(_MARGIN, base + 52, "stories a day, in UTC", size=19, colour=_FAINT)


def _draw_genres(canvas: Canvas, rows: Rows) -> None:
    most = max((count for _, _, count in rows), default=1)
    room = WIDTH - 2 * _MARGIN - _LABELS - 90
    for place, (label, colour, count) in enumerate(rows):
        y = _GENRE_TOP + place * _GENRE_ROW
        canvas.fitted_text(_MARGIN, y, label, width=_LABELS - 14, size=24, colour=_INK)
        canvas.box(_MARGIN + _LABELS, y - 11, max(room * count / most, 2), 22, colour)
        canvas.text(_MARGIN + _LABELS + room * count / most + 14, y, f"{count:,}", size=22, colour=_QUIET)


def _genre_rows(figures: ServerFigures, genres: Sequence[Genre]) -> Rows:
    """Give label, colour and number of each genre; those for which there is no room together."""
    rows = [(genre_label(name, genres), f"#{genre_colour(name):06x}", count) for name, count in figures.by_genre]
    rest = sum(count for _, _, count in rows[SHOWN_GENRES:])
    return [*rows[:SHOWN_GENRES], ("Others", _FAINT, rest)] if rest else rows


def _span(figures: ServerFigures) -> str:
    last = figures.first_day + len(figures.by_day) - 1
    return f"{_date(figures.first_day)} to {_date(last)}"


def _date(day: int) -> str:
    when = datetime.fromtimestamp(day * DAY, UTC)
    return f"{when.day} {when:%b}"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "none"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:,.0f} s"  # noqa: PLR2004 - two digits are enough


def _counted(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"
