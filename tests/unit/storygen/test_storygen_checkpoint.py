"""Reading and writing a checkpoint folder."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken
from transformers import PreTrainedTokenizerFast

from storygen.checkpoint import (
    INFO_FILE,
    CheckpointInfo,
    add_control_tokens,
    checkpoint_path,
    control_tokens,
    load,
    read_info,
    write_info,
)
from storygen.errors import CheckpointError
from storygen.genre import ORIGINAL_GENRES, Genre
from tests.fakes.tiny_model import TinyShape, tiny_gpt2, tiny_tokenizer, write_tiny_checkpoint

INFO = CheckpointInfo(name="novels", genres=(Genre("romance", "Romance"),), licence="CC-BY-SA-4.0")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_info(tmp_path, INFO)
    assert read_info(str(tmp_path)) == INFO


def test_a_folder_without_info_has_the_genres_of_the_original(tmp_path: Path) -> None:
    assert read_info(str(tmp_path)) == CheckpointInfo(name=tmp_path.name, genres=ORIGINAL_GENRES)


def test_a_hub_name_keeps_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    name = "pranavpsv/gpt2-genre-story-generator"
    assert (checkpoint_path(name), read_info(name).name) == (name, name)


def test_the_built_in_model_lies_in_the_package() -> None:
    assert Path(checkpoint_path("builtin")).parts[-3:] == ("storygen", "models", "builtin")


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "[]",
        "{}",
        '{"format": 99, "name": "x", "genres": [], "licence": "x"}',
        '{"format": 1, "name": "x", "genres": [], "licence": "x"}',
        '{"format": 1, "name": "x", "genres": [{"name": "Not A Token", "label": "x"}], "licence": "x"}',
    ],
)
def test_damaged_or_newer_info_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / INFO_FILE).write_text(content)
    with pytest.raises(CheckpointError):
        read_info(str(tmp_path))


@pytest.mark.parametrize("place", ["/no/such/folder", "./nothing", "~/nothing-here", "a/b/c"])
def test_a_path_to_no_folder_is_said_at_once(place: str) -> None:
    with pytest.raises(CheckpointError) as raised:
        read_info(place)
    assert raised.value.problem == "there is no such folder"


def test_loading_leaves_the_model_ready_to_write(tiny_checkpoint: Path, capfd: pytest.CaptureFixture[str]) -> None:
    checkpoint = load(str(tiny_checkpoint))
    assert not checkpoint.model.training
    assert checkpoint.model.dtype == torch.float32
    assert checkpoint.info.name == "tiny-0"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_folder_that_lacks_a_file_or_has_a_broken_one_is_an_error(tmp_path: Path, file: str) -> None:
    folder = write_tiny_checkpoint(tmp_path / "x")
    (folder / file).write_bytes(b"broken")
    with pytest.raises(CheckpointError):
        load(str(folder))
    (folder / file).unlink()
    with pytest.raises(CheckpointError):
        load(str(folder))


def test_weights_that_are_cut_off_are_an_error(tmp_path: Path) -> None:
    weights = write_tiny_checkpoint(tmp_path / "x") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    with pytest.raises(CheckpointError):
        load(str(tmp_path / "x"))


def test_weights_of_another_shape_are_an_error(tmp_path: Path) -> None:
    folder = write_tiny_checkpoint(tmp_path / "x")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"n_embd": config["n_embd"] * 2}))
    with pytest.raises(CheckpointError):
        load(str(folder))


def test_a_weight_that_is_missing_is_an_error_and_not_made_up(tmp_path: Path) -> None:
    folder = write_tiny_checkpoint(tmp_path / "x")
    weights = load_file(folder / "model.safetensors")
    del weights["transformer.h.1.mlp.c_fc.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match="mlp"):
        load(str(folder))


def test_pickled_weights_are_not_read(tmp_path: Path) -> None:
    folder = write_tiny_checkpoint(tmp_path / "x")
    weights = load(str(folder)).model.state_dict()
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(CheckpointError):
        load(str(folder))


def test_a_model_without_the_control_tokens_gets_them_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_tiny_checkpoint(tmp_path / "x")
    info = json.loads((folder / INFO_FILE).read_text())
    info["genres"].append({"name": "romance", "label": "Romance"})
    (folder / INFO_FILE).write_text(json.dumps(info))
    before = load(str(write_tiny_checkpoint(tmp_path / "y")))
    with caplog.at_level(logging.WARNING, logger="storygen"):
        checkpoint = load(str(folder))
    assert len(checkpoint.tokenizer.encode("<romance>")) == 1
    assert checkpoint.tokenizer.encode("<horror>") == before.tokenizer.encode("<horror>")
    assert checkpoint.model.lm_head.weight.shape[0] == len(checkpoint.tokenizer)
    assert "<romance>" in caplog.text
    assert "<horror>" not in caplog.text


def test_a_tokenizer_that_has_all_control_tokens_learns_their_roles_and_keeps_how_they_were_declared() -> None:
    prompt, plain = "<BOS> <horror> The door", tiny_tokenizer()
    with_space = plain(prompt).input_ids
    bpe = plain.backend_tokenizer
    bpe.add_special_tokens([AddedToken(genre.token, lstrip=True, special=True) for genre in ORIGINAL_GENRES])
    make: type[Any] = PreTrainedTokenizerFast  # its __init__ has no types
    tokenizer = make(tokenizer_object=bpe)
    before = tokenizer(prompt).input_ids
    assert len(before) == len(with_space) - 1  # the space belongs to the genre
    model = tiny_gpt2(plain, 0, TinyShape())
    assert not add_control_tokens(model, tokenizer, control_tokens(ORIGINAL_GENRES))
    assert [tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token] == ["<BOS>", "<EOS>", "<PAD>"]
    assert tokenizer.bos_token_id == plain.bos_token_id
    assert tokenizer(prompt).input_ids == before
