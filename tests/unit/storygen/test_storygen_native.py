"""The compiled kernels: equal to plain arithmetic, the same bits for a line whatever is beside it."""

from __future__ import annotations

import gc
import platform
import shutil
import threading
from ctypes import CDLL
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import GPT2LMHeadModel

from storygen.checkpoint import load
from storygen.engines import model_runner, number_format, sampler
from storygen.engines.forward import Chunk, Forward
from storygen.engines.gpt2_forward import Gpt2Forward
from storygen.engines.int8_projection import Int8Projection
from storygen.engines.model_input import ModelInput
from storygen.engines.native import forward as native_forward
from storygen.engines.native.drawing import draw
from storygen.engines.native.forward import NativeForward
from storygen.engines.native.library import VARIANTS, library, open_library
from storygen.engines.native.projection import NativeProjection
from storygen.engines.native.team import Team
from storygen.engines.number_format import INT8, NumberFormat, works
from storygen.engines.sampler import candidate_probabilities
from storygen.engines.story_writer import StoryWriter
from storygen.sampling import SamplingOptions
from tests.fakes.tiny_model import TinyShape, write_tiny_checkpoint

SHAPES = [
    TinyShape(),
    TinyShape(n_embd=48, n_head=2, n_layer=3, scale_attn_by_inverse_layer_idx=True),
    TinyShape(n_embd=40, n_head=5, n_layer=1, activation_function="gelu_pytorch_tanh"),
    TinyShape(n_embd=128, n_head=2, n_layer=2, n_positions=300),
]


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> CDLL:
    """Give each library that this machine can run."""
    found = open_library(request.param)
    if found is None:
        pytest.skip(f"there are no kernels for {request.param} on this machine")
    return found


@pytest.fixture
def fastest() -> CDLL:
    found = library()
    if found is None:
        pytest.skip("there are no compiled kernels on this machine")
    return found


@pytest.fixture(scope="module", params=range(len(SHAPES)))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> GPT2LMHeadModel:
    shape = SHAPES[request.param]
    return load(str(write_tiny_checkpoint(tmp_path_factory.mktemp("tiny"), shape=shape))).model


def tokens_of(model: GPT2LMHeadModel, count: int, seed: int = 0) -> list[int]:
    random = Random(seed)  # noqa: S311 - a repeatable test
    return [random.randrange(model.config.vocab_size) for _ in range(count)]


def read_and_step(forward: Forward, row: int, tokens: list[int]) -> Tensor:
    """Read all but the last token as a prompt, then step the row with it."""
    forward.cache.reserve(row + 1, len(tokens))
    forward.read([Chunk(row=row, start=0, token_ids=tokens[:-1])])
    positions = [0] * row + [len(tokens) - 1]
    return forward.step(torch.tensor([0] * row + [tokens[-1]]), torch.tensor(positions), len(tokens))[row]


def test_where_a_compiler_and_the_instructions_are_there_the_kernels_are_too() -> None:
    if platform.machine() not in ("x86_64", "AMD64") or not shutil.which("gcc"):
        pytest.skip("no compiler, or another kind of processor")
    if (
        "AVX2" not in torch.backends.cpu.get_cpu_capability()
        and "AVX512" not in torch.backends.cpu.get_cpu_capability()
    ):
        pytest.skip("the processor has no AVX2")
    assert library() is not None, "the package was installed without its kernels; install it again with a compiler"


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 140), st.integers(1, 140), st.integers(1, 15), st.integers(0, 2**32 - 1))
def test_a_product_is_that_of_whole_numbers(outputs: int, inputs: int, lines: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    weight, x = torch.randn(outputs, inputs, generator=generator), torch.randn(lines, inputs, generator=generator)
    bias = torch.randn(outputs, generator=generator)
    largest = x.abs().amax(1, keepdim=True).clamp_min(1e-12)
    scales = (weight.abs().amax(1) / 127).clamp_min(1e-12)
    sums = (x / largest * 127).round().double() @ (weight / scales[:, None]).round().double().T
    expected = sums * (largest / 127 * scales) + bias
    for by in filter(None, map(open_library, VARIANTS)):
        for of in (weight, weight.t().contiguous().t()):
            # One that lies just between two whole numbers may be rounded to either.
            found = NativeProjection(by, of, bias)(x).double()
            assert (found - expected).abs().max() <= 1e-4 + 127 * float((largest / 127).max() * scales.max())


def test_the_largest_numbers_do_not_overflow(variant: CDLL) -> None:
    for sign in (1.0, -1.0):
        weight, x = torch.full((70, 3072), sign), torch.ones(7, 3072)
        torch.testing.assert_close(NativeProjection(variant, weight, None)(x), torch.full((7, 70), sign * 3072))


def test_gelu_is_that_of_torch(variant: CDLL) -> None:
    x = torch.linspace(-20, 20, 4001)[:, None]
    found = NativeProjection(variant, torch.ones(1, 1), None, gelu=True)(x)
    torch.testing.assert_close(found, torch.nn.functional.gelu(x, approximate="tanh"), atol=2e-6, rtol=2e-6)


class Rounded:
    """The same rounding to whole numbers in plain arithmetic."""

    def __init__(self, weight: Tensor, bias: Tensor | None, *, gelu: bool = False) -> None:
        self._scales = (weight.abs().amax(1) / 127).clamp_min(1e-12)
        self._whole = (weight / self._scales[:, None]).round()
        self._bias = torch.zeros(len(weight)) if bias is None else bias
        self._gelu = gelu

    def __call__(self, x: Tensor) -> Tensor:
        largest = x.abs().amax(1, keepdim=True).clamp_min(1e-12)
        sums = (x / largest * 127).round().double() @ self._whole.double().T
        y = (sums * (largest / 127 * self._scales)).float() + self._bias
        return torch.nn.functional.gelu(y, approximate="tanh") if self._gelu else y


def test_a_step_gives_the_logits_of_transformers_but_for_the_rounding_to_whole_numbers(
    variant: CDLL, model: GPT2LMHeadModel
) -> None:
    tokens = tokens_of(model, 150)
    rounded = NumberFormat(name=INT8, make=Rounded, make_head=Rounded, tables=torch.float16, cache=torch.float32)
    with torch.inference_mode():
        exact = model(torch.tensor([tokens])).logits[0, -1]
        plain = read_and_step(Gpt2Forward(model, rounded), 0, tokens)
        found = read_and_step(NativeForward(model, by=variant), 0, tokens)
    assert (found - plain).norm() <= 0.05 * exact.norm()
    assert (found - exact).norm() <= 1.2 * (plain - exact).norm() + 0.002 * exact.norm()


def test_a_line_has_the_same_bits_whatever_is_beside_it(variant: CDLL, model: GPT2LMHeadModel) -> None:
    tokens = tokens_of(model, 90)
    alone = read_and_step(NativeForward(model, by=variant), 0, tokens)
    forward = NativeForward(model, by=variant)
    forward.cache.reserve(12, 250)
    for row in range(11):
        forward.read([Chunk(row=row, start=0, token_ids=tokens_of(model, 5 + 20 * row, seed=row))])
    for start in range(0, 89, 13):  # its prompt in pieces, beside rows that write
        piece = Chunk(row=11, start=start, token_ids=tokens[start : min(start + 13, 89)])
        writing = 1 + start % 11
        forward.step(torch.tensor(tokens_of(model, writing)), torch.tensor([6 + start] * writing), 250, [piece])
    lines = forward.step(torch.tensor([*tokens_of(model, 11), tokens[-1]]), torch.tensor([*range(11), 89]), 250)
    assert torch.equal(lines[11], alone)


def test_rows_that_nobody_wants_are_left_out_and_change_nothing(fastest: CDLL, model: GPT2LMHeadModel) -> None:
    tokens = tokens_of(model, 40)
    forward = NativeForward(model, by=fastest)
    expected = read_and_step(forward, 0, tokens)
    forward.read([Chunk(row=0, start=0, token_ids=tokens)])
    forward.cache.reserve(4, 64)
    forward.read([Chunk(row=3, start=0, token_ids=tokens[:-1])])
    lines = forward.step(torch.tensor([1, 2, 3, tokens[-1]]), torch.tensor([0, 0, 0, 39]), 64, wanted=[3])
    assert torch.equal(lines[3], expected)
    assert torch.equal(forward.step(torch.tensor([tokens[-1]]), torch.tensor([39]), 64)[0], expected)


@pytest.mark.parametrize(
    ("token", "position", "row"), [(-1, 0, 0), (10**6, 0, 0), (0, 64, 0), (0, -1, 0), (0, 0, 2), (0, 10**6, 0)]
)
def test_what_lies_outside_is_an_error_and_no_crash(
    fastest: CDLL, model: GPT2LMHeadModel, token: int, position: int, row: int
) -> None:
    forward = NativeForward(model, by=fastest)
    forward.cache.reserve(2, 64)
    with pytest.raises(IndexError):
        forward.read([Chunk(row=row, start=position, token_ids=[token])])


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_more_threads_give_the_same_bits(fastest: CDLL, model: GPT2LMHeadModel, threads: int) -> None:
    tokens = tokens_of(model, 90)
    alone = read_and_step(NativeForward(model, by=fastest), 0, tokens)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert torch.equal(read_and_step(NativeForward(model, by=fastest), 0, tokens), alone)
    finally:
        torch.set_num_threads(before)


def test_two_workers_compute_at_the_same_time_without_a_word_of_the_other(
    fastest: CDLL, model: GPT2LMHeadModel
) -> None:
    tokens = tokens_of(model, 60)
    expected = read_and_step(NativeForward(model, by=fastest), 0, tokens)
    found: list[Tensor] = []

    def work() -> None:
        forward = NativeForward(model, by=fastest)
        found.extend(read_and_step(forward, row, tokens) for row in range(10))

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 30
    assert all(torch.equal(each, expected) for each in found)


def test_the_cache_keeps_its_rows_when_it_grows_and_is_gone_when_released(
    fastest: CDLL, model: GPT2LMHeadModel
) -> None:
    tokens = tokens_of(model, 80)
    forward = NativeForward(model, by=fastest)
    assert forward.cache.bytes_held == 0
    expected = read_and_step(forward, 0, tokens)
    held = forward.cache.bytes_held
    forward.cache.reserve(5, 200)
    assert forward.cache.bytes_held == held // 2 * 4 * 5
    assert torch.equal(forward.step(torch.tensor([tokens[-1]]), torch.tensor([79]), 80)[0], expected)
    forward.cache.release()
    assert forward.cache.bytes_held == 0
    assert torch.equal(read_and_step(forward, 2, tokens), expected)


def test_a_cache_that_does_not_fit_into_memory_is_an_error_and_loses_nothing(
    fastest: CDLL, model: GPT2LMHeadModel
) -> None:
    tokens = tokens_of(model, 80)
    forward = NativeForward(model, by=fastest)
    expected, held = read_and_step(forward, 0, tokens), forward.cache.bytes_held
    with pytest.raises(MemoryError):
        forward.cache.reserve(2**31 - 64, 2**30)
    assert forward.cache.bytes_held == held
    assert torch.equal(forward.step(torch.tensor([tokens[-1]]), torch.tensor([79]), 80)[0], expected)


def test_rows_that_are_given_back_take_no_memory_and_the_others_are_as_they_were(
    fastest: CDLL, model: GPT2LMHeadModel
) -> None:
    tokens = tokens_of(model, 80)
    forward = NativeForward(model, by=fastest)
    expected = read_and_step(forward, 1, tokens)
    forward.cache.reserve(7, 80)
    held = forward.cache.bytes_held
    forward.cache.keep_rows(2)
    assert forward.cache.bytes_held == held // 7 * 2
    assert torch.equal(forward.step(torch.tensor([0, tokens[-1]]), torch.tensor([0, 79]), 80)[1], expected)
    assert torch.equal(read_and_step(forward, 6, tokens), expected)
    forward.cache.keep_rows(0)
    assert forward.cache.bytes_held == 0


def test_a_cache_outlives_what_made_it(fastest: CDLL, model: GPT2LMHeadModel) -> None:
    cache = NativeForward(model, by=fastest).cache
    gc.collect()
    cache.reserve(2, 100)
    assert cache.bytes_held > 0


def test_a_team_has_as_many_threads_as_were_asked_for_and_ends_with_its_object(fastest: CDLL) -> None:
    def tasks() -> int:
        return len(list(Path("/proc/self/task").iterdir()))

    if not Path("/proc/self/task").is_dir():
        pytest.skip("threads are counted in /proc")
    gc.collect()
    before = tasks()
    team = Team(fastest, 4)
    assert tasks() == before + 3
    del team
    gc.collect()
    assert tasks() == before


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_draw_is_the_one_of_the_probabilities_that_are_told(data: st.DataObject) -> None:
    found = library()
    if found is None:
        pytest.skip("there are no compiled kernels on this machine")
    vocabulary = data.draw(st.sampled_from([2, 3, 15, 16, 17, 100, 3000]))
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**32 - 1)))
    scores = torch.randn(4, vocabulary, generator=generator) * data.draw(st.sampled_from([0.01, 1.0, 8.0]))
    if data.draw(st.booleans()):
        scores = scores.round()  # many tokens are level
    scores[:, torch.randperm(vocabulary, generator=generator)[: vocabulary // 3]] = -torch.inf
    options = [
        SamplingOptions(
            do_sample=data.draw(st.sampled_from([True, True, True, False])),
            temperature=data.draw(st.floats(0.1, 2.0)),
            top_k=data.draw(st.sampled_from([0, 0, 1, 3, 50, 200])),
            top_p=data.draw(st.floats(0.05, 1.0)),
        )
        for _ in scores
    ]
    uniforms = data.draw(st.lists(st.floats(0, 1, exclude_max=True), min_size=4, max_size=4))
    for row, token in enumerate(draw(found, scores, options, uniforms)):
        check_draw(scores[row], options[row], uniforms[row], token)


def check_draw(scores: Tensor, options: SamplingOptions, uniform: float, token: int) -> None:
    """Compare with a plain reckoning in double precision, up to a rounding at the edges."""
    if not options.do_sample:
        assert token == int((scores == scores.max()).nonzero()[0, 0])
        return
    scores = scores.double()
    kept = scores >= scores.topk(min(options.top_k or len(scores), len(scores))).values[-1]
    probabilities = (scores / options.temperature).masked_fill(~kept, -torch.inf).softmax(0)
    order = sorted(range(len(scores)), key=lambda each: (-float(probabilities[each]), each))
    before = 0.0
    stays: set[int] = set()
    for each in order:
        if before < options.top_p - 1e-6 or not stays:
            stays.add(each)
        elif before < options.top_p + 1e-6 and each == token:
            return  # at the edge, rounding decides
        before += float(probabilities[each])
    total = sum(float(probabilities[each]) for each in stays)
    reached = sum(float(probabilities[each]) for each in stays if each < token)
    assert token in stays
    assert reached - 1e-5 <= uniform * total <= reached + float(probabilities[token]) + 1e-5


def test_a_draw_has_the_candidates_of_the_sampler_for_torch(fastest: CDLL) -> None:
    generator = torch.Generator().manual_seed(5)
    scores = torch.randn(1, 700, generator=generator) * 3
    for options in (SamplingOptions(top_k=20, top_p=0.9), SamplingOptions(top_k=0, top_p=0.7, temperature=1.4)):
        probabilities, tokens = candidate_probabilities(scores, [options])
        candidates = set(tokens[probabilities > 0].tolist())
        drawn = {draw(fastest, scores, [options], [step / 20_000])[0] for step in range(20_000)}
        likely = set(tokens[probabilities > 1e-4].tolist())
        assert likely <= drawn <= candidates


def stories(checkpoint: Path, dtype: str) -> list[str]:
    writer = StoryWriter(load(str(checkpoint)), rows=2, dtype=dtype)
    begun = [
        writer.begin(writer.window(ModelInput(text="The ship"), 30), SamplingOptions(max_new_tokens=30), seed)
        for seed in range(2)
    ]
    while writer.step():
        pass
    return [story.stream.text for story in begun]


def test_without_a_library_torch_writes_instead(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (native_forward, number_format, sampler):
        monkeypatch.setattr(module, "library", lambda: None)
    works.cache_clear()
    try:
        assert not NativeForward.serves(load(str(tiny_checkpoint)).model)
        assert isinstance(number_format.number_format(INT8).make(torch.ones(4, 4), None), Int8Projection)
        assert all(stories(tiny_checkpoint, dtype) for dtype in ("float32", INT8))
    finally:
        works.cache_clear()


def test_a_model_that_the_kernels_can_not_compute_is_left_to_torch(tmp_path: Path) -> None:
    shape = replace(SHAPES[0], activation_function="relu")
    checkpoint = load(str(write_tiny_checkpoint(tmp_path, shape=shape)))
    assert not NativeForward.serves(checkpoint.model)
    runner = model_runner.ModelRunner(checkpoint.model, rows=1, ends=[], forbidden=[], dtype=INT8)
    assert not isinstance(runner._forward, NativeForward)
