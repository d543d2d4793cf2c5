"""Every command that the README and the guide give is one that the program takes, also those that no test can run."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from training.__main__ import _parser
from training.train.config import read_config

ROOT = Path(__file__).parents[3]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HERE_DOCUMENT = re.compile(r"^cat > (\S+) <<'END'\n(.*?)^END$", re.DOTALL | re.MULTILINE)


def blocks(document: str) -> str:
    """Give all command blocks of a document as one script."""
    found = BLOCK.findall((ROOT / document).read_text(encoding="utf-8"))
    return "".join(text for language, text in found if not language)


def commands(document: str) -> list[list[str]]:
    """Give the words of every ``storytrain`` command in the blocks of a document, without the program's name."""
    script = HERE_DOCUMENT.sub("", blocks(document)).replace("\\\n", " ")
    lines = (line for line in script.splitlines() if line.split(" ")[0].endswith("storytrain"))
    return [shlex.split(line, comments=True)[1:] for line in lines]


@pytest.mark.parametrize(("document", "least"), [("README.md", 3), ("docs/training.md", 8)])
def test_every_command_in_the_document_is_understood(document: str, least: int) -> None:
    given = commands(document)
    assert len(given) >= least
    for words in given:
        _parser().parse_args(words)


@pytest.mark.parametrize("document", ["README.md", "docs/training.md"])
def test_every_configuration_that_a_command_names_is_there_or_written_before(document: str) -> None:
    written = {name for name, _ in HERE_DOCUMENT.findall(blocks(document))}
    for words in commands(document):
        if "--config" in words:
            name = words[words.index("--config") + 1]
            assert name in written or (ROOT / name).is_file(), name


def test_the_configuration_in_the_guide_is_valid_and_its_base_is_there(tmp_path: Path) -> None:
    documents = dict(HERE_DOCUMENT.findall(blocks("docs/training.md")))
    path = tmp_path / "my_western.toml"
    path.write_text(documents["my_western.toml"], encoding="utf-8")
    assert (ROOT / read_config(path).base / "story.json").is_file()


def test_the_entry_in_the_guide_is_a_genre() -> None:
    entry = tomllib.loads(dict(HERE_DOCUMENT.findall(blocks("docs/training.md")))["western_entry.toml"])
    assert [genre["name"] for genre in entry["genres"]] == ["western"]
