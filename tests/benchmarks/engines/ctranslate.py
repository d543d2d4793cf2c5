"""CTranslate2 in int8: a batch begins and ends together, with one set of options."""

from __future__ import annotations

import importlib.util
import os
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from storygen.checkpoint import checkpoint_path
from tests.benchmarks.case import Case, Setup, Telling
from tests.benchmarks.engines import CannotDo
from tests.benchmarks.workload import asks


class CTranslateEngine:
    """A generator over the converted model."""

    def __init__(self, setup: Setup) -> None:
        ctranslate2: Any = import_module("ctranslate2")
        threads = setup.threads or os.cpu_count() or 1
        self._generator: Any = ctranslate2.Generator(
            str(_folder(setup)), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=1
        )
        self._tokenizer: Any = _tokenizer(checkpoint_path(setup.checkpoint))
        self._set_seed: Any = ctranslate2.set_random_seed
        self.about = f"CTranslate2 {ctranslate2.__version__}, int8, {threads} threads, one set of options a batch"
        self.bytes_per_token: int | None = _int8_bytes(_folder(setup))

    def write(self, case: Case) -> list[Telling]:
        """Write all stories in one batch. Raises CannotDo for mixed options."""
        if case.mixed:
            raise CannotDo("one set of options for the whole batch, and one seed for the process")
        several = asks(case)
        options = several[0].options
        began = time.perf_counter()
        prompts = [self._tokenizer.encode(ask.text, add_special_tokens=False).tokens for ask in several]
        first: dict[int, float] = {}

        def note(step: Any) -> bool:
            first.setdefault(step.batch_id, time.perf_counter() - began)
            return False

        self._set_seed(several[0].seed)
        results = self._generator.generate_batch(
            prompts,
            max_batch_size=len(prompts),
            max_length=case.tokens,
            min_length=case.tokens,
            end_token=[],
            sampling_topk=options.top_k,
            sampling_topp=options.top_p,
            sampling_temperature=options.temperature,
            repetition_penalty=options.repetition_penalty,
            include_prompt_in_result=False,
            callback=note,
        )
        last = time.perf_counter() - began
        return [
            Telling(first=first[number], last=last, tokens=len(result.sequences_ids[0]))
            for number, result in enumerate(results)
        ]


def prepare(setup: Setup) -> None:
    """Convert the checkpoint, in a process of its own. Raises CannotDo where CTranslate2 is not installed."""
    if importlib.util.find_spec("ctranslate2") is None:
        raise CannotDo("not installed; pip install -e '.[bench]'")
    if not (_folder(setup) / "model.bin").is_file():

        class Converter(import_module("ctranslate2.converters").TransformersConverter):  # type: ignore[misc]
            def load_tokenizer(self, cls: Any, path: str, **options: Any) -> Any:
                tokenizer = cls.from_pretrained(path, **options)
                tokenizer.unk_token = tokenizer.unk_token or tokenizer.pad_token  # it must have one
                return tokenizer

        converter: Any = Converter(checkpoint_path(setup.checkpoint))
        converter.convert(str(_folder(setup)), quantization="int8", force=True)


def load(setup: Setup) -> CTranslateEngine:
    """Load the converted model. Raises CannotDo where CTranslate2 is not installed."""
    prepare(setup)
    return CTranslateEngine(setup)


def _folder(setup: Setup) -> Path:
    return setup.made_file("-ctranslate2")


def _tokenizer(folder: str) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))


def _int8_bytes(folder: Path) -> int:
    # The file is nearly all weights; the table of positions in it is under one part in a hundred.
    return (folder / "model.bin").stat().st_size
