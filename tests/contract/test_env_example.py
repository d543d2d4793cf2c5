"""`.env.example` says what `Config` says: every variable, its default and its sentence."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config import Config, load_config

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def expected_lines() -> list[str]:
    lines = []
    for name, field in Config.model_fields.items():
        default = field.get_default()
        shown = default.get_secret_value() if isinstance(default, SecretStr) else default
        lines += ["", f"# {field.description}", f"{name.upper()}={shown}"]
    return lines


def test_the_example_lists_every_variable_with_its_sentence_and_default_in_the_order_of_the_class() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()

    assert lines[lines.index("") :] == expected_lines()


def test_every_variable_has_a_sentence() -> None:
    sentences = {name: field.description or "" for name, field in Config.model_fields.items()}

    assert {name for name, sentence in sentences.items() if not sentence.endswith(".")} == set()


def test_the_example_can_be_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    assert load_config(EXAMPLE) == load_config(None)
