"""MAUVE (Pillutla et al. 2021, arXiv:2102.01454) through ``mauve-text``, where it and its model are at hand."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from storygen.checkpoint import without_progress_bars
from training.evaluate.running_words import first_words

MODEL = "gpt2-large"
"""What the paper's figures use."""
_MOST_TOKENS = 256
_FEWEST_STORIES = 50


def missing(model: str, stories: int) -> str | None:
    """Say why it can't be measured; None where it can. Looks for the model on this machine only."""
    if stories < _FEWEST_STORIES:
        return f"{stories} stories are too few, {_FEWEST_STORIES} are needed"
    if find_spec("mauve") is None:
        return "mauve-text is not installed (pip install mauve-text)"
    try:
        _load(model)
    except (OSError, ValueError) as error:
        return f"its model {model} is not on this machine: {str(error).splitlines()[0]}"
    return None


def measure_mauve(generated: Sequence[str], human: Sequence[str], model: str, seed: int) -> dict[str, Any]:
    """Compare as many generated stories as human ones, which should be cut to the same length: 1 is alike, 0 apart."""
    mauve: Any = import_module("mauve")  # has no types
    count = min(len(generated), len(human))
    outcome = mauve.compute_mauve(
        p_text=[first_words(text, _MOST_TOKENS) for text in human[:count]],
        q_text=[first_words(text, _MOST_TOKENS) for text in generated[:count]],
        featurize_model_name=model,
        max_text_length=_MOST_TOKENS,
        device_id=-1,
        seed=seed,
        verbose=False,
    )
    return {"mauve": round(float(outcome.mauve), 4), "stories": count, "model": model}


def _load(model: str) -> None:
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    AutoConfig.from_pretrained(model, local_files_only=True)  # first, since the others look further for other files
    AutoTokenizer.from_pretrained(model, local_files_only=True)
    with without_progress_bars():
        AutoModel.from_pretrained(model, local_files_only=True)
