"""transformers' continuous batching: stories join and leave at any step, without penalty and seeds."""

from __future__ import annotations

import time
from typing import Any

from tests.benchmarks.case import Case, Setup, Telling
from tests.benchmarks.engines import CannotDo
from tests.benchmarks.engines.loading import float32_bytes_per_token, model_and_tokenizer
from tests.benchmarks.workload import SAME, Ask, asks

_PATIENCE = 300.0


class ContinuousEngine:
    """A manager with its thread; started for each case, so that it rests while others are measured."""

    def __init__(self, setup: Setup) -> None:
        import torch
        import transformers
        from transformers.generation.configuration_utils import ContinuousBatchingConfig

        self._model, self._tokenizer = model_and_tokenizer(setup)
        make: Any = transformers.GenerationConfig
        self._options = make(
            do_sample=True, temperature=SAME.temperature, top_k=SAME.top_k, top_p=SAME.top_p, eos_token_id=-1
        )
        # The cache would take most of the memory otherwise: 256 positions in a page.
        positions = min(1024, int(self._model.config.n_positions))
        self._batching = ContinuousBatchingConfig(
            num_blocks=setup.most_stories * -(-positions // 256), max_batch_tokens=1024, page_size=256
        )
        threads = torch.get_num_threads()
        self.about = f"transformers continuous batching, float32, {threads} threads, no repetition penalty, no seeds"
        self.bytes_per_token: int | None = float32_bytes_per_token(self._model)

    def write(self, case: Case) -> list[Telling]:
        """Write all stories; those that come together share a step. Raises CannotDo for mixed options."""
        if case.mixed:
            raise CannotDo("no repetition penalty and no seed for a request")
        model: Any = self._model
        manager = model.init_continuous_batching(
            generation_config=self._options, continuous_batching_config=self._batching
        )
        manager.start()
        try:
            return self._tell(manager, asks(case), case)
        finally:
            manager.stop(block=True)

    def _tell(self, manager: Any, several: list[Ask], case: Case) -> list[Telling]:
        began = time.perf_counter()
        for number, ask in enumerate(several):
            ids = self._tokenizer(ask.text).input_ids
            manager.add_request(ids, request_id=str(number), max_new_tokens=case.tokens, streaming=True)
        first: dict[str, float] = {}
        done: dict[str, Telling] = {}
        while len(done) < len(several):
            result = manager.get_result(timeout=_PATIENCE)
            now = time.perf_counter() - began
            if result is None or result.error:
                raise RuntimeError(result.error if result else "no result came")
            first.setdefault(result.request_id, now)
            if result.is_finished():
                tokens = len(result.generated_tokens)
                done[result.request_id] = Telling(first=first[result.request_id], last=now, tokens=tokens)
        return list(done.values())


def load(setup: Setup) -> ContinuousEngine:
    """Load the model."""
    return ContinuousEngine(setup)
