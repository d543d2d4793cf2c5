"""docs/reliability.md names a test for every bad day, and each of them exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot import __main__ as command_line

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = [line for line in DOCUMENT.partition("## Many people")[0].splitlines() if line.startswith("| ")]
FAULTS = [row for row in ROWS if not row.startswith(("| fault", "| ---"))]


def test_there_are_bad_days_of_every_kind() -> None:
    assert len(FAULTS) > 40
    assert set(re.findall(r"^### (.*)$", DOCUMENT, re.MULTILINE)) == {
        "The process",
        "Discord",
        "The database",
        "The model",
    }


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row.split("|")[1].strip())
def test_every_bad_day_names_a_test_that_exists(row: str) -> None:
    cells = row.strip("| ").split(" | ")
    assert len(cells) == 5
    found = re.fullmatch(r"`(tests/\S+\.py)::(test_\w+)`", cells[-1])
    assert found is not None
    assert re.search(rf"def {found[2]}\(", (ROOT / found[1]).read_text(encoding="utf-8"))


def test_the_exit_codes_are_those_of_the_program() -> None:
    told = set(map(int, re.findall(r"^\| (\d+) \|", DOCUMENT, re.MULTILINE)))
    assert told == {0, command_line.EXIT_UNAVAILABLE, command_line.EXIT_BROKEN, command_line.EXIT_CONFIG}
