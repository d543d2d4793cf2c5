"""Which number format a model is fastest in on this machine: measured on some of its own layers.

Only formats in which a recipe repeats its story take part, each with the rows that it must be filled up to.
"""

from __future__ import annotations

import logging
import math
import platform
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from transformers import GPT2LMHeadModel

from storygen.engines.choice_file import ChoiceFile
from storygen.engines.number_format import AUTO, BFLOAT16, FLOAT16, FLOAT32, INT8, NumberFormat, number_format, works
from storygen.engines.row_independence import Product, batch_rule

_SAMPLE_WEIGHTS = 14_000_000  # 56 MB in float32: more than most processors keep beside them
_ROUNDS = 5
_PASSES = 8
"""In a row: after a product of torch's, its other threads are in the way of ours for a millisecond or two."""
_CLEARLY_FASTER = 1.2  # times

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """All that the speed depends on."""

    features: int
    inner: int
    layers: int
    rows: int
    threads: int


def choose_number_format(
    model: GPT2LMHeadModel, dtype: str, *, rows: int, choice_file: ChoiceFile | None = None
) -> NumberFormat:
    """Give the format that was asked for; for ``auto`` the fastest here, or what ``choice_file`` remembers of that.

    Raises ValueError for a name that is none.
    """
    device = model.device
    if dtype != AUTO:
        return number_format(dtype, str(device))
    if device.type == "cuda":
        return number_format(BFLOAT16 if torch.cuda.is_bf16_supported() else FLOAT16, str(device))
    shape = _shape(model, rows)
    remembered = _remembered(shape, choice_file)
    if remembered is not None:
        return number_format(remembered)
    chosen = _fastest(shape)
    if choice_file is not None:
        choice_file.remember(_question(shape), chosen)
    return number_format(chosen)


def _remembered(shape: _Shape, choice_file: ChoiceFile | None) -> str | None:
    """Give what was chosen before for the same model on the same machine, where it still can be computed in."""
    name = choice_file.recall(_question(shape)) if choice_file is not None else None
    if name not in (FLOAT32, BFLOAT16, INT8) or not works(name):
        return None
    log.info("%s is used, as it was chosen before", name)
    return name


def _question(shape: _Shape) -> str:
    """Give all that the choice depends on, as a line that people can read."""
    sizes = f"{shape.layers} layers of {shape.features}x{shape.inner}, {shape.rows} rows, {shape.threads} threads"
    return f"{sizes}; {_processor()}; torch {torch.__version__}"


@cache
def _processor() -> str:
    """Give the processor's name and the instructions that torch uses of it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{name or platform.processor() or platform.machine()}, {torch.backends.cpu.get_cpu_capability()}"


def _shape(model: GPT2LMHeadModel, rows: int) -> _Shape:
    config = model.config
    return _Shape(
        features=config.n_embd,
        inner=config.n_inner or 4 * config.n_embd,
        layers=config.n_layer,
        rows=rows,
        threads=torch.get_num_threads(),
    )


@cache
def _fastest(shape: _Shape) -> str:
    formats = [name for name in (FLOAT32, BFLOAT16, INT8) if works(name)]
    seconds = _seconds(shape, formats)
    chosen = prefer(seconds)
    log.info("%s is used; %s", chosen, ", ".join(f"{name} {1e3 * each:.2f} ms" for name, each in seconds.items()))
    return chosen


def prefer(seconds: dict[str, float]) -> str:
    """Choose by the seconds that each format takes: a less exact one only where it is clearly faster.

    So the choice is the same at every start, unless a format is just about so much faster; ``ChoiceFile`` is for that.
    """
    chosen = FLOAT32
    for less_exact in (BFLOAT16, INT8):
        if seconds.get(less_exact, math.inf) * _CLEARLY_FASTER <= seconds[chosen]:
            chosen = less_exact
    return chosen


def _seconds(shape: _Shape, formats: list[str]) -> dict[str, float]:
    """Time a sample of layers, in turns, so that a busy moment of the machine strikes all formats."""
    weights = _random_layer(shape)
    samples = {name: _Sample(shape, weights, number_format(name)) for name in formats}
    best = {(name, rows): math.inf for name in formats for rows in {1, shape.rows}}
    with torch.inference_mode():
        for _ in range(_ROUNDS):
            for (name, rows), before in best.items():
                best[name, rows] = min(before, *(samples[name].seconds(rows) for _ in range(_PASSES)))
    # The geometric mean: being twice as fast alone weighs as much as twice as fast in a full batch.
    return {name: math.sqrt(best[name, 1] * best[name, shape.rows]) for name in formats}


class _Sample:
    """Some layers' products with random weights; speed does not depend on them."""

    def __init__(self, shape: _Shape, weights: list[Tensor], numbers: NumberFormat) -> None:
        layers = min(shape.layers, -(-_SAMPLE_WEIGHTS // sum(weight.numel() for weight in weights)))
        self._products = [_product(weight, numbers) for _ in range(layers) for weight in weights]
        first = self._products[: len(weights)]
        with torch.inference_mode():
            self._least = batch_rule(numbers.name, first, first[0], rows=shape.rows, chunk=0).least_rows

    def seconds(self, rows: int) -> float:
        """Give how long one step of these layers takes this thread; a busy machine's other programs don't count."""
        lines = max(rows, self._least)
        inputs = {product.inputs: torch.randn(lines, product.inputs) for product in self._products}
        start = time.thread_time()
        for product in self._products:
            product.projection(inputs[product.inputs])
        return time.thread_time() - start


def _product(weight: Tensor, numbers: NumberFormat) -> Product:
    outputs, inputs = weight.shape
    return Product(numbers.make(weight, torch.zeros(outputs)), inputs, outputs)


def _random_layer(shape: _Shape) -> list[Tensor]:
    generator, wide, inner = torch.Generator().manual_seed(0), shape.features, shape.inner
    sizes = (3 * wide, wide), (wide, wide), (inner, wide), (wide, inner)
    return [torch.randn(size, generator=generator) for size in sizes]
