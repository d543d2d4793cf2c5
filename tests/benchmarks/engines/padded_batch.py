"""``model.generate`` on a padded batch: all stories begin and end together, with one set of options."""

from __future__ import annotations

import time
from typing import Any

from tests.benchmarks.case import Case, Setup, Telling
from tests.benchmarks.engines import CannotDo
from tests.benchmarks.engines.loading import (
    float32_bytes_per_token,
    generate_options,
    model_and_tokenizer,
    noting_first,
)
from tests.benchmarks.workload import asks


class PaddedBatchEngine:
    """One call of ``generate()`` for all stories."""

    def __init__(self, setup: Setup) -> None:
        import torch
        from transformers import StoppingCriteriaList

        self._model, tokenizer = model_and_tokenizer(setup)
        tokenizer.padding_side = "left"
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)
        self._tokenizer: Any = tokenizer
        self._criteria: Any = StoppingCriteriaList
        self._torch = torch
        self.about = f"transformers generate(), padded batch, float32, {torch.get_num_threads()} threads"
        self.bytes_per_token: int | None = float32_bytes_per_token(self._model)

    def write(self, case: Case) -> list[Telling]:
        """Write all stories in one batch. Raises CannotDo for mixed options."""
        if case.mixed:
            raise CannotDo("one set of options for the whole batch, and no seed of one's own")
        several = asks(case)
        began = time.perf_counter()
        batch = self._tokenizer([ask.text for ask in several], return_tensors="pt", padding=True)
        first: list[float] = []
        criteria = self._criteria(noting_first(lambda: first.append(time.perf_counter() - began)))
        self._torch.manual_seed(several[0].seed)
        options = generate_options(several[0].options)
        model: Any = self._model
        model.generate(batch.input_ids, attention_mask=batch.attention_mask, stopping_criteria=criteria, **options)
        last = time.perf_counter() - began
        return [Telling(first=first[0], last=last, tokens=case.tokens) for _ in several]


def load(setup: Setup) -> PaddedBatchEngine:
    """Load the model."""
    return PaddedBatchEngine(setup)
