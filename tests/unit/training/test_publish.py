"""The model card, and what is looked over before a checkpoint is shared."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import ModelCard
from safetensors.torch import load_file, save_file

from storygen.checkpoint import CheckpointInfo, read_info, write_info
from storygen.genre import ORIGINAL_GENRES, Genre
from training.__main__ import main
from training.errors import TrainingError
from training.publish.card import OUR_MARK, card, write_card
from training.publish.check import check_it_works, files_to_share
from training.publish.facts import gather
from training.publish.licences import hub_licence
from training.publish.record import read_record
from training.train.config import Stage, TrainingConfig

MANIFEST = {
    "format": 1,
    "sources": {
        "movie_plots": {
            "works": {"train": 4953, "test": 105},
            "words": {"train": 1771287},
            "genres": {"drama": 4000, "western": 400},
            "licences": ["CC BY-SA 4.0, Wikipedia contributors"],
        },
        "original_plots": {
            "works": {"train": 1231}, "words": {"train": 243255}, "genres": {"western": 12}, "licences": ["CC0-1.0"],
        },
    },
    "test_stories": {"file": "kept_out.txt", "sha256": "abc"},
}  # fmt: skip
REPORT = {
    "checkpoint": "tiny-0",
    "weights": 1,
    "stories": "kept_out.txt",
    "overall": {"stories": 501, "bytes": 9, "tokens": 3, "perplexity": 94.37, "bits_per_byte": 1.7576},
    "by_genre": {"western": {"stories": 7, "bytes": 9, "tokens": 3, "perplexity": 118.0, "bits_per_byte": 1.9}},
    "loops": {"groups": {"generated": {"stories": 9, "loops": 0.011}}},
    "copying": {"not_measured": "no training stories were named"},
    "summary": [{"figure": "loops", "value": "1.10%", "bar": "under 2%", "met": True}],
}
CONFIG = TrainingConfig(
    name="tiny-0", stages=(Stage(name="plots", block=64, sources={"movie_plots": 2}),), seed=9, learning_rate=0.003
)


@pytest.fixture
def folder(tmp_path: Path, tiny_checkpoint: Path) -> Path:
    """Give a checkpoint folder of one's own."""
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "checkpoint"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give a prepared folder, as far as a card looks into it."""
    (tmp_path / "prepared").mkdir()
    return Path(write(tmp_path / "prepared" / "manifest.json", MANIFEST)).parent


def write(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def metadata(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = ModelCard(text).data.to_dict()  # type: ignore[no-untyped-call]  # it has no types
    return fields


def test_the_card_says_what_the_model_is_and_how_it_is_asked(folder: Path) -> None:
    western = Genre("western", "Western")
    write_info(folder, CheckpointInfo(name="seven", genres=(western, *ORIGINAL_GENRES), licence="CC BY-SA 4.0"))
    text = card(gather(folder), repository="ada/seven")
    assert "# seven" in text
    assert "in 7 genres: Western, Superhero, Sci-Fi" in text
    assert "| Western | `<western>` |" in text
    assert 'pipeline("text-generation", "ada/seven")' in text
    assert '"<BOS> <western> The lighthouse",' in text
    assert "STORY_MODEL=ada/seven storybot run" in text
    assert "was not recorded" in text


def test_the_metadata_is_what_the_hub_reads(folder: Path, data: Path, tmp_path: Path) -> None:
    report = write(tmp_path / "report.json", REPORT)
    fields = metadata(card(gather(folder, data=data, report=report), datasets=["ada/plots"]))
    assert fields["license"] == "cc0-1.0"
    assert (fields["language"], fields["pipeline_tag"]) == ("en", "text-generation")
    assert fields["datasets"] == ["ada/plots"]
    assert {"gpt2", "sci-fi"} <= set(fields["tags"])
    results = fields["model-index"][0]["results"]
    measured = {metric["type"]: metric["value"] for result in results for metric in result["metrics"]}
    assert measured == {"bits_per_byte": 1.7576, "perplexity": 94.37, "loops": 0.011}
    assert [result["dataset"]["name"] for result in results] == ["kept_out.txt", "stories told without a prompt"]


def test_the_card_counts_the_data_and_credits_its_authors(folder: Path, data: Path, tmp_path: Path) -> None:
    credit = write(tmp_path / "credits.md", "- SQuALITY, CC BY 4.0")
    text = card(gather(folder, data=data, credit=credit))
    assert "| movie_plots | 4,953 | 1,771,287 | CC BY-SA 4.0, Wikipedia contributors |" in text
    assert "drama 4,000, western 412" in text
    assert "kept_out.txt (SHA-256 abc)" in text
    assert "by Wikipedia contributors (https://en.wikipedia.org/)" in text
    assert "- movie_plots: CC BY-SA 4.0" in text
    assert "- original_plots" not in text  # CC0 asks for no credit
    assert "- SQuALITY, CC BY 4.0" in text


def test_the_card_shows_the_figures_and_the_faults_that_one_knows(folder: Path, tmp_path: Path) -> None:
    notes = write(tmp_path / "notes.md", "- Every second story has a horse in it.")
    text = card(gather(folder, report=write(tmp_path / "report.json", REPORT), notes=notes))
    assert "| **all** | 501 | 1.758 | 94.370 |" in text
    assert "| western | 7 | 1.900 | 118.000 |" in text
    assert "| loops | 1.10% | under 2% | yes |" in text
    assert "Every second story has a horse in it." in text


def test_a_fresh_checkpoint_records_how_it_was_made(folder: Path, data: Path) -> None:
    write_card(folder, config=CONFIG, data=data)
    record = read_record(folder)
    assert record.manifest == MANIFEST
    assert torch.__version__.startswith(record.tools["torch"])  # which has no "+cpu" or "+cu130" behind it
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "from random weights" in text
    assert "| plots | 64 | movie_plots 2 |" in text
    assert "seed 9" in text
    assert f"torch {record.tools['torch']}" in text
    assert "4,953" in text


@pytest.mark.parametrize(("base", "named"), [("openai-community/gpt2", "openai-community/gpt2"), ("builtin", None)])
def test_only_a_base_of_the_hub_is_named_in_the_metadata(
    folder: Path, data: Path, base: str, named: str | None
) -> None:
    write_card(folder, config=TrainingConfig(name="tiny-0", stages=CONFIG.stages, base=base), data=data)
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert metadata(text).get("base_model") == named
    assert f"Trained further from {named or 'storybot-builtin'}" in text


def test_a_base_in_a_folder_is_named_without_the_folders_of_this_machine(
    folder: Path, data: Path, tiny_checkpoint: Path
) -> None:
    config = TrainingConfig(name="tiny-1", stages=CONFIG.stages, base=str(tiny_checkpoint))
    write_card(folder, config=config, data=data)
    for path in folder.glob("*.[jm][sd]*"):
        assert str(tiny_checkpoint.parent) not in path.read_text(encoding="utf-8"), path.name
    assert "Trained further from tiny-0." in (folder / "README.md").read_text(encoding="utf-8")


def test_publishing_writes_the_card_shows_what_would_go_and_sends_nothing(
    folder: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "loss.odt").write_text("mine", encoding="utf-8")
    assert main(["publish", str(folder), "--data", str(data)]) == 0
    shown = capsys.readouterr().out
    size = (folder / "model.safetensors").stat().st_size
    assert f"{size:,} bytes  model.safetensors" in shown
    assert "left out: loss.odt" in shown
    assert "Nothing was sent." in shown
    assert OUR_MARK in (folder / "README.md").read_text(encoding="utf-8")


def test_a_card_that_was_changed_by_hand_stays_unless_a_new_one_is_wanted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = write(folder / "README.md", "# My own words\n")
    assert main(["publish", str(folder)]) == 0
    assert readme.read_text(encoding="utf-8") == "# My own words\n"
    assert "written by hand" in capsys.readouterr().out
    assert main(["publish", str(folder), "--new-card"]) == 0
    assert "# tiny-0" in readme.read_text(encoding="utf-8")


def unlicensed(folder: Path) -> None:
    write_info(folder, CheckpointInfo(name="tiny-0"))


def pickled(folder: Path) -> None:
    (folder / "state").mkdir()
    (folder / "state" / "optimizer.pt").write_bytes(b"")


def without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def with_an_eighth_genre(folder: Path) -> None:
    info = read_info(str(folder))
    genres = (*info.genres, Genre("western", "Western"))
    write_info(folder, CheckpointInfo(name=info.name, genres=genres, licence=info.licence))


def with_a_number_that_is_none(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["transformer.wpe.weight"][0, 0] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def with_a_shard_missing(folder: Path) -> None:
    shard = "model-00001-of-00002.safetensors"
    (folder / "model.safetensors").rename(folder / shard)
    index = {"weight_map": {"a": shard, "b": "model-00002-of-00002.safetensors"}}
    write(folder / "model.safetensors.index.json", index)


def with_an_old_shard(folder: Path) -> None:
    shutil.copy(folder / "model.safetensors", folder / "model-00001-of-00002.safetensors")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (unlicensed, "has no licence"),
        (pickled, "optimizer.pt can run code"),
        (without_tokenizer, "tokenizer.json is missing"),
        (without_weights, "should hold its weights in model.safetensors"),
        (with_an_eighth_genre, "were not trained on <western>"),
        (with_a_number_that_is_none, "not all finite numbers"),
        (with_a_shard_missing, "the shard model-00002-of-00002.safetensors is missing"),
        (with_an_old_shard, "should hold its weights in model.safetensors or in shards"),
    ],
)
def test_what_must_not_be_shared_is_named_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None], sentence: str
) -> None:
    spoil(folder)
    before = sorted(path.name for path in folder.iterdir())
    assert main(["publish", str(folder), "--to", "ada/western", "--push"]) == 2
    shown = capsys.readouterr().err
    assert sentence in shown
    assert shown.startswith("storytrain publish: ")
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_checkpoint_in_shards_is_shared_whole(folder: Path) -> None:
    from transformers import GPT2LMHeadModel

    GPT2LMHeadModel.from_pretrained(folder).save_pretrained(folder / "cut", max_shard_size="50KB")
    (folder / "model.safetensors").unlink()
    for path in (folder / "cut").glob("model*"):
        path.rename(folder / path.name)
    names = [path.name for path in files_to_share(folder)]
    assert sum(name.endswith(".safetensors") for name in names) > 1
    assert "model.safetensors.index.json" in names
    check_it_works(folder)
    assert gather(folder).weights == GPT2LMHeadModel.from_pretrained(folder).num_parameters()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--push"], "--to owner/name"),
        (["--report", "nowhere.json"], "nowhere.json can't be read: No such file"),
        (["--data", "nowhere"], "There is no manifest.json in nowhere"),
    ],
)
def test_a_mistake_is_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["publish", str(folder), *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert len(error.strip().splitlines()) == 1


def test_a_folder_that_is_none_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", str(tmp_path / "nowhere")]) == 2
    assert "There is no checkpoint folder" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["[1]", "{", '{"base": 7}'])
def test_a_damaged_record_is_a_sentence(folder: Path, content: str) -> None:
    write(folder / "training.json", content)
    with pytest.raises(TrainingError, match=r"training.json can't be read"):
        read_record(folder)


def test_a_licence_without_a_name_on_the_hub_keeps_its_own() -> None:
    assert hub_licence("CC BY-SA 4.0") == {"license": "cc-by-sa-4.0"}
    assert hub_licence("My House Rules 2") == {"license": "other", "license_name": "my-house-rules-2"}
