from __future__ import annotations

import json
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Literal

import pytest
import torch
from safetensors.torch import load_file

import training
from storygen.checkpoint import load, read_info
from storygen.prompt import render_prompt
from tests.fakes.tiny_films import write_tiny_films
from training.__main__ import main
from training.errors import TrainingError
from training.train.config import TrainingConfig, read_config
from training.train.dataset import training_batches
from training.train.optimizer import build_optimizer, build_schedule
from training.train.run import train
from training.train.tokenizer import train_tokenizer

SMOKE = Path(training.__file__).parent / "configs" / "smoke.toml"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the prepared splits of the made-up films."""
    folder = tmp_path_factory.mktemp("data")
    films = write_tiny_films(folder / "films.csv")
    assert main(["prepare", "--movie-plots", str(films), "--out", str(folder / "prepared")]) == 0
    return folder / "prepared"


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def smaller(config: TrainingConfig) -> TrainingConfig:
    return replace(config, stages=(replace(config.stages[0], sources={"movie_plots": 1}),))


def test_from_raw_rows_to_a_told_story(data: Path, tmp_path: Path) -> None:
    arguments = ["train", "--config", str(SMOKE), "--data", str(data), "--run", str(tmp_path / "run")]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    assert read_info(str(tmp_path / "out")).name == "smoke"
    model, tokenizer = attrgetter("model", "tokenizer")(load(str(tmp_path / "out")))  # transformers' types are no help
    prompt = tokenizer(render_prompt("horror", "The captain"), return_tensors="pt")
    ids = model.generate(**prompt, max_new_tokens=20, do_sample=False)
    story = tokenizer.decode(ids[0], skip_special_tokens=True)
    assert story.startswith(" The captain")
    assert len(story) > len(" The captain")
    logged = (tmp_path / "run" / "loss.jsonl").read_text(encoding="utf-8").splitlines()
    losses = [json.loads(line)["loss"] for line in logged if '"loss"' in line]
    assert losses[-1] < losses[0] - 0.5
    assert all(tensor.dtype == torch.float16 for tensor in weights(tmp_path / "out").values())
    evaluate = ["evaluate", "--checkpoint", str(tmp_path / "out"), "--out", str(tmp_path / "report")]
    assert main([*evaluate, "--stories", str(data / "movie_plots.train.jsonl")]) == 0
    assert "smoke" in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")


def test_a_stage_stops_after_the_batches_it_is_given(data: Path) -> None:
    config = read_config(SMOKE)
    tokenizer = train_tokenizer(["He goes."], vocabulary=300, positions=128, genres=["drama"])
    whole = training_batches(data, tokenizer, config)
    stages = (replace(config.stages[0], batches=3), config.stages[1])
    stopped = training_batches(data, tokenizer, replace(config, stages=stages))
    later = len(whole) - next(n for n, batch in enumerate(whole) if batch["input_ids"].shape[1] == 128)
    assert len(stopped) == 3 + later
    expected = [*whole[:3], *whole[-later:]]
    assert all(torch.equal(a["input_ids"], b["input_ids"]) for a, b in zip(stopped, expected, strict=True))


def test_a_run_is_neither_overwritten_nor_resumed_from_nothing(data: Path, tmp_path: Path) -> None:
    config = smaller(read_config(SMOKE))
    with pytest.raises(TrainingError, match="no state to resume"):
        train(config, data, tmp_path / "run", tmp_path / "out", resume=True)
    (tmp_path / "run" / "checkpoint-4").mkdir(parents=True)
    with pytest.raises(TrainingError, match="holds a run already"):
        train(config, data, tmp_path / "run", tmp_path / "out")


def test_a_finished_checkpoint_can_be_trained_further(data: Path, tmp_path: Path, tiny_checkpoint: Path) -> None:
    config = replace(smaller(read_config(SMOKE)), base=str(tiny_checkpoint), optimizer="adamw")
    train(config, data, tmp_path / "run", tmp_path / "out")
    before, after = load(str(tiny_checkpoint)), load(str(tmp_path / "out"))
    assert before.tokenizer.get_vocab() == after.tokenizer.get_vocab()
    assert not torch.equal(before.model.transformer.wte.weight, after.model.transformer.wte.weight)


def test_a_base_that_cannot_be_loaded_is_named(data: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    config = replace(smaller(read_config(SMOKE)), base=str(tmp_path / "empty"))
    with pytest.raises(TrainingError, match=r"^The base .*empty can't be loaded: "):
        train(config, data, tmp_path / "run", tmp_path / "out")


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_each_optimizer_changes_every_weight(optimizer: Literal["muon", "adamw"], tiny_checkpoint: Path) -> None:
    config = replace(read_config(SMOKE), optimizer=optimizer)
    model = load(str(tiny_checkpoint)).model
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    stepper = build_optimizer(model, config)
    ids = torch.arange(8).reshape(1, 8)
    model(input_ids=ids, labels=ids).loss.backward()
    stepper.step()
    # Keys are the same for every query at first, so the key part of a bias has no slope.
    changed = [name for name, parameter in model.named_parameters() if not torch.equal(before[name], parameter)]
    assert set(before) == set(changed)


def test_the_learning_rate_rises_stays_and_falls_to_nothing(tiny_checkpoint: Path) -> None:
    config = replace(read_config(SMOKE), warmup_steps=4, decay=0.5, learning_rate=1.0)
    stepper = build_optimizer(load(str(tiny_checkpoint)).model, config)
    schedule = build_schedule(stepper, config, 20)
    rates = []
    for _ in range(20):
        rates.append({round(group["lr"], 6) for group in stepper.param_groups})
        stepper.step()
        schedule.step()
    assert rates[:6] == [{0.25}, {0.5}, {0.75}, {1.0}, {1.0}, {1.0}]
    assert rates[9:12] == [{1.0}, {1.0}, {0.9}]
    assert rates[-1] == {0.1}
