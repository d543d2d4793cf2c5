"""llama.cpp through llama-cpp-python: one story after the other, weights in float16."""

from __future__ import annotations

import importlib.util
import json
import os
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from storygen.checkpoint import checkpoint_path
from storygen.checkpoint import load as load_checkpoint
from tests.benchmarks.case import Case, Setup, Telling
from tests.benchmarks.engines import CannotDo
from tests.benchmarks.workload import Ask, asks

_GREEDY = 0.0


class LlamaEngine:
    """One llama.cpp context, which writes one story at a time."""

    def __init__(self, setup: Setup) -> None:
        from tokenizers import Tokenizer

        llama_cpp: Any = import_module("llama_cpp")
        threads = setup.threads or os.cpu_count() or 1
        self._model: Any = llama_cpp.Llama(
            str(_file(setup)), n_ctx=512, n_threads=threads, n_threads_batch=threads, verbose=False, logits_all=False
        )
        self._tokenizer: Any = Tokenizer.from_file(str(Path(checkpoint_path(setup.checkpoint)) / "tokenizer.json"))
        self.about = f"llama.cpp ({llama_cpp.__version__}), float16, {threads} threads, one after another"
        self.bytes_per_token: int | None = _file(setup).stat().st_size

    def write(self, case: Case) -> list[Telling]:
        """Write a sample of the stories, one after the other."""
        began = time.perf_counter()
        return [self._tell(ask, began) for ask in asks(case)[: case.sample]]

    def _tell(self, ask: Ask, began: float) -> Telling:
        options = ask.options
        ids = self._tokenizer.encode(ask.text, add_special_tokens=False).ids
        self._model.set_seed(ask.seed)
        self._model.reset()
        first, tokens = 0.0, 0
        for _ in self._model.generate(
            ids,
            top_k=options.top_k,
            top_p=options.top_p,
            temp=options.temperature if options.do_sample else _GREEDY,
            repeat_penalty=options.repetition_penalty,
        ):
            first, tokens = first or time.perf_counter() - began, tokens + 1
            if tokens >= options.max_new_tokens:
                break
        return Telling(first=first, last=time.perf_counter() - began, tokens=tokens)


def prepare(setup: Setup) -> None:
    """Write the checkpoint as a GGUF file. Raises CannotDo where llama-cpp-python is not installed."""
    missing = [name for name in ("llama_cpp", "gguf") if importlib.util.find_spec(name) is None]
    if missing:
        raise CannotDo("not installed; pip install llama-cpp-python gguf (builds with a C++ compiler)")
    if not _file(setup).is_file():
        _convert(setup)


def load(setup: Setup) -> LlamaEngine:
    """Load the converted model. Raises CannotDo where llama-cpp-python is not installed."""
    prepare(setup)
    return LlamaEngine(setup)


def _file(setup: Setup) -> Path:
    return setup.made_file(".f16.gguf")


def _convert(setup: Setup) -> None:
    gguf: Any = import_module("gguf")
    model = load_checkpoint(setup.checkpoint).model
    config: Any = model.config
    made = _file(setup).with_suffix(".part")
    writer: Any = gguf.GGUFWriter(str(made), "gpt2")
    writer.add_context_length(config.n_positions)
    writer.add_embedding_length(config.n_embd)
    writer.add_block_count(config.n_layer)
    writer.add_feed_forward_length(config.n_inner or 4 * config.n_embd)
    writer.add_head_count(config.n_head)
    writer.add_layer_norm_eps(config.layer_norm_epsilon)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    _add_vocabulary(writer, Path(checkpoint_path(setup.checkpoint)) / "tokenizer.json", config.vocab_size)
    for name, tensor in model.state_dict().items():
        place = _NAMES.get(name) or _layer_name(name)
        if place is not None:
            line = tensor.t() if "conv" in place else tensor
            kept = line.half() if tensor.dim() > 1 else line.float()
            writer.add_tensor(place.removeprefix("conv "), kept.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    made.rename(_file(setup))


_NAMES = {
    "transformer.wte.weight": "token_embd.weight",
    "transformer.wpe.weight": "position_embd.weight",
    "transformer.ln_f.weight": "output_norm.weight",
    "transformer.ln_f.bias": "output_norm.bias",
}
_LAYER_NAMES = {
    "ln_1": "attn_norm",
    "attn.c_attn": "conv attn_qkv",
    "attn.c_proj": "conv attn_output",
    "ln_2": "ffn_norm",
    "mlp.c_fc": "conv ffn_up",
    "mlp.c_proj": "conv ffn_down",
}


def _layer_name(name: str) -> str | None:
    """Give llama.cpp's name; what transformers keeps the other way round begins with ``conv``."""
    parts = name.split(".")
    if len(parts) < 5 or parts[1] != "h" or ".".join(parts[3:-1]) not in _LAYER_NAMES:
        return None
    kind, _, place = _LAYER_NAMES[".".join(parts[3:-1])].rpartition(" ")
    turned = f"{kind} " if kind and parts[-1] == "weight" else ""
    return f"{turned}blk.{parts[2]}.{place}.{parts[-1]}"


def _add_vocabulary(writer: Any, path: Path, size: int) -> None:
    fields = json.loads(path.read_text(encoding="utf-8"))
    known = {number: token for token, number in fields["model"]["vocab"].items()}
    known |= {each["id"]: each["content"] for each in fields["added_tokens"]}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([known.get(number, f"<nothing{number}>") for number in range(size)])
    writer.add_token_types([1 if number in known else 5 for number in range(size)])
    merges = [each if isinstance(each, str) else " ".join(each) for each in fields["model"]["merges"]]
    writer.add_token_merges(merges or ["a b"])  # we give token ids, so merges are never looked at
