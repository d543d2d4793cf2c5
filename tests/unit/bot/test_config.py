from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.config import Config, load_config
from bot.errors import ConfigError

TOKEN = "MTIzNDU2Nzg5.Gabcde.not-a-real-one"  # noqa: S105  # made up


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def env_file(folder: Path, text: str) -> Path:
    path = folder / "operator.env"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_and_variables_the_defaults_hold(tmp_path: Path) -> None:
    config = load_config(tmp_path / "missing.env")

    assert config.database_path == Path("data/stories.sqlite3")
    assert config.story_model == "builtin"
    assert (config.story_rows, config.queue_limit, config.stories_per_user) == (8, 64, 2)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORY_ROWS", "3")

    config = load_config(env_file(tmp_path, "STORY_ROWS=5\nQUEUE_LIMIT=7\n"))

    assert (config.story_rows, config.queue_limit) == (3, 7)


def test_an_empty_value_means_the_default(tmp_path: Path) -> None:
    assert load_config(env_file(tmp_path, "STORY_ROWS=\nLOG_LEVEL=\n")).story_rows == 8


def test_a_file_from_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes("\ufeffDISCORD_TOKEN=abc\r\nSTORY_ROWS=4\r\n".encode())

    config = load_config(path)

    assert (config.require_token(), config.story_rows) == ("abc", 4)


def test_unknown_variables_are_ignored(tmp_path: Path) -> None:
    assert load_config(env_file(tmp_path, "SOMETHING_ELSE=1\n")) == load_config(None)


def test_all_mistakes_are_named_at_once_in_sentences(tmp_path: Path) -> None:
    wrong = (
        "STORY_ROWS=0\nEDIT_SECONDS=0.2\nSTORY_DEVICE=toaster\nLOG_LEVEL=loud\nQUEUE_LIMIT=many\nSTORY_SECONDS=inf\n"
    )

    with pytest.raises(ConfigError) as caught:
        load_config(env_file(tmp_path, wrong))

    problems = caught.value.problems
    names = ["STORY_DEVICE", "STORY_ROWS", "QUEUE_LIMIT", "STORY_SECONDS", "EDIT_SECONDS", "LOG_LEVEL"]
    assert [problem.split()[0] for problem in problems] == names
    assert all(problem.endswith(".") for problem in problems)
    assert "should be greater than or equal to 1" in problems[1]


def test_no_value_is_repeated_in_a_complaint_since_it_could_be_a_token_in_the_wrong_line(tmp_path: Path) -> None:
    wrong = "".join(f"{name.upper()}={TOKEN}\n" for name in Config.model_fields)

    with pytest.raises(ConfigError) as caught:
        load_config(env_file(tmp_path, wrong))

    assert TOKEN not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)


def test_values_are_hidden_also_where_a_config_is_made_by_hand() -> None:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"story_rows": TOKEN})

    assert TOKEN not in str(caught.value)


def test_the_token_is_not_shown_when_the_config_is(tmp_path: Path) -> None:
    config = load_config(env_file(tmp_path, f"DISCORD_TOKEN=  {TOKEN} \n"))

    assert config.require_token() == TOKEN
    assert TOKEN not in f"{config!r} {config} {config.model_dump_json()}"


@pytest.mark.parametrize("empty", ["", "   "])
def test_a_missing_token_is_complained_about_only_when_it_is_needed(empty: str, tmp_path: Path) -> None:
    config = load_config(env_file(tmp_path, f"DISCORD_TOKEN='{empty}'\n"))

    with pytest.raises(ConfigError, match=r"https://discord\.com/developers/applications.*make demo"):
        config.require_token()


def test_a_file_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="can't be read: it is not text in UTF-8"):
        load_config(path)


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:1"])
def test_devices_by_their_names(device: str) -> None:
    assert Config(story_device=device).story_device == device


def test_the_level_may_be_typed_in_lower_case() -> None:
    assert Config.model_validate({"log_level": "debug"}).log_level == "DEBUG"
