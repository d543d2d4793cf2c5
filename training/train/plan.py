"""What a run is going to do, before it does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from training.train.memory import estimated_bytes

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel

    from training.train.config import TrainingConfig
    from training.train.dataset import Batches

_GIGABYTE = 1e9


@dataclass(frozen=True, slots=True)
class StageStart:
    """Where a stage begins."""

    name: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The size of a run."""

    steps: int
    """Steps of the optimizer."""
    tokens: int
    """Tokens that are computed, padding included."""
    weights: int
    """Weights of the model."""
    trained_weights: int
    """Those of them, or beside them, that change."""
    memory_bytes: int
    """Estimate for each device; see ``memory.estimated_bytes``."""

    @classmethod
    def of(cls, config: TrainingConfig, model: GPT2LMHeadModel, batches: int, *, attention: str) -> Self:
        """Count what training ``model`` on so many micro-batches takes."""
        return cls(
            steps=-(-batches * config.micro_batch_tokens // config.batch_tokens),
            tokens=batches * config.micro_batch_tokens,
            weights=model.num_parameters(),
            trained_weights=sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
            memory_bytes=estimated_bytes(model, config, attention=attention),
        )

    def in_words(self) -> str:
        """Give it as a line for the log."""
        part = "" if self.trained_weights == self.weights else f", of which {self.trained_weights:,} are trained"
        return (
            f"{self.steps:,} steps, {self.tokens:,} tokens, {self.weights:,} weights{part}, "
            f"about {self.memory_bytes / _GIGABYTE:.1f} GB of memory"
        )


def stage_starts(config: TrainingConfig, batches: Batches) -> list[StageStart]:
    """Give the step at which each stage begins, for the picture."""
    accumulated = config.batch_tokens // config.micro_batch_tokens
    named = zip(config.stages, batches.stage_starts, strict=True)
    return [StageStart(stage.name, start // accumulated) for stage, start in named]
