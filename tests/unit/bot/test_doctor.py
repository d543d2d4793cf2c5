"""The doctor finds each kind of fault, says what to mend, and changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections import namedtuple
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.config import Config
from bot.hosting.doctor.account import NEEDED, look_at_account
from bot.hosting.doctor.database import look_at_database
from bot.hosting.doctor.examination import examine
from bot.hosting.doctor.finding import Finding, Verdict
from bot.hosting.doctor.machine import look_at_machine
from bot.hosting.doctor.model import look_at_model
from bot.hosting.doctor.servers import look_at_servers
from bot.playground import Playground
from bot.store.migrate import known_migrations, migrate
from tests.fakes.completions_server import CompletionsServer

OK, WARNING, WRONG = Verdict.OK, Verdict.WARNING, Verdict.WRONG


def config_with(**values: Any) -> Config:
    return Config(_env_file=None).model_copy(update=values)  # type: ignore[call-arg]  # pydantic-settings adds it


def about(findings: list[Finding], what: str) -> Finding:
    """Give the one finding about something; with something to mend unless it is ok."""
    (found,) = (finding for finding in findings if finding.about == what)
    assert (found.verdict is OK) == (not found.mend)
    return found


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground() as playground:
        yield playground
        assert playground.unknown_routes == []


def on(playground: Playground, **values: Any) -> Config:
    token = SecretStr(values.pop("token", playground.token))
    return config_with(discord_token=token, discord_api_url=playground.api_url, **values)


# Discord


async def test_a_good_account_is_all_ok_but_for_commands_that_were_never_registered(playground: Playground) -> None:
    findings = await look_at_account(on(playground))
    assert {finding.about: finding.verdict for finding in findings if finding.about != "commands"} == dict.fromkeys(
        ("token", "application", "installation", "intents", "servers", "permissions", "logins"), OK
    )
    assert about(findings, "commands").verdict is WARNING
    assert playground.token not in repr(findings)


async def test_no_token(playground: Playground) -> None:
    (found,) = await look_at_account(on(playground, token=""))
    assert (found.about, found.verdict) == ("token", WRONG)
    assert "discord.com/developers" in found.mend


@pytest.mark.parametrize("token", ["not.the.token", "new\nline", "süß"])
async def test_a_token_that_discord_does_not_know(playground: Playground, token: str) -> None:
    (found,) = await look_at_account(on(playground, token=token))
    assert (found.about, found.verdict) == ("token", WRONG)
    assert "Reset Token" in found.mend
    assert token not in repr(found)


async def test_discord_out_of_reach() -> None:
    config = config_with(discord_token=SecretStr("x"), discord_api_url="http://127.0.0.1:9/api/v10")
    (found,) = await look_at_account(config)
    assert (found.about, found.verdict) == ("Discord", WRONG)


async def test_discord_having_a_bad_day(playground: Playground) -> None:
    playground.trouble(status=503, part="/users/@me")
    (found,) = await look_at_account(on(playground))
    assert (found.about, found.verdict) == ("Discord", WRONG)
    assert "503" in found.found


async def test_commands_that_go_to_a_web_address(playground: Playground) -> None:
    playground.world.portal["interactions_endpoint_url"] = "https://example.org/interactions"
    assert about(await look_at_account(on(playground)), "application").verdict is WRONG


@pytest.mark.parametrize(("ways", "said"), [({"0": {}}, "by people"), ({"1": {}}, "to servers"), ({}, "to servers or")])
async def test_ways_of_installing_that_are_off(playground: Playground, ways: dict[str, Any], said: str) -> None:
    playground.world.portal["integration_types_config"] = ways
    found = about(await look_at_account(on(playground)), "installation")
    assert found.verdict is WARNING
    assert said in found.found


async def test_a_bot_that_is_on_no_server_gets_the_link(playground: Playground) -> None:
    for guild in playground.world.guilds.values():
        guild.installed = False
    found = about(await look_at_account(on(playground)), "servers")
    assert found.verdict is WARNING
    assert f"client_id={playground.application_id}" in found.mend
    assert f"permissions={NEEDED.value}" in found.mend


async def test_permissions_that_are_missing_are_named_with_the_server(playground: Playground) -> None:
    playground.world.bot.permissions &= ~(1 << 14)
    found = about(await look_at_account(on(playground)), "permissions")
    assert found.verdict is WARNING
    assert "Embed Links missing on" in found.found


async def test_an_administrator_lacks_nothing(playground: Playground) -> None:
    playground.world.bot.permissions = 1 << 3
    assert about(await look_at_account(on(playground)), "permissions").verdict is OK


async def test_logins_that_are_nearly_used_up(playground: Playground) -> None:
    for _ in range(990):
        playground.gateway.limits.admit(0)
    assert about(await look_at_account(on(playground)), "logins").verdict is WARNING


# The database


@pytest.fixture
def database(tmp_path: Path) -> Path:
    migrate(tmp_path / "data" / "stories.sqlite3", known_migrations())
    return tmp_path / "data" / "stories.sqlite3"


def test_a_sound_database_is_ok_and_stays_as_it_is(database: Path) -> None:
    before = database.read_bytes()
    assert {finding.verdict for finding in look_at_database(database)} == {OK}
    assert database.read_bytes() == before


def test_a_database_that_is_not_there_yet_is_no_fault_and_is_not_made(tmp_path: Path) -> None:
    findings = look_at_database(tmp_path / "new" / "stories.sqlite3")
    assert about(findings, "database").verdict is OK
    assert list(tmp_path.iterdir()) == []


def test_an_older_database_is_ok_and_is_not_migrated(tmp_path: Path) -> None:
    path = tmp_path / "stories.sqlite3"
    migrate(path, known_migrations()[:1])
    assert "Version 1 is copied" in about(look_at_database(path), "database").found
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")


def _damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[5000:12000] = os.urandom(7000)
    path.write_bytes(data)


def _text(path: Path) -> None:
    path.write_text("dear diary")


@pytest.mark.parametrize("spoil", [_newer, _damaged, _text])
def test_a_database_that_can_not_be_used(database: Path, spoil: Callable[[Path], None]) -> None:
    spoil(database)
    found = about(look_at_database(database), "database")
    assert found.verdict is WRONG
    assert "storybot restore" in found.mend


def test_a_folder_that_may_not_be_written_to(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Made up: the system would allow everything to root, who may be testing.
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert about(look_at_database(database), "writing").verdict is WRONG
    assert about(look_at_database(database.with_name("none") / "x"), "database").verdict is WRONG


def test_a_database_that_somebody_else_writes_to(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert about(look_at_database(database), "writing").verdict is WARNING


@pytest.mark.parametrize(("free", "verdict"), [(10_000_000, WRONG), (100_000_000, WARNING), (10**12, OK)])
def test_a_disk_with_little_room(database: Path, monkeypatch: pytest.MonkeyPatch, free: int, verdict: Verdict) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil's
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**12, 0, free))
    assert about(look_at_database(database), "disk").verdict is verdict


# The model


async def test_a_good_model_is_loaded_and_writes(tiny_checkpoint: Path, tmp_path: Path) -> None:
    config = config_with(
        story_model=str(tiny_checkpoint), story_device="cpu", story_dtype="float32", database_path=tmp_path / "s"
    )
    findings = await look_at_model(config)
    assert {finding.about: finding.verdict for finding in findings} == dict.fromkeys(
        ("model", "licence", "genres", "writing speed"), OK
    )
    assert "float32" in about(findings, "model").found
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - of an async test


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _broken_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"none")


def _broken_info(folder: Path) -> None:
    (folder / "story.json").write_text("{")


def _newer_info(folder: Path) -> None:
    (folder / "story.json").write_text(json.dumps({"format": 99}))


@pytest.mark.parametrize("spoil", [_without_weights, _broken_weights, _broken_info, _newer_info])
async def test_a_model_that_can_not_be_loaded(
    tiny_checkpoint: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(Path(shutil.copytree(tiny_checkpoint, tmp_path / "model")))
    findings = await look_at_model(config_with(story_model=str(tmp_path / "model"), story_device="cpu"))
    assert about(findings, "model").verdict is WRONG


async def test_a_model_without_a_licence(tiny_checkpoint: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_checkpoint, tmp_path / "model"))
    info = json.loads((folder / "story.json").read_text())
    (folder / "story.json").write_text(json.dumps({**info, "licence": "unknown"}))
    config = config_with(story_model=str(folder), story_device="cpu", story_dtype="float32")
    assert about(await look_at_model(config), "licence").verdict is WARNING


async def test_a_number_format_that_the_device_has_not(tiny_checkpoint: Path) -> None:
    config = config_with(story_model=str(tiny_checkpoint), story_device="cpu", story_dtype="float16")
    assert about(await look_at_model(config), "model").verdict is WRONG


# The machine


def test_a_gpu_that_is_not_there() -> None:
    findings = look_at_machine(config_with(story_device="cuda:97"), Path("none"))
    assert about(findings, "device").verdict is WRONG


def test_more_threads_than_cores() -> None:
    findings = look_at_machine(config_with(story_threads=1000, story_device="cpu"), Path("none"))
    assert about(findings, "threads").verdict is WARNING
    assert about(findings, "device").verdict is OK


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("127.0.0.1:9464", OK),
        ("localhost:9464", OK),
        ("[::1]:9464", OK),
        ("0.0.0.0:9464", WARNING),
        ("a.org:1", WARNING),
    ],
)
def test_metrics_that_strangers_can_read(address: str, verdict: Verdict) -> None:
    findings = look_at_machine(config_with(metrics_address=address, story_device="cpu"), Path("none"))
    assert about(findings, "metrics").verdict is verdict


@pytest.mark.skipif(os.name != "posix", reason="these permissions are those of POSIX")
@pytest.mark.parametrize(("mode", "verdict"), [(0o600, OK), (0o644, WARNING)])
def test_a_token_that_others_can_read(tmp_path: Path, mode: int, verdict: Verdict) -> None:
    (tmp_path / ".env").touch()
    (tmp_path / ".env").chmod(mode)
    config = config_with(discord_token=SecretStr("x"), story_device="cpu")
    assert about(look_at_machine(config, tmp_path / ".env"), str(tmp_path / ".env")).verdict is verdict


# Servers that write


def remote(*urls: str, **values: Any) -> Config:
    return config_with(story_engine="remote", remote_base_url=",".join(urls), **values)


async def test_servers_that_answer_and_one_that_does_not() -> None:
    async with CompletionsServer() as server:
        findings = await look_at_servers(remote(server.url, "http://127.0.0.1:9/v1"))
    assert [finding.verdict for finding in findings] == [OK, WRONG, OK]
    assert "REMOTE_BASE_URL" in findings[1].mend


async def test_a_key_that_goes_unencrypted_to_another_machine() -> None:
    config = remote("http://192.0.2.1:9/v1", remote_api_key=SecretStr("hush"), remote_genres="horror")
    findings = await look_at_servers(config)
    found = about(findings, "REMOTE_API_KEY")
    assert found.verdict is WARNING
    assert "hush" not in repr(findings)


# All of it


async def test_values_that_can_not_be_used_are_each_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / ".env").write_text("STORY_ROWS=lots\nQUEUE_LIMIT=-1\n")
    findings = await examine(tmp_path / ".env")
    assert [finding.verdict for finding in findings] == [WRONG, WRONG]
    assert "STORY_ROWS" in findings[0].found


async def test_without_a_token_all_the_rest_is_looked_at(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / ".env").write_text(
        f"STORY_MODEL={tiny_checkpoint}\nSTORY_DEVICE=cpu\nSTORY_DTYPE=float32\nDATABASE_PATH={tmp_path}/s.sqlite3\n"
    )
    findings = await examine(tmp_path / ".env")
    bad = [finding.about for finding in findings if finding.verdict is not OK]
    assert bad == ["token"]
    assert {"database", "disk", "device", "threads", "model", "licence", "genres"} <= {each.about for each in findings}
