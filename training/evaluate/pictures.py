"""The pictures beside a report. Drawn without a display; a picture whose section was not measured is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from training.evaluate.material import CUT, GENERATED, TEST

Report = Mapping[str, Any]

_OURS, _HUMAN, _OTHER = "#2b6cb0", "#8a8a8a", "#dd8452"
_INCH = 110  # dots


def draw_pictures(out: Path, report: Report) -> None:
    """Draw those pictures for which ``report`` has figures, as PNG files into ``out``."""
    _draw(out / "bits_per_byte.png", (8.0, 4.0), lambda figure: _bits(figure, report))
    if groups := report["adherence"].get("groups"):
        shown = [name for name in (GENERATED, TEST) if name in groups]
        size = (1.5 + 4.2 * len(shown), 4.4)
        _draw(out / "confusion.png", size, lambda figure: _confusions(figure, report["adherence"], shown))
    if groups := report["endings"].get("groups"):
        _draw(out / "lengths.png", (8.0, 3.6), lambda figure: _lengths(figure, groups))
    if groups := report["copying"].get("groups"):
        _draw(out / "copying.png", (8.0, 3.6), lambda figure: _runs(figure, groups))


def _draw(path: Path, size: tuple[float, float], paint: Callable[[Any], None]) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    paint(figure)
    figure.savefig(path, metadata={"Software": None})


def _bits(figure: Any, report: Report) -> None:  # noqa: ANN401 - matplotlib is imported on use
    axes = figure.add_subplot()
    genres = [*report["by_genre"], "all"]
    lines = [("this checkpoint", _OURS, {**_bits_of(report["by_genre"]), "all": report["overall"]["bits_per_byte"]})]
    if (shuffled := report["shuffled_genres"]) and "overall" in shuffled:
        values = {**_bits_of(shuffled["by_genre"]), "all": shuffled["overall"]["bits_per_byte"]}
        lines.append(("shuffled genres", _OTHER, values))
    if (ngram := report["ngram"]) and "overall" in ngram:
        lines.append((ngram["model"], _HUMAN, {**ngram["by_genre"], "all": ngram["overall"]}))
    width = 0.8 / len(lines)
    for number, (name, colour, values) in enumerate(lines):
        places = [place + (number - (len(lines) - 1) / 2) * width for place in range(len(genres))]
        axes.bar(places, [values[genre] for genre in genres], width, label=name, color=colour)
    least = min(value for _, _, values in lines for value in values.values())
    axes.set_ylim(bottom=max(0.0, least - 0.3))
    axes.set_xticks(range(len(genres)), genres)
    axes.set_ylabel("bits per byte (axis is cut)")
    axes.set_title("Prediction of the test stories: less is better", loc="left")
    axes.legend(ncols=len(lines), frameon=False, loc="upper left")
    axes.margins(y=0.2)


def _confusions(figure: Any, section: Report, shown: list[str]) -> None:  # noqa: ANN401
    for number, name in enumerate(shown, start=1):
        group = section["groups"][name]
        title = f"{name}: {group['balanced_accuracy']:.0%}"
        _confusion(figure.add_subplot(1, len(shown), number), group["confusion"], section["genres"], title)


def _confusion(axes: Any, table: Report, genres: list[str], title: str) -> None:  # noqa: ANN401
    rows = [genre for genre in genres if genre in table]
    shares = [[table[true].get(guess, 0) / sum(table[true].values()) for guess in genres] for true in rows]
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    for row, true in enumerate(rows):
        for column, guess in enumerate(genres):
            colour = "white" if shares[row][column] > 0.5 else "black"  # noqa: PLR2004 - half of the scale
            axes.text(column, row, str(table[true].get(guess, 0)), ha="center", va="center", color=colour)
    axes.set_xticks(range(len(genres)), genres, rotation=40, ha="right")
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel("guessed")
    axes.set_ylabel("asked for" if GENERATED in title else "labelled")
    axes.set_title(title, loc="left")


def _lengths(figure: Any, groups: Report) -> None:  # noqa: ANN401
    axes = figure.add_subplot()
    names = list(groups)
    for place, name in enumerate(names):
        for shift, key, colour in ((0.16, "words_as_written", _HUMAN), (-0.16, "words_as_shown", _OURS)):
            spread = groups[name][key]
            axes.plot([spread["p5"], spread["p95"]], [place + shift] * 2, color=colour, linewidth=2)
            axes.plot([spread["p25"], spread["p75"]], [place + shift] * 2, color=colour, linewidth=9, alpha=0.6)
            label = key.replace("_", " ") if place == 0 else None
            axes.plot(spread["p50"], place + shift, "o", color=colour, markersize=8, label=label)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.5, len(names) + 0.1)
    axes.set_xlim(left=0)
    axes.set_xlabel("words: the middle, half of the stories, nine in ten")
    axes.set_title("Lengths of the stories", loc="left")
    axes.legend(frameon=False, loc="upper left", ncols=2)


def _runs(figure: Any, groups: Report) -> None:  # noqa: ANN401
    axes = figure.add_subplot()
    shown = {name: groups[name]["longest_runs"] for name in (TEST + CUT, GENERATED) if name in groups}
    most = max(max(runs) for runs in shown.values())
    for (name, runs), colour in zip(shown.items(), (_HUMAN, _OURS), strict=False):
        heights = [100 * runs.count(length) / len(runs) for length in range(most + 1)]
        axes.step(range(most + 1), heights, where="mid", color=colour, linewidth=2, label=name)
        axes.fill_between(range(most + 1), heights, step="mid", color=colour, alpha=0.25)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("longest run of words that stands in the training texts (0: none of four)")
    axes.set_ylabel("% of the stories")
    axes.set_title("Copying", loc="left")
    axes.legend(frameon=False)


def _bits_of(genres: Report) -> dict[str, float]:
    return {name: line["bits_per_byte"] for name, line in genres.items()}
