"""What a training run is made of, read from TOML. Every field is explained by the sentence under it."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from training.errors import TrainingError

_Config = TypeVar("_Config")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One part of the run with its own mixture of sources."""

    name: str
    """Shown in the log."""
    block: int
    """Length in tokens of the packed sequences; no more than the model's positions."""
    sources: Mapping[str, float]
    """How often each source is passed through; 0.5 takes a random half of its pieces, 2 takes all twice."""
    late_starts: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """Share of a source's texts that are cut to begin at a sentence in the middle, so that continuing is learnt."""
    titled: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """Share of a source's texts that have their title before them, and as many that have it after them."""
    balance: float = 0.0
    """How far rare genres are made up for: 0 takes the texts as they are, 1 takes as many words of every genre."""
    batches: int | None = None
    """Stop the stage after so many micro-batches; without it all are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """A complete run."""

    name: str
    """Name of the checkpoint, shown with every story."""
    stages: tuple[Stage, ...]
    """Trained one after the other under one learning-rate schedule."""
    base: str = ""
    """Folder or hub name of a model to begin with; empty begins with random weights and a tokenizer of its own."""
    licence: str = "CC BY-SA 4.0"
    """Licence of the weights, for story.json and the model card."""
    seed: int = 0
    """Decides the weights at the start and the order of the examples."""

    vocabulary: int = 6144
    """Tokens of the tokenizer; not used with a base."""
    tokenizer_sources: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Sources that the tokenizer is learnt from and how often each counts; not used with a base."""
    positions: int = 512
    """Longest input of the model in tokens; not used with a base."""
    embedding: int = 256
    """Width of the model; not used with a base."""
    layers: int = 6
    """Number of transformer blocks; not used with a base."""
    heads: int = 4
    """Attention heads; must divide the width; not used with a base."""

    batch_tokens: int = 8192
    """Tokens for one optimizer step."""
    micro_batch_tokens: int = 8192
    """Tokens that are computed at once; smaller needs less memory. Must divide batch_tokens."""
    optimizer: str = "muon"
    """``muon`` (orthogonalised steps for matrices, AdamW for the rest) or ``adamw``."""
    learning_rate: float = 3e-3
    """Highest learning rate."""
    weight_decay: float = 0.05
    """Decoupled weight decay of the matrices."""
    warmup_steps: int = 50
    """Steps at the beginning in which the learning rate rises."""
    decay: float = 0.4
    """Share of the steps, at the end, in which the learning rate falls to nothing."""
    clip: float = 1.0
    """Longest gradient norm."""

    bf16: bool = True
    """Compute in bfloat16 (weights stay in float32). Pays on a GPU and on processors with avx512_bf16 or amx."""
    threads: int = 1
    """Processor threads for torch."""
    log_steps: int = 20
    """A line of the loss log every so many steps."""
    save_steps: int = 100
    """A state to resume from every so many steps."""
    evaluate_steps: int = 200
    """Loss on the validation split every so many steps."""
    evaluate_sources: tuple[str, ...] = ()
    """Sources whose validation split is measured while training."""


def read_config(path: Path) -> TrainingConfig:
    """Read a configuration. Raises TrainingError for a missing file, an unknown field or numbers that do not fit."""
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
        stages = tuple(_construct(Stage, stage) for stage in fields.pop("stages", []))
        if "evaluate_sources" in fields:
            fields["evaluate_sources"] = tuple(fields["evaluate_sources"])
        config = _construct(TrainingConfig, {**fields, "stages": stages})
    except OSError as error:
        raise TrainingError(f"The configuration {path} can't be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise TrainingError(f"The configuration {path} is not valid: {error}.") from error
    _check(config, path)
    return config


def _construct(kind: type[_Config], fields: Mapping[str, Any]) -> _Config:
    known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]  # only dataclasses come here
    if unknown := sorted(set(fields) - known):
        raise TypeError(f"there is no field {', '.join(unknown)} in {kind.__name__}")
    return kind(**fields)


def _check(config: TrainingConfig, path: Path) -> None:
    problems = (
        (not config.stages, "it has no [[stages]]"),
        (not config.base and not config.tokenizer_sources, "without a base it needs tokenizer_sources"),
        (any(stage.block > config.positions for stage in config.stages), "a stage's block is longer than positions"),
        (config.embedding % config.heads != 0, "heads does not divide embedding"),
        (config.batch_tokens % config.micro_batch_tokens != 0, "micro_batch_tokens does not divide batch_tokens"),
        (any(config.micro_batch_tokens % s.block != 0 for s in config.stages), "a block does not divide the batch"),
        (config.optimizer not in {"muon", "adamw"}, "optimizer must be muon or adamw"),
    )
    for wrong, sentence in problems:
        if wrong:
            raise TrainingError(f"The configuration {path} is not valid: {sentence}.")
