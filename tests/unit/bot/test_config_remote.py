"""What an operator says about remote servers, and which engine comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config, load_config
from bot.engine import make_engine
from bot.errors import ConfigError
from storygen.engines.local import LocalEngine
from storygen.engines.remote import RemoteEngine, RemoteOptions

URL = "http://gpu1:8000/v1"


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def read(folder: Path, *lines: str) -> Config:
    path = folder / "operator.env"
    path.write_text("\n".join(lines), encoding="utf-8")
    return load_config(path)


def test_without_a_word_the_model_runs_inside_the_bot(tmp_path: Path) -> None:
    assert isinstance(make_engine(read(tmp_path)), LocalEngine)


def test_several_servers_stand_with_commas_between(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        "STORY_ENGINE=remote",
        f"REMOTE_BASE_URL={URL}, https://gpu2/v1",
        "REMOTE_API_KEY= a-key ",
        "REMOTE_MODEL=stories",
        "REMOTE_GENRES=western, film_noir",
        "REMOTE_AT_ONCE=40",
    )
    assert config.remote_options() == RemoteOptions(
        base_urls=(URL, "https://gpu2/v1"),
        api_key="a-key",
        model="stories",
        genres=("western", "film_noir"),
        at_once=40,
    )
    engine = make_engine(config)
    assert isinstance(engine, RemoteEngine)
    assert [genre.name for genre in engine.genres] == ["western", "film_noir"]
    assert engine.status().device == "http://gpu1:8000, https://gpu2"


def test_remote_without_an_address_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "STORY_ENGINE=remote", "REMOTE_BASE_URL=")
    (problem,) = caught.value.problems
    assert problem.startswith("REMOTE_BASE_URL is empty, and STORY_ENGINE=remote needs it. It means: ")


@pytest.mark.parametrize(
    "line",
    [
        "REMOTE_BASE_URL=gpu1:8000/v1",
        f"REMOTE_BASE_URL={URL},ftp://gpu2/v1",
        "REMOTE_BASE_URL=http://me:secret-word@gpu1/v1",
        "REMOTE_GENRES=Film Noir",
        "STORY_ENGINE=secret-word",
    ],
    ids=["no scheme", "another scheme", "a password", "no identifier", "another engine"],
)
def test_a_value_that_can_not_be_is_a_sentence_without_the_value(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, line)
    (problem,) = caught.value.problems
    assert line.partition("=")[0] in problem
    assert "secret-word" not in problem


def test_the_key_is_in_nothing_that_is_printed(tmp_path: Path) -> None:
    config = read(tmp_path, "REMOTE_API_KEY=secret-word", f"REMOTE_BASE_URL={URL}")
    assert "secret-word" not in f"{config!r} {config.remote_options()!r} {config.model_dump_json()}"
