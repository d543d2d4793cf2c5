"""Publishing against a small hub on loopback, with the hub's own library in between."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from tests.fakes.small_hub import TOKEN, SmallHub, small_hub
from training.errors import TrainingError
from training.publish.check import files_to_share
from training.publish.hub import check_repository_name, push

# The hub's library calls its own HTTP client in a way that the client has given up.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")

NOBODY_LISTENS = "http://127.0.0.1:9"


def point_to(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, token: str = TOKEN) -> None:
    """Let the hub's library of this process talk to ``url`` with ``token`` and find no login of this machine."""
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no_token"))
    monkeypatch.setattr(constants, "HF_STORED_TOKENS_PATH", str(tmp_path / "no_tokens"))
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    if token:
        monkeypatch.setenv("HF_TOKEN", token)


@pytest.fixture
def folder(tmp_path: Path, tiny_checkpoint: Path) -> Path:
    """Give a checkpoint folder of one's own, with a file in it that is none of the hub's business."""
    copied = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, copied)
    (copied / "notes.odt").write_text("private", encoding="utf-8")
    return copied


async def pushed(folder: Path, *, private: bool = False) -> str:
    return await asyncio.to_thread(push, folder, files_to_share(folder), "ada/western", private=private)


async def run_in_a_process(*command: str, hub: SmallHub, home: Path, token: str = TOKEN) -> tuple[int, str]:
    """Run Python as a person would at a terminal, with ``hub`` in place of the real one; give code and output."""
    mine = {"HF_ENDPOINT": hub.url, "HF_HOME": str(home), "HF_TOKEN": token, "HF_HUB_DISABLE_XET": "1"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING_FACE"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env={**inherited, **mine, "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_what_is_pushed_arrives_byte_for_byte_and_nothing_else(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small_hub() as hub:
        point_to(hub.url, monkeypatch, tmp_path)
        assert await pushed(folder, private=True) == f"{hub.url}/ada/western"
    assert hub.repositories["ada/western"]["visibility"] == "private"
    expected = {path.name: path.read_bytes() for path in files_to_share(folder)}
    assert hub.files["ada/western"] == expected
    assert "notes.odt" not in expected


async def test_a_repository_that_is_there_gets_the_new_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small_hub() as hub:
        point_to(hub.url, monkeypatch, tmp_path)
        await pushed(folder)
        (folder / "story.json").write_text("{}", encoding="utf-8")
        await pushed(folder)
    assert hub.files["ada/western"]["story.json"] == b"{}"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "does not accept the token"),
        (403, "may not write to ada/western"),
        (429, "asks to wait"),
        (418, "refused ada/western, status 418"),
    ],
)
async def test_a_refusal_of_the_hub_is_a_sentence(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, sentence: str
) -> None:
    async with small_hub() as hub:
        hub.refusal = status
        point_to(hub.url, monkeypatch, tmp_path)
        with pytest.raises(TrainingError, match=sentence) as refused:
            await pushed(folder)
    assert TOKEN not in str(refused.value)


def test_a_hub_that_is_not_there_is_a_sentence(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_to(NOBODY_LISTENS, monkeypatch, tmp_path)
    with pytest.raises(TrainingError, match=rf"The hub at {NOBODY_LISTENS} can't be reached: "):
        push(folder, files_to_share(folder), "ada/western", private=False)


def test_without_a_token_nothing_is_asked_and_the_way_to_one_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to(NOBODY_LISTENS, monkeypatch, tmp_path, token="")
    assert huggingface_hub.get_token() is None
    with pytest.raises(TrainingError, match=r"no token for the hub.* set HF_TOKEN or run: hf auth login"):
        push(folder, files_to_share(folder), "ada/western", private=False)


@pytest.mark.parametrize("name", ["western", "a/b/c", "ada/", "../western", "ada/we stern"])
def test_a_name_that_is_none_of_a_repository_is_a_sentence(name: str) -> None:
    with pytest.raises(TrainingError, match="give owner/name"):
        check_repository_name(name)


async def test_the_command_sends_a_checkpoint_whose_genres_are_then_found_on_the_hub(
    folder: Path, tmp_path: Path
) -> None:
    info = (folder / "story.json").read_text(encoding="utf-8")
    (folder / "story.json").write_text(info.replace('"drama"', '"western"'), encoding="utf-8")
    for file in list(folder.glob("*.json")):  # noqa: ASYNC240 - nobody else runs here
        file.write_text(file.read_text(encoding="utf-8").replace("<drama>", "<western>"), encoding="utf-8")
    publish = ("-m", "training", "publish", str(folder), "--to", "ada/western")
    ask = "from storygen.checkpoint import read_info; print(*[g.name for g in read_info('ada/western').genres])"
    async with small_hub() as hub:
        code, shown = await run_in_a_process(*publish, "--push", hub=hub, home=tmp_path / "home")
        assert code == 0, shown
        assert f"{hub.url}/ada/western" in shown
        assert TOKEN not in shown
        code, shown = await run_in_a_process("-c", ask, hub=hub, home=tmp_path / "home")
    assert "<western>" in hub.files["ada/western"]["README.md"].decode()
    assert (code, shown.split()[-1]) == (0, "western")
