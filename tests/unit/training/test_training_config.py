from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

import training
from training.errors import TrainingError
from training.train.config import Stage, TrainingConfig, read_config

CONFIGS = Path(training.__file__).parent / "configs"


@pytest.mark.parametrize("name", sorted(path.stem for path in CONFIGS.glob("*.toml")))
def test_our_own_configurations_are_valid(name: str) -> None:
    config = read_config(CONFIGS / f"{name}.toml")
    assert config.stages
    assert config.stages[-1].block == config.positions


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("embedding = 32", "embeding = 32", "there is no field embeding"),
        ("heads = 2", "heads = 3", "heads does not divide"),
        ("block = 128", "block = 256", "longer than positions"),
        ("tokenizer_sources = { movie_plots = 1 }", "", "needs tokenizer_sources"),
        ("micro_batch_tokens = 128", "micro_batch_tokens = 100", "does not divide"),
        ("layers = 2", "layers = = 2", "is not valid"),
        ("batch_tokens = 256", 'batch_tokens = "many"', 'batch_tokens must be a whole number, not "many"'),
        ("layers = 2", "layers = 2.5", "layers must be a whole number, not 2.5"),
        ("layers = 2", "layers = true", "layers must be a whole number, not true"),
        ("layers = 2", "layers = 0", "layers must be more than 0, not 0"),
        ("learning_rate = 3e-3", "learning_rate = -1", "learning_rate must be more than 0, not -1"),
        ("bf16 = false", 'bf16 = "no"', 'bf16 must be true or false, not "no"'),
        ('name = "smoke"', "name = 3", "name must be text in quotes, not 3"),
        ("warmup_steps = 2", "warmup_steps = 2\ndecay = 1.5", "decay must be at most 1, not 1.5"),
        ("seed = 3", "seed = 3\nlora_rank = 4", "lora_rank needs a base"),
        ("seed = 3", 'seed = 3\nmax_shard_size = "big"', "max_shard_size must be like 15MB"),
        ("save_steps = 4", 'save_steps = 4\nevaluate_sources = "movie_plots"', "evaluate_sources must be a list"),
        ("block = 64", 'block = "long"', r"stages\[1\]\.block must be a whole number"),
        ("block = 64\n", "", r"stages\[1\]\.block is missing"),
        ("block = 64", "blok = 64", "there is no field blok in Stage"),
        (
            "late_starts = { movie_plots = 0.5 }",
            "late_starts = 0.5",
            r"stages\[2\]\.late_starts must be a table such as",
        ),
        ("late_starts = { movie_plots = 0.5 }", "balance = 2", r"stages\[2\]\.balance must be at most 1"),
        ("learning_rate = 3e-3", 'optimizer = "magic"', "optimizer must be 'muon' or 'adamw', not"),
    ],
)
def test_a_mistake_is_named_in_a_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    text = (CONFIGS / "smoke.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "wrong.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(TrainingError, match=sentence) as caught:
        read_config(path)
    assert "wrong.toml" in str(caught.value)


def test_a_missing_file_and_no_stages_are_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"gone\.toml can't be read"):
        read_config(tmp_path / "gone.toml")
    path = tmp_path / "empty.toml"
    path.write_text('name = "x"\ntokenizer_sources = { movie_plots = 1 }\n', encoding="utf-8")
    with pytest.raises(TrainingError, match="no \\[\\[stages\\]\\]"):
        read_config(path)


def test_every_field_is_explained_in_the_guide() -> None:
    guide = (Path(training.__file__).parents[1] / "docs" / "tuning.md").read_text(encoding="utf-8")
    names = [field.name for kind in (TrainingConfig, Stage) for field in fields(kind)]
    assert [name for name in names if f"`{name}`" not in guide] == []
