"""transformers' text-generation pipeline, one story after the other: the original model's own way."""

from __future__ import annotations

import time
from typing import Any

from tests.benchmarks.case import Case, Setup, Telling
from tests.benchmarks.engines.loading import (
    float32_bytes_per_token,
    generate_options,
    model_and_tokenizer,
    noting_first,
)
from tests.benchmarks.workload import Ask, asks


class PipelineEngine:
    """The pipeline."""

    def __init__(self, setup: Setup) -> None:
        import torch
        import transformers

        model, tokenizer = model_and_tokenizer(setup)
        make: Any = transformers.pipeline
        self._pipe: Any = make("text-generation", model=model, tokenizer=tokenizer)
        self._criteria: Any = transformers.StoppingCriteriaList
        self._torch = torch
        self.about = f"transformers pipeline, one after another, float32, {torch.get_num_threads()} threads"
        self.bytes_per_token: int | None = float32_bytes_per_token(model)

    def write(self, case: Case) -> list[Telling]:
        """Write a sample of the stories, one after the other."""
        began = time.perf_counter()
        return [self._tell(ask, began) for ask in asks(case)[: case.sample]]

    def _tell(self, ask: Ask, began: float) -> Telling:
        first: list[float] = []
        criteria = self._criteria(noting_first(lambda: first.append(time.perf_counter() - began)))
        self._torch.manual_seed(ask.seed)
        self._pipe(ask.text, return_full_text=False, stopping_criteria=criteria, **generate_options(ask.options))
        return Telling(first=first[0], last=time.perf_counter() - began, tokens=ask.options.max_new_tokens)


def load(setup: Setup) -> PipelineEngine:
    """Load the model into a pipeline."""
    return PipelineEngine(setup)
