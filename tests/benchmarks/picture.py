"""The report as a picture: tokens a second over the number of stories, one panel a model and kind of options."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_COLOURS = {
    "storybot": "#2b6cb0",
    "ctranslate2": "#dd8452",
    "pipeline": "#8a8a8a",
    "generate": "#55a868",
    "continuous": "#8172b3",
    "llamacpp": "#937860",
}
_INCH = 110  # dots


def draw(report: Mapping[str, Any], path: Path) -> None:
    """Draw the report into a PNG file, without a display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    models = report["models"]
    figure = Figure(figsize=(11.0, 4.2 * len(models)), dpi=_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(models), 2, squeeze=False, sharey="row")
    for line, model in zip(panels, models, strict=True):
        for axes, options in zip(line, ("same", "mixed"), strict=True):
            _paint(axes, model, options)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})


def _paint(axes: Any, model: Mapping[str, Any], options: str) -> None:
    for each in model["contestants"]:
        engine = each["name"].partition(":")[0]
        measured = model["figures"][each["name"]]
        places = [stories for stories in model["stories"] if measured.get(f"{stories} {options}")]
        if not places:
            continue
        speeds = [measured[f"{stories} {options}"]["speed"] for stories in places]
        medians = [speed["median"] for speed in speeds]
        low = [speed["median"] - speed["least"] for speed in speeds]
        high = [speed["most"] - speed["median"] for speed in speeds]
        dashed = "--" if ":" in each["name"] else "-"
        colour = _COLOURS.get(engine, "#000000")
        axes.errorbar(places, medians, [low, high], label=each["name"], color=colour, ls=dashed, marker="o", ms=4)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(model["stories"], [str(stories) for stories in model["stories"]])
    axes.set_xlabel("stories at once")
    axes.set_ylabel("tokens a second, all stories")
    axes.set_title(f"{model['title']}, {'the same options' if options == 'same' else 'mixed options'}", loc="left")
    axes.grid(visible=True, which="both", alpha=0.2)
    if axes.containers:
        axes.legend(frameon=False, fontsize=8)
