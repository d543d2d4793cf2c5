"""The figures that decide whether a checkpoint is good enough, each with its bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.evaluate.material import CUT, GENERATED, TEST

FEW = 0.02
"""At most this share of stories may be loops, and of words invented."""
MOST = 0.9
"""At least this share of stories ends with a whole sentence, as the bot shows them."""
_NONE_TOLD = "no stories were told without a prompt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure with its bar."""

    figure: str
    value: str
    bar: str
    met: bool | None
    """None where it was not measured."""


def summary(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the lines for a report whose sections are there."""
    lines = (_against_ngram, _shuffling, _adherence, _loops, _invented, _endings, _copying)
    return [asdict(line(report)) for line in lines]


def _against_ngram(report: Mapping[str, Any]) -> Line:
    value, ngram = report["overall"]["bits_per_byte"], report["ngram"]
    if "not_measured" in ngram:
        return _unmeasured("bits per byte", f"{value:.4f}; no n-gram model: {ngram['not_measured']}")
    best = min(ngram["overall"], ngram["learning_on"])
    return Line(
        figure="bits per byte", value=f"{value:.4f}", bar=f"below {best:.4f} ({ngram['model']})", met=value < best
    )


def _shuffling(report: Mapping[str, Any]) -> Line:
    name, section = "shuffled genres cost, bits per byte", report["shuffled_genres"]
    if "not_measured" in section:
        return _unmeasured(name, section["not_measured"])
    low, high = section["interval"]
    value = f"{section['cost']:+.4f} ({low:+.4f} to {high:+.4f})"
    return Line(figure=name, value=value, bar="above 0, with its interval", met=low > 0)


def _adherence(report: Mapping[str, Any]) -> Line:
    name, section = "genre adherence", report["adherence"]
    groups = section.get("groups", {})
    if GENERATED not in groups or TEST not in groups:
        return _unmeasured(name, section.get("not_measured", "no stories to judge"))
    value, human = groups[GENERATED]["balanced_accuracy"], groups[TEST]["balanced_accuracy"]
    return Line(figure=name, value=f"{value:.1%}", bar=f"at least {human:.1%} ({TEST})", met=value >= human)


def _loops(report: Mapping[str, Any]) -> Line:
    return _few("loops", report["loops"], "loops")


def _invented(report: Mapping[str, Any]) -> Line:
    return _few("invented words", report["invented"], "invented")


def _endings(report: Mapping[str, Any]) -> Line:
    name, section = "end with a whole sentence, as shown", report["endings"]
    groups = section.get("groups", {})
    if GENERATED not in groups:
        return _unmeasured(name, section.get("not_measured", _NONE_TOLD))
    value = groups[GENERATED]["whole_sentence_as_shown"]
    return Line(figure=name, value=f"{value:.1%}", bar=f"at least {MOST:.0%}", met=value >= MOST)


def _copying(report: Mapping[str, Any]) -> Line:
    name, section = "copied runs of 8 words", report["copying"]
    groups = section.get("groups", {})
    if GENERATED not in groups or TEST + CUT not in groups:
        return _unmeasured(name, section.get("not_measured", "no stories to compare"))
    value, human = (groups[group]["runs_found_mean"] for group in (GENERATED, TEST + CUT))
    return Line(figure=name, value=f"{value:.3%}", bar=f"at most {human:.3%} ({TEST + CUT})", met=value <= human)


def _few(name: str, section: Mapping[str, Any], key: str) -> Line:
    groups = section.get("groups", {})
    if GENERATED not in groups:
        return _unmeasured(name, section.get("not_measured", _NONE_TOLD))
    value = groups[GENERATED][key]
    return Line(figure=name, value=f"{value:.2%}", bar=f"under {FEW:.0%}", met=value < FEW)


def _unmeasured(name: str, reason: str) -> Line:
    return Line(figure=name, value=f"not measured: {reason}", bar="", met=None)
