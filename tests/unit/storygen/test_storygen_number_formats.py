"""Number formats: right products, rows that don't depend on one another, a choice by measurement, fall-backs."""

from __future__ import annotations

import logging
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from storygen.checkpoint import BUILTIN, Checkpoint, checkpoint_path, load
from storygen.engines import model_runner, number_choice, number_format
from storygen.engines.choice_file import ChoiceFile
from storygen.engines.loading import load_writer
from storygen.engines.number_choice import choose_number_format, prefer
from storygen.engines.number_format import AUTO, BFLOAT16, FLOAT32, INT8, works
from storygen.engines.projection import PlainProjection, Projection
from storygen.engines.row_independence import BatchRule, Product, batch_rule

FORMATS = [FLOAT32, BFLOAT16, INT8]
NEAR = {FLOAT32: 1e-5, BFLOAT16: 0.01, INT8: 0.03}

STORY = """ A stranger came to the house by the river in the last winter of the war. The old man who lived there
had lost his wife and two sons, and he did not ask her name. She told him that she was looking for her brother,
a soldier who had been seen in the village. In the night they heard shots. In the morning the police came, and the
stranger was gone; she had left a letter in which she said that she had killed the captain, and why. The old man
burned the letter and told the police that nobody had been there. Years later a young woman comes to the house with
her child. She has her mother's eyes. The old man gives her the key to the room, and she finds the gun."""


def random_tensors(*shapes: tuple[int, ...]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator) for shape in shapes]


def made(dtype: str, weight: Tensor, bias: Tensor | None, *, gelu: bool = False) -> Projection:
    if not works(dtype):
        pytest.skip(f"this machine can't compute in {dtype}")
    return number_format.number_format(dtype).make(weight, bias, gelu=gelu)


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("gelu", [False, True])
def test_a_product_is_right_up_to_the_formats_rounding(dtype: str, gelu: bool) -> None:
    weight, bias, x = random_tensors((96, 48), (96,), (5, 48))
    expected = x @ weight.T + bias
    if gelu:
        expected = torch.nn.functional.gelu(expected, approximate="tanh")
    for of in (weight, weight.t().contiguous().t()):  # transformers keeps them the other way round
        found = made(dtype, of, bias, gelu=gelu)(x).float()
        assert (found - expected).norm() <= NEAR[dtype] * expected.norm()


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_product_without_bias_and_of_noughts_is_right(dtype: str) -> None:
    weight, x = random_tensors((96, 48), (5, 48))
    x[2] = 0.0
    found = made(dtype, weight, None)(x).float()
    assert not found[2].any()
    assert (found - x @ weight.T).norm() <= NEAR[dtype] * (x @ weight.T).norm()


def test_the_plain_product_is_right() -> None:
    weight, bias, x = random_tensors((96, 48), (96,), (5, 48))
    torch.testing.assert_close(PlainProjection(weight, bias)(x), x @ weight.T + bias)


def test_a_row_of_int8_does_not_depend_on_how_large_its_neighbours_are() -> None:
    weight, bias, x = random_tensors((96, 48), (96,), (4, 48))
    product = made(INT8, weight, bias)
    beside = torch.cat([x[:1], x[1:] * 1e4])
    assert torch.equal(product(beside)[0], product(x)[0])


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize(("inputs", "outputs"), [(48, 96), (256, 768), (1024, 256), (768, 2304), (3072, 768)])
def test_a_batch_of_the_rules_size_gives_a_row_the_same_bits(dtype: str, inputs: int, outputs: int) -> None:
    weight, bias, x = random_tensors((outputs, inputs), (outputs,), (40, inputs))
    product = made(dtype, weight, bias)
    each = [Product(product, inputs, outputs)]
    rule = batch_rule(dtype, each, each[0], rows=8, chunk=32)
    together = product(x)
    for count in range(rule.least_rows, 40 if rule.prompts_join else 9):
        assert torch.equal(product(x[:count].contiguous()), together[:count])


class _CountsRows:
    """A product whose rows depend on how many there are, below ``from_rows``."""

    def __init__(self, from_rows: int) -> None:
        self.from_rows = from_rows

    def __call__(self, x: Tensor) -> Tensor:
        return x + (len(x) if len(x) < self.from_rows else 0)


@pytest.mark.parametrize(
    ("from_rows", "expected"),
    [
        (1, BatchRule(least_rows=1, prompts_join=True)),
        (4, BatchRule(least_rows=4, prompts_join=True)),
        (30, BatchRule(least_rows=8, prompts_join=False)),
        (1000, BatchRule(least_rows=8, prompts_join=False)),
    ],
)
def test_the_rule_says_how_full_a_batch_must_be(from_rows: int, expected: BatchRule) -> None:
    product, fine = Product(_CountsRows(from_rows), from_rows, 7), Product(_CountsRows(1), 7, 7)
    assert batch_rule(f"test-{from_rows}", [fine, product, fine], fine, rows=8, chunk=64) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ({FLOAT32: 1.0}, FLOAT32),
        ({FLOAT32: 1.0, BFLOAT16: 0.9, INT8: 0.85}, FLOAT32),
        ({FLOAT32: 1.0, BFLOAT16: 0.5, INT8: 0.45}, BFLOAT16),
        ({FLOAT32: 1.0, BFLOAT16: 0.5, INT8: 0.3}, INT8),
        ({FLOAT32: 1.0, INT8: 0.5}, INT8),
        ({FLOAT32: 1.0, BFLOAT16: 3.0, INT8: 0.5}, INT8),
    ],
)
def test_a_less_exact_format_must_be_clearly_faster(seconds: dict[str, float], expected: str) -> None:
    assert prefer(seconds) == expected


def test_auto_measures_once_and_a_setting_overrides_it(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load(str(tiny_checkpoint)).model
    measured = []

    def seconds(_shape: object, formats: list[str]) -> dict[str, float]:
        measured.append(formats)
        return {name: 1.0 / (1 + len(name)) for name in formats}

    monkeypatch.setattr(number_choice, "_seconds", seconds)
    number_choice._fastest.cache_clear()
    try:
        chosen = {choose_number_format(model, AUTO, rows=3).name for _ in range(2)}
        assert len(measured) == len(chosen) == 1
        assert chosen <= {name for name in FORMATS if works(name)}
        assert choose_number_format(model, FLOAT32, rows=3).name == FLOAT32
        assert len(measured) == 1
    finally:
        number_choice._fastest.cache_clear()


def test_a_choice_is_remembered_over_restarts_for_the_same_question_only(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, file = load(str(tiny_checkpoint)).model, ChoiceFile(tmp_path / "made" / "number_format.json")
    seconds = {FLOAT32: 1.0, BFLOAT16: 2.0, INT8: 2.0}
    monkeypatch.setattr(number_choice, "_seconds", lambda _shape, formats: {name: seconds[name] for name in formats})

    def chosen_after_a_restart(rows: int) -> str:
        number_choice._fastest.cache_clear()
        return choose_number_format(model, AUTO, rows=rows, choice_file=file).name

    try:
        assert chosen_after_a_restart(3) == FLOAT32
        seconds[BFLOAT16] = 0.1
        other = BFLOAT16 if works(BFLOAT16) else FLOAT32
        assert chosen_after_a_restart(3) == FLOAT32
        assert chosen_after_a_restart(4) == other
        file.path.unlink()
        assert chosen_after_a_restart(3) == other
        assert choose_number_format(model, FLOAT32, rows=3, choice_file=file).name == FLOAT32
        file.path.write_text(file.path.read_text(encoding="utf-8").replace(other, "float7"), encoding="utf-8")
        assert chosen_after_a_restart(3) == other
    finally:
        number_choice._fastest.cache_clear()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2}', '{"format": 1, "choices": []}', "\udcff"])
def test_a_damaged_choice_file_is_measured_over(tmp_path: Path, content: str) -> None:
    file = ChoiceFile(tmp_path / "number_format.json")
    file.path.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert file.recall("a question") is None
    file.remember("a question", INT8)
    file.remember("another", BFLOAT16)
    assert (file.recall("a question"), file.recall("another")) == (INT8, BFLOAT16)
    assert [path.name for path in tmp_path.iterdir()] == ["number_format.json"]


def test_a_choice_file_that_can_not_be_written_is_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a file").touch()
    file = ChoiceFile(tmp_path / "a file" / "number_format.json")
    file.remember("a question", INT8)
    assert file.recall("a question") is None
    assert "can't be written" in caplog.text


def test_the_measurement_tells_a_time_for_each_format(tiny_checkpoint: Path) -> None:
    shape = number_choice._shape(load(str(tiny_checkpoint)).model, rows=3)
    seconds = number_choice._seconds(shape, [name for name in FORMATS if works(name)])
    assert all(0 < each < math.inf for each in seconds.values())


def test_a_format_that_is_none_is_refused(tiny_checkpoint: Path) -> None:
    for name in ("float8", "float16", ""):
        with pytest.raises(ValueError, match="number format"):
            load_writer(str(tiny_checkpoint), device="cpu", rows=1, threads=1, dtype=name)


def test_a_format_without_kernels_falls_back_to_float32_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> Projection:
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(number_format, "library", lambda: None)
    monkeypatch.setattr(number_format, "Int8Projection", broken)
    works.cache_clear()
    try:
        with caplog.at_level(logging.WARNING, logger="storygen"):
            assert number_format.number_format(INT8).name == FLOAT32
    finally:
        works.cache_clear()
    assert "int8" in caplog.text


def test_a_format_that_computes_wrongly_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Saturates(PlainProjection):
        def __call__(self, x: Tensor) -> Tensor:
            return super().__call__(x).clamp(max=300.0)

    monkeypatch.setattr(number_format, "library", lambda: None)
    monkeypatch.setattr(number_format, "Int8Projection", Saturates)
    works.cache_clear()
    try:
        assert not works(INT8)
    finally:
        works.cache_clear()


def test_an_older_processor_writes_too(tiny_checkpoint: Path) -> None:
    program = f"""
from storygen.engines.model_input import ModelInput
from storygen.engines.loading import load_writer
from storygen.sampling import SamplingOptions
for dtype in ("auto", "float32", "bfloat16", "int8"):
    writer = load_writer({str(tiny_checkpoint)!r}, device="cpu", rows=2, threads=1, dtype=dtype)
    story = writer.begin(writer.window(ModelInput(text="The ship"), 30), SamplingOptions(max_new_tokens=30), 1)
    while not any(progress.ended for progress in writer.step()):
        pass
    print(dtype, writer.dtype, story.new_tokens)
"""
    environment = {**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
    run = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    assert len(run.stdout.splitlines()) == 4


def bits_per_token(checkpoint: Checkpoint, dtype: str) -> float:
    """Let the engine's own step read a story and give what each next token costs."""
    token_ids = checkpoint.tokenizer.encode(f"<BOS> <drama>{STORY.replace(chr(10), ' ')} <EOS>")
    bits = 0.0
    with torch.inference_mode():
        forward = model_runner.forward_for(checkpoint.model, number_format.number_format(dtype), is_static=False)
        forward.cache.reserve(1, len(token_ids))
        for place, token in enumerate(token_ids[:-1]):
            logits = forward.step(torch.tensor([token]), torch.tensor([place]), place + 1)
            bits -= float(logits.log_softmax(-1)[0, token_ids[place + 1]]) / math.log(2)
    return bits / (len(token_ids) - 1)


@pytest.mark.parametrize("dtype", [BFLOAT16, INT8])
def test_a_shorter_format_loses_less_than_a_hundredth_on_the_built_in_model(dtype: str) -> None:
    if not Path(checkpoint_path(BUILTIN), "model.safetensors").is_file():
        pytest.skip("this checkout has no built-in model")
    if not works(dtype):
        pytest.skip(f"this machine can't compute in {dtype}")
    checkpoint = load(BUILTIN)
    exact = bits_per_token(checkpoint, FLOAT32)
    assert abs(bits_per_token(checkpoint, dtype) / exact - 1) < 0.01
