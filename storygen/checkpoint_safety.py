"""Whether a checkpoint can be given to transformers: nothing in it that brings code, no sizes that can't be.

A checkpoint may come from anywhere. Safetensors and JSON run no code by themselves, but what they say can make
transformers fetch some, read other files, or reserve more memory than there is; and the compiled kernels believe a
model's sizes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerBase

FindFile = Callable[[str], Path | None]
"""Gives a checkpoint's file by its name; None where it has none."""

WEIGHTS = "model.safetensors"
SHARD_INDEX = "model.safetensors.index.json"
CONFIG = "config.json"
ADAPTER = "adapter_config.json"

LARGEST = MappingProxyType(
    {"n_layer": 512, "n_head": 1024, "n_embd": 65_536, "n_positions": 1_048_576, "vocab_size": 4_194_304}
)
"""Sizes far beyond every GPT-2 (48, 25, 1600, 1024, 50257); a larger one is a mistake, or somebody's joke."""

_BRINGS_CODE = ("auto_map", "quantization_config")
_ATTENTION = ("attn_implementation", "_attn_implementation")
_OWN_ATTENTION = frozenset({None, "eager", "sdpa"})
"""Every other name makes transformers look for a package or a repository with kernels."""


def check_files(find: FindFile) -> None:
    """Look at what can be seen without loading weights. Raises ValueError with what is wrong, in words."""
    if find(ADAPTER) is not None:
        raise ValueError(f"it has an adapter ({ADAPTER}), whose weights may be a pickle; fold it in and save the model")
    said = _read(find, CONFIG)
    for key in _BRINGS_CODE:
        if said.get(key):
            raise ValueError(f"{CONFIG} has {key}, which can bring code from elsewhere")
    for key in _ATTENTION:
        if said.get(key) not in _OWN_ATTENTION:
            raise ValueError(f"{CONFIG} names an attention of its own, which can bring code from elsewhere")
    weight_bytes = sum(path.stat().st_size for path in _weights(find))
    numbers = _numbers(_config(said))
    if numbers > weight_bytes:
        raise ValueError(f"{CONFIG} speaks of {numbers:,} numbers, and the weights have only {weight_bytes:,} bytes")


def check_model(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerBase, *, missing: Collection[str]) -> None:
    """Look whether a loaded model is as large as it says, and knows every token of its tokenizer.

    ``missing`` are the weights that its files lack; transformers draws them by chance.
    Raises ValueError with what is wrong, in words.
    """
    if missing:
        raise ValueError(f"its files lack the weight {min(missing)}")
    check_shapes(model)
    _check_tokens(tokenizer, model.config.vocab_size)


def _check_tokens(tokenizer: PreTrainedTokenizerBase, size: int) -> None:
    # Counted one by one: to get the whole vocabulary holds up every other thread for 20 ms.
    backend = tokenizer.backend_tokenizer
    inside = sum(backend.id_to_token(number) is not None for number in range(size))
    if inside == backend.get_vocab_size(with_added_tokens=True):
        return
    last = max(tokenizer.get_vocab().values(), default=0)
    if last >= size:
        raise ValueError(f"the tokenizer has a token {last}, and the model only {size}")


def check_shapes(model: GPT2LMHeadModel) -> None:
    """Look whether a model's sizes can be, and every weight has the shape that they give. Raises ValueError."""
    _check_config(model.config)
    for name, shape in expected_shapes(model.config).items():
        found = tuple(model.get_parameter(name).shape)
        if found != shape:
            raise ValueError(f"{name} has the shape {found} and not {shape}, as {CONFIG} says")


def expected_shapes(config: GPT2Config) -> dict[str, tuple[int, ...]]:
    """Give the shape of each weight that is read, by its name."""
    width, inner = config.n_embd, config.n_inner or 4 * config.n_embd
    shapes: dict[str, tuple[int, ...]] = {
        "transformer.wte.weight": (config.vocab_size, width),
        "transformer.wpe.weight": (config.n_positions, width),
        "transformer.ln_f.weight": (width,),
        "transformer.ln_f.bias": (width,),
        "lm_head.weight": (config.vocab_size, width),
    }
    for layer in range(config.n_layer):
        for name, shape in _layer_shapes(width, inner).items():
            shapes[f"transformer.h.{layer}.{name}"] = shape
    return shapes


def _layer_shapes(width: int, inner: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        f"{norm}.{part}": (width,) for norm in ("ln_1", "ln_2") for part in ("weight", "bias")
    }
    products = {
        "attn.c_attn": (width, 3 * width),
        "attn.c_proj": (width, width),
        "mlp.c_fc": (width, inner),
        "mlp.c_proj": (inner, width),
    }
    for name, (inputs, outputs) in products.items():
        shapes |= {f"{name}.weight": (inputs, outputs), f"{name}.bias": (outputs,)}
    return shapes


def _config(said: dict[str, Any]) -> GPT2Config:
    """Read a config, which may call its sizes by other names."""
    from transformers import GPT2Config

    config = GPT2Config.from_dict(said)
    _check_config(config)
    return config


def _check_config(config: Any) -> None:  # noqa: ANN401 - what it declares, nothing has checked
    for name, most in LARGEST.items():
        _require_size(name, getattr(config, name), most)
    if config.n_inner is not None:
        _require_size("n_inner", config.n_inner, 4 * LARGEST["n_embd"])
    if config.n_embd % config.n_head:
        raise ValueError(f"{CONFIG}: a width of {config.n_embd} can't be shared by {config.n_head} heads")
    epsilon = config.layer_norm_epsilon
    if not isinstance(epsilon, int | float) or not 0 < epsilon < math.inf:
        raise ValueError(f"{CONFIG}: layer_norm_epsilon is {epsilon!r}")


def _numbers(config: GPT2Config) -> int:
    """Say how many numbers the weights must have at least; the head may be the token table again."""
    width, inner = config.n_embd, config.n_inner or 4 * config.n_embd
    layer = sum(math.prod(shape) for shape in _layer_shapes(width, inner).values())
    return config.n_layer * layer + (config.vocab_size + config.n_positions) * width


def _require_size(name: str, value: object, most: int) -> None:
    if type(value) is not int or not 1 <= value <= most:
        raise ValueError(f"{CONFIG}: {name} is {value!r:.40}, not a number from 1 to {most:,}")


def _weights(find: FindFile) -> Iterable[Path]:
    """Give the files of weights, all of them safetensors that lie in the checkpoint itself."""
    whole = find(WEIGHTS)
    if whole is not None:
        return [whole]
    index = find(SHARD_INDEX)
    if index is None:
        raise ValueError(f"it has no {WEIGHTS}; only safetensors are read, since a pickle can run code")
    places = _read(find, SHARD_INDEX).get("weight_map")
    if not isinstance(places, dict) or not all(map(_is_shard, places.values())):
        raise ValueError(f"{SHARD_INDEX} names files that are no safetensors of this checkpoint")
    shards = [find(name) for name in sorted(set(places.values()))]
    if None in shards:
        raise ValueError(f"a file that {SHARD_INDEX} names is missing")
    return [shard for shard in shards if shard is not None]


def _is_shard(name: object) -> bool:
    return isinstance(name, str) and name.endswith(".safetensors") and not {"/", "\\", "\0", ":"} & set(name)


def _read(find: FindFile, name: str) -> dict[str, Any]:
    path = find(name)
    if path is None:
        raise ValueError(f"it has no {name}")
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{name} can't be read") from error
    if not isinstance(fields, dict):
        raise ValueError(f"{name} is no JSON object")  # noqa: TRY004 - of the file, not of an argument
    return fields
