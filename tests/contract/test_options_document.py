"""``docs/options.md`` says what ``storygen/sampling.py`` says, and its commands can be typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from PIL import Image

from storygen.checkpoint import BUILTIN, read_info
from storygen.cli import main
from storygen.engines.sampler import MIN_NEW_TOKENS
from storygen.sampling import LIMITS, PRESETS, SamplingOptions

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "options.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^storygen explore .*$", TEXT, re.MULTILINE)
PICTURES = re.findall(r"!\[[^\]]+\]\((pictures/[^)]+)\)", TEXT)


def cells(first: str) -> list[str]:
    """Give the row of a table that begins with these words."""
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


@pytest.mark.parametrize("name", LIMITS)
def test_each_option_has_its_limits_and_its_default(name: str) -> None:
    limit, default = LIMITS[name], getattr(SamplingOptions(), name)
    shown = cells(f"`{name.replace('max_new_tokens', 'max_length')}`")[:3]
    assert shown == [str(limit.kind(value)).lower() for value in (limit.minimum, limit.maximum, default)]


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_has_its_values(name: str) -> None:
    values = PRESETS[name].given()
    options = ("temperature", "top_k", "top_p", "repetition_penalty")
    assert cells(name) == [str(values.pop(option)) for option in options]
    assert values == {}


def test_no_option_and_no_preset_is_missing_or_too_much() -> None:
    named = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
    assert sorted(named) == sorted(name.replace("max_new_tokens", "max_length") for name in LIMITS)
    assert re.findall(r"^\| ([A-Z][a-z]+) \|", TEXT, re.MULTILINE) == list(PRESETS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_can_be_typed(command: str, tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*shlex.split(command)[1:], "--model", str(tiny_checkpoint), "--threads", "1"]) == 0
    assert "tokens left" in capsys.readouterr().out


def test_every_picture_stands_below_the_command_that_made_it_and_is_small() -> None:
    assert len(PICTURES) >= 8
    blocks = re.findall(r"```\n(storygen explore [^\n]*)\n```\n\n!\[[^\]]+\]\((pictures/[^)]+)\)", TEXT)
    assert [picture for _, picture in blocks] == PICTURES
    for name in PICTURES:
        with Image.open(DOCS / name) as image:
            assert (image.format, image.width) == ("PNG", 1080)
        assert (DOCS / name).stat().st_size < 100_000


def test_it_names_the_model_of_its_pictures_and_the_least_length() -> None:
    assert f"`{read_info(BUILTIN).name}`" in TEXT
    assert MIN_NEW_TOKENS == 8
    assert "before its first eight tokens" in TEXT
