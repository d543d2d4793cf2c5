"""The figures of a report, as a table for people and as the hub's ``model-index`` for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

NOT_MEASURED = "No report was given with this card; `storytrain evaluate` makes one."

_METRICS = (("bits_per_byte", "bits per byte of text"), ("perplexity", "perplexity per token"))
_OF_STORIES = (
    ("genre_adherence", "genre adherence, balanced accuracy", "adherence", "balanced_accuracy"),
    ("loops", "share of stories that are loops", "loops", "loops"),
    ("invented_words", "share of words invented", "invented", "invented"),
    ("whole_sentence", "share that ends with a whole sentence, as shown", "endings", "whole_sentence_as_shown"),
    ("copied_runs", "share of runs of 8 words found in the training text", "copying", "runs_found_mean"),
)
"""Of the stories that the checkpoint told: metric, what people read, section of the report, key in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number."""

    metric: str
    """Its key in the report, which is also the hub's type of metric."""
    name: str
    """What people read."""
    value: float
    stories: str
    """The file that it was measured on."""


def figures(report: Mapping[str, Any]) -> list[Figure]:
    """Give the numbers over all stories; none where the report has none."""
    overall, stories = report.get("overall", {}), str(report.get("stories", "test stories"))
    found = [(metric, name, overall.get(metric), stories) for metric, name in _METRICS]
    for metric, name, section, key in _OF_STORIES:
        told = report.get(section, {}).get("groups", {}).get("generated", {})
        found.append((metric, name, told.get(key), "stories told without a prompt"))
    return [
        Figure(metric=metric, name=name, value=float(value), stories=where)
        for metric, name, value, where in found
        if isinstance(value, int | float)
    ]


def figure_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Give tables of what was measured and of each genre, or a sentence where nothing was."""
    if not figures(report):
        yield NOT_MEASURED
        return
    yield f"Measured by `storytrain evaluate` on {report.get('stories', 'test stories')}:"
    yield ""
    yield "| genre | stories | " + " | ".join(name for _, name in _METRICS) + " |"
    yield "|---|---|" + "---|" * len(_METRICS)
    yield _row("**all**", report.get("overall", {}))
    for genre, line in report.get("by_genre", {}).items():
        yield _row(genre, line)
    yield ""
    yield (
        "Perplexities of models with different tokenizers can't be compared; bits per byte can. "
        "Long stories are measured whole, in windows."
    )
    if report.get("summary"):
        yield ""
        yield from _summary(report["summary"])


def _summary(lines: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Give each figure beside what it is held against."""
    yield "| figure | value | held against | met |"
    yield "|---|---|---|---|"
    for line in lines:
        met = {True: "yes", False: "no"}.get(line["met"], "not measured")
        yield f"| {line['figure']} | {line['value']} | {line['bar']} | {met} |"


def eval_results(report: Mapping[str, Any]) -> list[EvalResult]:
    """Give the numbers over all stories as the hub's evaluation results."""
    from huggingface_hub import EvalResult

    return [
        EvalResult(
            task_type="text-generation",
            dataset_type=figure.stories,
            dataset_name=figure.stories,
            metric_type=figure.metric,
            metric_name=figure.name,
            metric_value=figure.value,
        )
        for figure in figures(report)
    ]


def _row(name: str, line: Mapping[str, Any]) -> str:
    numbers = (line.get(metric) for metric, _ in _METRICS)
    cells = [str(line.get("stories", "")), *("" if number is None else f"{number:.3f}" for number in numbers)]
    return f"| {name} | {' | '.join(cells)} |"
