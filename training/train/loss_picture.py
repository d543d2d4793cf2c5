"""The loss curve as a picture, drawn anew from the loss log at every save."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from training.train.loss_log import read_losses
from training.train.plan import StageStart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TRAINING = "training"
# Okabe and Ito 2008: colours that people who see fewer colours can tell apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_QUIET, _FAINT, _INK = "#9AA5B1", "#E4E7EB", "#323F4B"
_GAP = 0.035  # of the height, between two labels at the right edge


class LossPicture(TrainerCallback):
    """Draws the picture at every save and at the end. On the first process only."""

    def __init__(self, run: Path, title: str, stages: Sequence[StageStart]) -> None:
        self._run = run
        self._title = title
        self._stages = stages

    def on_save(
        self,
        args: TrainingArguments,  # noqa: ARG002  # Trainer gives it by name
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002  # likewise
        **_: object,
    ) -> None:
        """Draw; Trainer calls this."""
        self._draw(state)

    def on_train_end(
        self,
        args: TrainingArguments,  # noqa: ARG002  # Trainer gives it by name
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002  # likewise
        **_: object,
    ) -> None:
        """Draw; Trainer calls this."""
        self._draw(state)

    def _draw(self, state: TrainerState) -> None:
        if state.is_world_process_zero:
            draw_losses(self._run / "loss.jsonl", self._run / "loss.png", title=self._title, stages=self._stages)


def draw_losses(log: Path, picture: Path, *, title: str, stages: Sequence[StageStart] = ()) -> None:
    """Draw training and validation loss in nats a token over the steps; a log without a loss gives no picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    curves = read_losses(log)
    if not curves:
        return
    figure = Figure(figsize=(10, 5.6), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    names = _in_order(curves)
    for name, colour in zip(names, _colours(len(names)), strict=True):
        _draw_curve(axes, name, curves[name], colour)
    _mark_stages(axes, stages)
    _dress(axes, title)
    _name_curves(axes, [(name, curves[name][-1][1]) for name in names], _colours(len(names)))
    part = picture.with_suffix(".part.png")
    figure.savefig(part)
    part.replace(picture)  # somebody may be looking at it


def _in_order(curves: dict[str, Any]) -> list[str]:
    return sorted(curves, key=lambda name: (name != _TRAINING, name))


def _colours(count: int) -> list[str]:
    return [_COLOURS[number % len(_COLOURS)] for number in range(count)]


def _draw_curve(axes: Axes, name: str, points: list[tuple[int, float]], colour: str) -> None:
    steps, losses = zip(*points, strict=True)
    if name == _TRAINING:
        axes.plot(steps, losses, color=colour, linewidth=1.8)
    else:
        axes.plot(
            steps, losses, color=colour, linewidth=1.6, marker="o", markersize=5, markeredgecolor="white", clip_on=False
        )


def _mark_stages(axes: Axes, stages: Sequence[StageStart]) -> None:
    last = axes.get_xlim()[1]
    for number, stage in enumerate(stages):
        if stage.step > last:
            break
        if number:
            axes.axvline(stage.step, color=_QUIET, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        axes.annotate(
            stage.name,
            (stage.step, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4 + 13 * (number % 2)),  # neighbours on two lines: short stages stand close together
            textcoords="offset points",
            va="bottom",
            color=_INK,
            fontsize=9,
            fontstyle="italic",
        )


def _dress(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=13, fontweight="bold", color=_INK, pad=38)
    axes.set_xlabel("step", color=_INK)
    axes.set_ylabel("loss, nats a token", color=_INK)
    axes.set_xlim(0, axes.dataLim.x1)
    axes.grid(axis="y", color=_FAINT, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_INK, length=0)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(_QUIET)


def _name_curves(axes: Axes, ends: Sequence[tuple[str, float]], colours: Sequence[str]) -> None:
    """Write each curve's name and last value beside its end, apart from one another."""
    low, high = axes.get_ylim()
    least, last = (high - low) * _GAP * 1.3, float("-inf")
    for (name, loss), colour in sorted(zip(ends, colours, strict=True), key=lambda end: end[0][1]):
        place = max(loss, last + least)
        last = place
        shown = name.replace("_", " ")
        label = f"{shown if name == _TRAINING else f'validation: {shown}'} {loss:.2f}"
        axes.annotate(
            label,
            (1.01, place),
            xycoords=("axes fraction", "data"),
            va="center",
            color=colour,
            fontsize=10,
            annotation_clip=False,
        )
