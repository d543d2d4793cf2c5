"""What the documents say is what stands."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from storygen.sampling import LIMITS, PRESETS, SamplingOptions

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("name", LIMITS)
def test_the_readme_gives_each_option_its_limits_and_its_default(name: str) -> None:
    limit, default = LIMITS[name], getattr(SamplingOptions(), name)
    row = next(
        line for line in README.splitlines() if line.startswith(f"| `{name.replace('max_new_tokens', 'max_length')}`")
    )
    cells = [cell.strip().lower() for cell in row.split("|")[2:5]]
    assert cells == [str(limit.kind(value)).lower() for value in (limit.minimum, limit.maximum, default)]


def test_the_readme_names_every_preset() -> None:
    assert f"({', '.join(PRESETS)})" in README


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_heading_finds_it(document: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", document.read_text(encoding="utf-8")):
        page = (document.parent / target if target else document).read_text(encoding="utf-8")
        assert anchor in {_anchor(heading) for heading in re.findall(r"^#+ (.*)$", page, re.MULTILINE)}


def _anchor(heading: str) -> str:
    """Give a heading's address as GitHub makes it: small letters, no signs, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_architecture_names_every_file_of_the_three_packages() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],  # noqa: S607 - git of whoever tests
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode:
        pytest.skip("this is no git checkout, so nothing says which files belong to the project")
    files = [Path(line) for line in tracked.stdout.split()]
    missing = [
        str(file)
        for file in files
        if file.parts[0] in {"bot", "storygen", "training"}
        and file.name != "__init__.py"
        and (ROOT / file).exists()
        and f"`{file.name}`" not in _room(file.parent)
    ]
    assert missing == []


def _room(folder: Path) -> str:
    """Give the part of the architecture that is about one folder."""
    match = re.search(
        rf"^### `{re.escape(folder.as_posix())}/`$(.*?)(?=^###? |\Z)", ARCHITECTURE, re.DOTALL | re.MULTILINE
    )
    return match[1] if match else ""
