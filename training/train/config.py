"""What a training run is made of, read from TOML. Every field is explained by the sentence under it."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from training.errors import TrainingError
from training.train.config_reading import construct

Count = Annotated[int, Gt(0)]
CountOrNone = Annotated[int, Ge(0)]
Share = Annotated[float, Ge(0), Le(1)]
Positive = Annotated[float, Gt(0)]
NotNegative = Annotated[float, Ge(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One part of the run with its own mixture of sources."""

    name: str
    """Shown in the log."""
    block: Count
    """Length in tokens of the packed sequences; no more than the model's positions."""
    sources: Mapping[str, Positive]
    """How often each source is passed through; 0.5 takes a random half of its pieces, 2 takes all twice."""
    late_starts: Mapping[str, Share] = dataclasses.field(default_factory=dict)
    """Share of a source's texts that are cut to begin at a sentence in the middle, so that continuing is learnt."""
    titled: Mapping[str, Share] = dataclasses.field(default_factory=dict)
    """Share of a source's texts that have their title before them, and as many that have it after them."""
    balance: Share = 0.0
    """How far rare genres are made up for: 0 takes the texts as they are, 1 takes as many words of every genre."""
    batches: Count | None = None
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
    seed: CountOrNone = 0
    """Decides the weights at the start and the order of the examples."""

    vocabulary: Count = 6144
    """Tokens of the tokenizer; not used with a base."""
    tokenizer_sources: Mapping[str, Count] = dataclasses.field(default_factory=dict)
    """Sources that the tokenizer is learnt from and how often each counts; not used with a base."""
    positions: Count = 512
    """Longest input of the model in tokens; not used with a base."""
    embedding: Count = 256
    """Width of the model; not used with a base."""
    layers: Count = 6
    """Number of transformer blocks; not used with a base."""
    heads: Count = 4
    """Attention heads; must divide the width; not used with a base."""
    dropout: Share = 0.0
    """Share of activations that are left out while training; helps where texts are read often; not used with a base."""

    lora_rank: CountOrNone = 0
    """Rank of the low-rank matrices that are trained in place of the weights; 0 trains the weights. Needs a base."""
    lora_alpha: Positive = 32.0
    """The low-rank matrices count ``lora_alpha / lora_rank`` times."""
    lora_targets: tuple[str, ...] = ("c_attn", "c_proj", "c_fc")
    """Matrices of each block that get them; GPT-2 calls its four ``c_attn``, ``c_proj`` (twice) and ``c_fc``."""

    batch_tokens: Count = 8192
    """Tokens for one optimizer step."""
    micro_batch_tokens: Count = 8192
    """Tokens that are computed at once; smaller needs less memory. Must divide batch_tokens."""
    optimizer: Literal["muon", "adamw"] = "muon"
    """``muon`` (orthogonalised steps for matrices, AdamW for the rest) or ``adamw``."""
    learning_rate: Positive = 3e-3
    """Highest learning rate."""
    weight_decay: NotNegative = 0.05
    """Decoupled weight decay of the matrices."""
    warmup_steps: CountOrNone = 50
    """Steps at the beginning in which the learning rate rises."""
    decay: Share = 0.4
    """Share of the steps, at the end, in which the learning rate falls to nothing."""
    clip: Positive = 1.0
    """Longest gradient norm."""

    bf16: bool = True
    """Compute in bfloat16 (weights stay in float32). Pays on a GPU and on processors with avx512_bf16 or amx."""
    threads: Count = 1
    """Processor threads for torch."""
    gradient_checkpointing: bool = False
    """Compute activations a second time in place of keeping them: much less memory, a third more time."""
    torch_compile: bool = False
    """Compile the model first (a minute or two). Pays in long runs on a GPU; needs a C++ compiler."""
    tf32: bool = False
    """Let a GPU round float32 products to TF32, where bf16 does not do so already."""
    loader_workers: CountOrNone = 0
    """Processes that lay out batches ahead; a fast GPU waits without. The order stays the same."""

    log_steps: Count = 20
    """A line of the loss log every so many steps."""
    save_steps: Count = 100
    """A state to resume from every so many steps."""
    evaluate_steps: Count = 200
    """Loss on the validation split every so many steps."""
    evaluate_sources: tuple[str, ...] = ()
    """Sources whose validation split is measured while training."""
    sample_steps: CountOrNone = 0
    """A story of every genre into ``samples/`` every so many steps, with the same seeds each time; 0 writes none."""
    sample_tokens: Count = 150
    """Longest of these stories in tokens."""
    max_shard_size: str = "15MB"
    """Largest file of weights in the checkpoint, as transformers writes it. A single matrix is never divided."""


def read_config(path: Path) -> TrainingConfig:
    """Read a configuration. Raises TrainingError for a missing file, an unknown field or a value that does not fit."""
    try:
        fields = {"stages": [], **tomllib.loads(path.read_text(encoding="utf-8"))}
        config = construct(TrainingConfig, fields, parts={"stages": Stage})
    except OSError as error:
        raise TrainingError(f"The configuration {path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise TrainingError(f"The configuration {path} is not valid: {error}.") from error
    for sentence in _problems(config):
        raise TrainingError(f"The configuration {path} is not valid: {sentence}.")
    return config


def _problems(config: TrainingConfig) -> list[str]:
    """Give what does not fit together, the first the gravest."""
    problems = (
        (not config.stages, "it has no [[stages]]"),
        (not config.base and not config.tokenizer_sources, "without a base it needs tokenizer_sources"),
        (any(stage.block > config.positions for stage in config.stages), "a stage's block is longer than positions"),
        (config.embedding % config.heads != 0, "heads does not divide embedding"),
        (config.batch_tokens % config.micro_batch_tokens != 0, "micro_batch_tokens does not divide batch_tokens"),
        (any(config.micro_batch_tokens % s.block != 0 for s in config.stages), "a block does not divide the batch"),
        (bool(config.lora_rank) and not config.base, "lora_rank needs a base"),
        (bool(config.lora_rank) and not config.lora_targets, "lora_rank needs lora_targets"),
        (re.fullmatch(r"[1-9][0-9]*[KMG]B", config.max_shard_size) is None, "max_shard_size must be like 15MB"),
    )
    return [sentence for wrong, sentence in problems if wrong]
