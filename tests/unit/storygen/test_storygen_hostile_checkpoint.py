"""A checkpoint that somebody made to harm is refused in a sentence, before transformers or the kernels believe it."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import AddedToken

from storygen.checkpoint import INFO_FILE, load, read_info
from storygen.engines.native.forward import NativeForward
from storygen.engines.story_writer import StoryWriter
from storygen.errors import CheckpointError
from storygen.sampling import SamplingOptions
from storygen.story import StoryRequest
from tests.fakes.tiny_model import write_tiny_checkpoint


class Trap:
    """Unpickled, it leaves a folder behind."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self._place),)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_checkpoint(tmp_path / "tiny")


def change(folder: Path, file: str, **fields: Any) -> None:
    path = folder / file
    said = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(said | fields))


def problem_with(folder: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        load(str(folder))
    return caught.value.problem


@pytest.mark.parametrize("name", ["n_layer", "n_head", "n_embd", "n_positions", "vocab_size", "n_inner"])
@pytest.mark.parametrize("size", [0, -1, -2, 3, 10**6 + 1, 2**31, 2**63, 10**30, 1.5, "8", True, [4], 1e308])
def test_sizes_that_the_weights_do_not_have_are_refused(folder: Path, name: str, size: object) -> None:
    change(folder, "config.json", **{name: size})
    assert problem_with(folder)


@pytest.mark.parametrize(
    ("alias", "size"),
    [("hidden_size", -32), ("num_attention_heads", -4), ("num_hidden_layers", 10**9), ("max_position_embeddings", 0)],
)
def test_so_are_they_under_their_other_names(folder: Path, alias: str, size: int) -> None:
    own = {"hidden_size": "n_embd", "num_attention_heads": "n_head", "num_hidden_layers": "n_layer"}
    said = json.loads((folder / "config.json").read_text())
    said.pop(own.get(alias, "n_positions"))
    (folder / "config.json").write_text(json.dumps(said | {alias: size}))
    assert problem_with(folder)


@pytest.mark.parametrize("epsilon", [0, -1.0, float("nan"), float("inf"), "x"])
def test_so_is_a_norm_that_divides_by_nothing(folder: Path, epsilon: object) -> None:
    change(folder, "config.json", layer_norm_epsilon=epsilon)
    assert problem_with(folder)


def test_a_model_larger_than_its_file_is_refused_before_memory_is_taken(folder: Path) -> None:
    change(folder, "config.json", n_layer=512, n_embd=65_536, n_head=64)
    assert "speaks of" in problem_with(folder)


@pytest.mark.parametrize(
    "fields",
    [
        {"auto_map": {"AutoModel": "evil.Model"}},
        {"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}},
        {"attn_implementation": "somebody/kernels"},
        {"_attn_implementation": "flash_attention_2"},
    ],
)
def test_a_config_that_brings_code_is_refused(folder: Path, fields: dict[str, Any]) -> None:
    change(folder, "config.json", **fields)
    assert "bring code from elsewhere" in problem_with(folder)


def test_code_that_a_tokenizer_brings_is_not_run(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "trapped"
    (folder / "evil.py").write_text(f"import os\nos.mkdir({str(place)!r})\nclass T: ...\n")
    change(folder, "tokenizer_config.json", auto_map={"AutoTokenizer": ["evil.T", "evil.T"]}, tokenizer_class="T")
    with suppress(CheckpointError):
        load(str(folder))
    assert not place.exists()


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_pickle_is_not_opened_under_any_name(folder: Path, tmp_path: Path, name: str) -> None:
    place = tmp_path / "trapped"
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(pickle.dumps(Trap(place)) + b" " * 1_000_000)
    assert problem_with(folder)
    torch.save({"x": Trap(place)}, folder / name)
    assert problem_with(folder)
    assert not place.exists()


@pytest.mark.parametrize(
    "shard",
    ["pytorch_model.bin", "../other/model.safetensors", "/etc/x.safetensors", "a\\b.safetensors", "C:x.safetensors", 7],
)
def test_an_index_names_only_safetensors_of_its_own_folder(folder: Path, tmp_path: Path, shard: object) -> None:
    write_tiny_checkpoint(tmp_path / "other")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    change(folder, "model.safetensors.index.json", metadata={}, weight_map={"transformer.wte.weight": shard})
    assert "no safetensors of this checkpoint" in problem_with(folder)


def test_an_adapter_beside_the_weights_is_refused(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "trapped"
    change(folder, "adapter_config.json", base_model_name_or_path="somebody/else", peft_type="LORA")
    (folder / "adapter_model.bin").write_bytes(pickle.dumps(Trap(place)))
    assert "adapter" in problem_with(folder)
    assert not place.exists()


def test_a_tokenizer_with_a_token_that_the_model_lacks_is_refused(folder: Path) -> None:
    said = json.loads((folder / "tokenizer.json").read_text())
    word = next(iter(said["model"]["vocab"]))
    said["model"]["vocab"][word] = 1_000_000
    (folder / "tokenizer.json").write_text(json.dumps(said))
    assert "the tokenizer has a token 1000000" in problem_with(folder)


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "tokenizer_config.json", "story.json"])
@pytest.mark.parametrize("content", ["[" * 100_000, "[]", "7", "null", '{"a": ' * 5_000, "\x00"])
def test_a_file_of_anything_is_refused_in_a_sentence(folder: Path, file: str, content: str) -> None:
    if (file, content) == ("tokenizer_config.json", "null"):
        pytest.skip("transformers takes it for an empty one")
    (folder / file).write_text(content)
    assert problem_with(folder)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ["a"]},
        {"name": "a\x1b[2J"},
        {"name": "a\nb"},
        {"name": "x" * 1_000},
        {"licence": None},
        {"licence": "\u202eMIT"},
        {"genres": [{"name": "drama", "label": 7}]},
        {"genres": [{"name": "drama", "label": "Dra\nma"}]},
        {"genres": [{"name": "drama", "label": "x" * 1_000}]},
        {"genres": [{"name": "drama", "label": "Drama"}] * 2},
        {"genres": [{"name": "../../etc", "label": "x"}]},
        {"genres": [{"name": "bos> <eos", "label": "x"}]},
        {"genres": {"drama": "Drama"}},
    ],
)
def test_names_that_are_shown_to_people_are_lines_of_text(folder: Path, fields: dict[str, Any]) -> None:
    change(folder, INFO_FILE, **fields)
    with pytest.raises(CheckpointError):
        read_info(str(folder))


@pytest.mark.parametrize(
    "changed",
    [
        {"n_head": 0},
        {"n_head": -4},
        {"n_head": 3},
        {"n_embd": 64},
        {"n_layer": 1 << 20},
        {"n_positions": 1 << 18},
        {"vocab_size": 1 << 18},
        {"n_inner": 4096},
        {"n_inner": -128},
    ],
)
def test_the_kernels_are_never_told_sizes_that_the_weights_do_not_have(folder: Path, changed: dict[str, int]) -> None:
    model = load(str(folder)).model
    if not NativeForward.serves(model):
        pytest.skip("there are no compiled kernels on this machine")
    for name, size in changed.items():
        setattr(model.config, name, size)
    with pytest.raises((ValueError, AttributeError)):
        NativeForward(model)


@pytest.mark.parametrize("weight", ["transformer.wpe.weight", "transformer.h.1.mlp.c_fc.bias", "transformer.ln_f.bias"])
def test_nor_weights_that_are_shorter_than_their_sizes(folder: Path, weight: str) -> None:
    model = load(str(folder)).model
    if not NativeForward.serves(model):
        pytest.skip("there are no compiled kernels on this machine")
    place, _, name = weight.rpartition(".")
    setattr(model.get_submodule(place), name, torch.nn.Parameter(model.get_parameter(weight)[:1].clone()))
    with pytest.raises(ValueError, match="has the shape"):
        NativeForward(model)


def test_special_tokens_of_a_tokenizer_from_elsewhere_can_not_be_typed(folder: Path) -> None:
    checkpoint = load(str(folder))
    checkpoint.tokenizer.add_tokens([AddedToken(token, special=True) for token in ("[SEP]", "<|im_start|>")])
    checkpoint.model.resize_token_embeddings(len(checkpoint.tokenizer))
    checkpoint.model.save_pretrained(folder)
    checkpoint.tokenizer.save_pretrained(folder)
    checkpoint = load(str(folder))
    assert {"[SEP]", "<|im_start|>"} <= set(checkpoint.info.special_tokens)
    writer = StoryWriter(checkpoint, rows=1)
    typed = "A [SEP] b <|im_start|> c [S\x00EP] d <B[SEP]OS> e"
    wanted = StoryRequest(genre="drama", prompt=typed, memory=typed, options=SamplingOptions(), seed=1)
    ids = writer.window_for(wanted, 30).token_ids
    known = checkpoint.tokenizer.get_vocab()
    assert not {known["[SEP]"], known["<|im_start|>"]} & set(ids)
    assert ids.count(known["<BOS>"]) == 1
    assert not {known["[SEP]"]} & set(writer.window(writer.genre_input("drama", typed), 30).token_ids)
