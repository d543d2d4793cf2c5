from __future__ import annotations

from pathlib import Path

import pytest

import training
from training.errors import TrainingError
from training.train.config import read_config

CONFIGS = Path(training.__file__).parent / "configs"


@pytest.mark.parametrize("name", ["builtin", "smoke", "gpt2"])
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
        ("learning_rate = 3e-3", 'optimizer = "magic"', "must be muon or adamw"),
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
