"""Measure a checkpoint in every way that the inputs allow, beside its baselines, and write the report."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar

from storygen.checkpoint import load
from training.evaluate import sections
from training.evaluate.generated import ROWS
from training.evaluate.inputs import Inputs
from training.evaluate.labelled import read_stories
from training.evaluate.material import TEST, Material
from training.evaluate.report import write_report
from training.evaluate.run_facts import Stopwatch, versions
from training.evaluate.summary import summary

FORMAT = 2
"""Of ``report.json``. In 1 there was only what stands under overall and by_genre."""

Found = TypeVar("Found")

log = logging.getLogger(__name__)


def evaluate(inputs: Inputs) -> dict[str, Any]:
    """Measure, and write ``report.json``, ``report.md``, pictures and ``stories.jsonl`` into ``inputs.out``.

    Raises TrainingError for files that can't be used, among them test stories that stand in the training stories,
    and CheckpointError for a checkpoint that can't be loaded.
    """
    import torch

    began = datetime.now(tz=UTC)
    inputs.require_files()
    inputs.require_unseen()
    torch.set_num_threads(inputs.threads)
    material = _material(inputs)
    watch = Stopwatch()
    report = {**_head(material), **_measure(material, watch), "run": _run(material, watch, began)}
    report = {"format": FORMAT, "summary": summary(report), **report}
    write_report(inputs.out, report)
    return report


def _material(inputs: Inputs) -> Material:
    files = {TEST: inputs.stories, **{path.name.split(".jsonl")[0]: path for path in inputs.held_out}}
    human = {name: read_stories(path, inputs.genres) for name, path in files.items()}
    return Material(inputs=inputs, checkpoint=load(inputs.checkpoint, inputs.device), human=human)


def _head(material: Material) -> dict[str, Any]:
    return {
        "checkpoint": material.checkpoint.info.name,
        "weights": material.checkpoint.model.num_parameters(),
        "stories": material.inputs.stories.name,
    }


def _measure(material: Material, watch: Stopwatch) -> dict[str, Any]:
    def part(name: str, measure: Callable[[], Found]) -> Found:
        log.info("%s", name)
        with watch.part(name):
            return measure()

    part("telling stories", lambda: sections.tell_stories(material))
    measured, figures = part("test stories", lambda: sections.prediction(material))
    return {
        **figures,
        "ngram": part("n-gram model", lambda: sections.ngram_baseline(material)),
        "shuffled_genres": part("shuffled genres", lambda: sections.shuffled(material, measured)),
        "beside": part("other checkpoints", lambda: sections.beside(material)),
        "adherence": part("genre adherence", lambda: sections.adherence(material)),
        "endings": part("endings", lambda: sections.endings(material)),
        "loops": part("loops", lambda: sections.loops(material)),
        "invented": part("invented words", lambda: sections.invented(material)),
        "copying": part("copying", lambda: sections.copying(material)),
        "diversity": part("diversity", lambda: sections.diversity(material)),
        "mauve": part("MAUVE", lambda: sections.mauve(material)),
    }


def _run(material: Material, watch: Stopwatch, began: datetime) -> dict[str, Any]:
    return {
        "command": material.inputs.command,
        "began": began.isoformat(timespec="seconds"),
        "seconds": watch.seconds,
        "total_seconds": round((datetime.now(tz=UTC) - began).total_seconds(), 1),
        "options": asdict(sections.sampling_options(material)),
        "rows": ROWS,
        "versions": versions(),
        **material.inputs.as_fields(),
    }
