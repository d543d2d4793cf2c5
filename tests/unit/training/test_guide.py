"""The guide's own commands, run as they stand there on made-up films: from nothing to a bot with seven genres."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from storygen.checkpoint import read_info
from tests.e2e.conftest import Stage, stage
from tests.e2e.reading import finished, footer, shown_text
from tests.fakes.tiny_films import GENRES_WITH_WESTERNS, write_tiny_films
from tests.unit.training.test_own_genres import offered_genres

__all__ = ["stage"]  # a fixture: a playground with the real bot

# The commands start Python with torch six times, on a machine that may be busy.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
TESTED = re.compile(r"^<!-- tested -->\n```\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILMS = 210


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What somebody has who followed the guide."""

    folder: Path
    shown: str

    @property
    def checkpoint(self) -> str:
        """The folder that ``STORY_MODEL`` names in the guide."""
        match = re.search(r"^STORY_MODEL=(\S+) storybot run$", GUIDE, re.MULTILINE)
        assert match is not None
        return str(self.folder / match[1])


def environment() -> Mapping[str, str]:
    """Give this process's environment with our commands found first, one thread, and no hub."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """Follow the guide in a folder that holds a small film table and looks like a checkout otherwise."""
    folder = tmp_path_factory.mktemp("guide")
    (folder / "training").symlink_to(ROOT / "training")
    write_tiny_films(folder / "wiki_movie_plots_deduped.csv", FILMS, GENRES_WITH_WESTERNS)
    script = folder / "guide.sh"
    script.write_text("".join(TESTED.findall(GUIDE)), encoding="utf-8")
    done = subprocess.run(  # noqa: S603  # our own commands
        ["bash", "-euxo", "pipefail", str(script)],  # noqa: S607  # the bash of whoever tests
        cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return Followed(folder=folder, shown=done.stdout)


def test_every_step_of_the_guide_is_among_the_tested_commands() -> None:
    commands = "".join(TESTED.findall(GUIDE))
    for step in ("prepare", "train", "evaluate", "publish"):
        assert f"storytrain {step} " in commands
    assert "storygen tell western " in commands
    assert len(TESTED.findall(GUIDE)) == GUIDE.count("<!-- tested -->")


def test_the_checkpoint_has_seven_genres(followed: Followed) -> None:
    names = [genre.name for genre in read_info(followed.checkpoint).genres]
    assert sorted(names) == ["action", "drama", "horror", "sci_fi", "superhero", "thriller", "western"]


def test_westerns_are_told_measured_and_ready_to_be_shared(followed: Followed) -> None:
    assert "\nThe stranger rode into town" in followed.shown
    assert "western" in (followed.folder / "reports" / "western" / "report.md").read_text(encoding="utf-8")
    assert "Nothing was sent." in followed.shown


async def test_the_bot_offers_seven_genres_and_tells_a_western(stage: Stage, followed: Followed) -> None:
    async with stage.bot(story_model=followed.checkpoint):
        assert offered_genres(stage)["Western"] == "western"
        assert len(offered_genres(stage)) == 7
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "western", "prompt": "The stranger"})
        message = await finished(asked)
    assert shown_text(message).startswith("The stranger")
    assert "· Western ·" in footer(message)
