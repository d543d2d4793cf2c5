"""The report as Markdown: one table for speed, one for times, one for memory and limits, and the reasons for gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Model = Mapping[str, Any]
_SPEED_TEXT = (
    "Tokens a second of all stories together: median of the rounds (least-most), "
    "and times the pipeline's speed in the same round."
)
_TIME_TEXT = (
    "Seconds from asking until the first words; until a story's end (half of the stories / 95 of 100). All stories "
    "come at the same moment. Where an engine writes one after the other, the later stories' times are worked out "
    "from those that were written."
)
_MEMORY_TEXT = (
    "Memory of the process, and how much of what reading the weights would allow one story is reached. Memory's "
    "speed is that of numpy adding up a buffer as large as the weights, before and after the rounds; the better counts."
)
_GAP = "-"


def report_text(report: Mapping[str, Any]) -> str:
    """Give the whole report, without its picture."""
    parts = [_head(report["machine"], report["command"])]
    parts += [model_text(model) for model in report["models"]]
    return "\n\n".join(parts) + "\n"


def _head(machine: Mapping[str, Any], command: str) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items() if number)
    instructions = ", ".join(machine["instructions"]) or "none of those that matter"
    return (
        f"Measured {machine['began']} with `{command}` on {machine['cores']} cores ({machine['processor']}; "
        f"{instructions}), {machine['system']}, Python {machine['python']}, {packages}. "
        f"Load before the run: {machine['load_before']:.2f}."
    )


def model_text(model: Model) -> str:
    """Give the tables of one model."""
    parts = [
        f"### {model['title']}, {model['tokens']} tokens a story",
        _SPEED_TEXT,
        _speed_table(model, "same"),
        "The same with options of its own for every story:",
        _speed_table(model, "mixed"),
        _TIME_TEXT,
        _time_table(model),
        _MEMORY_TEXT,
        _memory_table(model),
        _delay_text(model["delay"]),
        _gaps_text(model),
    ]
    return "\n\n".join(part for part in parts if part)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _speed_table(model: Model, options: str) -> str:
    keys = [f"{stories} {options}" for stories in model["stories"]]
    rows = [
        [each["about"], *(speed_cell(model["figures"][each["name"]].get(key)) for key in keys)]
        for each in model["contestants"]
        if options == "same" or any(model["figures"][each["name"]].get(key) for key in keys)
    ]
    return table(["engine", *(_stories(stories) for stories in model["stories"])], rows)


def speed_cell(figures: Mapping[str, Any] | None) -> str:
    """Give ``123 (110-130) x3.5`` for what was measured."""
    if figures is None:
        return _GAP
    speed, ratio = figures["speed"], figures["ratio"]
    spread = f" ({speed['least']:.0f}-{speed['most']:.0f})" if figures["runs"] > 1 else " (once)"
    times = f" x{ratio['median']:.1f}" if ratio else ""
    return f"{speed['median']:.0f}{spread}{times}"


def _time_table(model: Model) -> str:
    rows = []
    for each in model["contestants"]:
        for options in ("same", "mixed"):
            cells = [
                time_cell(model["figures"][each["name"]].get(f"{stories} {options}")) for stories in model["stories"]
            ]
            if any(cell != _GAP for cell in cells):
                rows.append([f"{each['name']}, {options} options", *cells])
    return table(["engine", *(_stories(stories) for stories in model["stories"])], rows)


def time_cell(figures: Mapping[str, Any] | None) -> str:
    """Give ``0.12; 1.5 / 1.6``: first words; half of the stories / 95 of 100."""
    if figures is None:
        return _GAP
    return f"{figures['first_words']:.2f}; {figures['p50']:.1f} / {figures['p95']:.1f}"


def _memory_table(model: Model) -> str:
    head = ["engine", "after 1 story, MB", f"after {max(model['stories'])}, MB", "most, MB", "reads memory at, GB/s"]
    rows = []
    for each in model["contestants"]:
        figures = model["figures"][each["name"]]
        ends = [figures.get(f"{stories} same") for stories in (min(model["stories"]), max(model["stories"]))]
        cells = [f"{end['resident_mb']:.0f}" if end else _GAP for end in ends]
        rows.append([each["name"], *cells, *_limit_cells(each, ends[0])])
    return table([*head, "would allow, tokens/s", "reached"], rows)


def _limit_cells(each: Mapping[str, Any], alone: Mapping[str, Any] | None) -> list[str]:
    share = alone["bandwidth_share"] if alone else None
    return [
        f"{each['peak_mb']:.0f}" if each["peak_mb"] else _GAP,
        f"{each['bytes_per_second'] / 1e9:.1f}" if each["bytes_per_second"] else _GAP,
        f"{each['limit']:.0f}" if each["limit"] else _GAP,
        f"{share:.0%}" if share is not None else _GAP,
    ]


def _delay_text(delay: Mapping[str, Any]) -> str:
    if "trouble" in delay:
        return f"Event loop: not measured, {delay['trouble']}."
    head = ["event loop's delay, ms", "p50", "p99", "most", "ticks"]
    names = {"writing": f"{delay['stories']} stories run", "loading": "and another worker's model loads"}
    rows = [
        [text, *(f"{delay[name][percent]:.1f}" for percent in ("p50", "p99", "max")), str(delay[name]["ticks"])]
        for name, text in names.items()
    ]
    return table(head, rows)


def _gaps_text(model: Model) -> str:
    """Say why there is no figure, each reason once for all cases that it holds for."""
    lines = []
    for setup, troubles in model["troubles"].items():
        reasons: dict[str, list[str]] = {}
        for key, reason in troubles.items():
            reasons.setdefault(reason, []).append(key)
        lines += [f"- {setup} ({', '.join(keys)}): {reason}." for reason, keys in reasons.items()]
    lines += [f"- Not repeated, for time: {'; '.join(model['left_out'])}."] if model["left_out"] else []
    return "\n".join(["What is missing, and why:", "", *lines]) if lines else ""


def _stories(number: int) -> str:
    return "1 story" if number == 1 else f"{number} stories"
