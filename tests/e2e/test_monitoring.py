"""What whoever runs the bot sees of it from outside: metrics, health, and that neither says anything about people."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.app import StoryBot
from bot.engine import make_engine
from bot.errors import ConfigError
from bot.monitoring.log_watch import LogWatch
from bot.monitoring.metrics import Metrics
from bot.monitoring.watching import Watching
from bot.playground import Playground
from bot.store import StoryStore
from storygen.engine import Engine
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished
from tests.load.crowd import bot_process

PROMPT = "The zanzibarine umbrellaphant"


@dataclass
class Watched:
    """A bot that is watched, and its address."""

    bot: StoryBot
    url: str

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as response:
            return response.status, await response.text()

    async def figures(self) -> dict[str, float]:
        """Give every sample by its name and labels, as in ``storybot_tokens_total{kind="new"}``."""
        _, text = await self.get("/metrics")
        return {
            sample.name
            + (
                "{" + ",".join(f'{k}="{v}"' for k, v in sample.labels.items()) + "}" if sample.labels else ""
            ): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@asynccontextmanager
async def watched(stage: Stage, engine: Engine | None = None, /, **changes: Any) -> AsyncIterator[Watched]:
    """Run a bot that is watched, inside this process, as ``bot.run.run_bot`` puts it together."""
    config = stage.config.model_copy(update={"metrics_address": "127.0.0.1:0", **changes})
    watching = Watching(config)
    engine = watching.metered(engine or make_engine(config))
    async with (
        StoryStore(config.database_path, took=watching.database_took) as store,
        engine,
        StoryBot(config, store, engine, http_trace=watching.trace) as bot,
        watching.served(bot, store, engine) as url,
    ):
        running = asyncio.create_task(bot.start(stage.playground.token))
        try:
            await stage.playground.bot_ready()
            await bot.wait_until_ready()
            yield Watched(bot, url)
        finally:
            await bot.drain()
            await bot.close()
            await running


async def test_a_told_story_is_in_the_figures_once_and_under_its_genre(stage: Stage) -> None:
    async with watched(stage) as seen:
        before = await seen.figures()
        await finished(
            await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT, "title": "T"})
        )
        after = await seen.figures()
    assert before.get('storybot_generations_begun_total{genre="horror"}') is None
    assert after['storybot_generations_begun_total{genre="horror"}'] in {1, 2}  # twice where it went in circles
    ended = sum(value for name, value in after.items() if name.startswith("storybot_generations_ended_total"))
    assert ended == after['storybot_generations_begun_total{genre="horror"}']
    assert after['storybot_tokens_total{kind="new"}'] > 5
    for name in ("waiting_seconds", "first_words_seconds"):
        assert after[f"storybot_{name}_count"] == ended
    assert after["storybot_acknowledgement_seconds_count"] == 1
    assert after['storybot_database_seconds_count{kind="transaction"}'] >= 2
    assert after['storybot_discord_requests_total{status="200"}'] >= 1
    assert after["storybot_loop_delay_seconds_count"] > 0
    assert after['storybot_engine_state{state="ready"}'] == 1
    assert (after["storybot_rows_in_use"], after["storybot_rows"], after["storybot_queue_length"]) == (0, 8, 0)
    assert after['storybot_shard_up{shard="0"}'] == 1
    assert after["storybot_servers"] == len(seen.bot.guilds)
    assert after["process_resident_memory_bytes"] > 0


async def test_no_label_has_a_number_of_a_person_or_a_text(stage: Stage) -> None:
    async with watched(stage) as seen:
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT})
        await finished(asked)
        await answered(await stage.playground.slash(stage.bob, "story", {"genre": "horror", "preset": PROMPT}))
        _, text = await seen.get("/metrics")
    assert re.search(r'="[^"]*\d{6,}', text) is None
    assert [word for word in (*PROMPT.split()[1:], "Ada", "Bob") if word in text] == []


async def test_what_people_are_told_went_wrong_is_counted_by_kind(stage: Stage) -> None:
    async with watched(stage) as seen:
        asked = {"genre": "horror", "prompt": PROMPT, "preset": "no such one"}
        await answered(await stage.playground.slash(stage.ada, "story", asked))
        figures = await seen.figures()
    assert figures['storybot_errors_total{kind="UnknownPreset"}'] == 1


async def test_an_engine_that_refuses_is_counted_by_its_error(stage: Stage) -> None:
    async with watched(stage, stories_per_user=1) as seen:
        engine = seen.bot._engine
        await engine.drain(0)
        await answered(await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT}))
        figures = await seen.figures()
        assert figures['storybot_generations_refused_total{error="EngineStopped"}'] == 1
        assert figures['storybot_errors_total{kind="EngineStopped"}'] == 1


async def test_answers_of_429_are_counted(stage: Stage) -> None:
    async with watched(stage) as seen:
        stage.playground.rate_limit(count=1, retry_after=0.01, part="/webhooks/")
        await finished(await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT}))
        figures = await seen.figures()
    assert figures['storybot_discord_requests_total{status="429"}'] == 1


async def test_it_is_ready_while_the_gateway_is_connected_the_database_writable_and_the_model_there(
    stage: Stage,
) -> None:
    async with watched(stage) as seen:
        status, text = await seen.get("/readyz")
    assert (status, '"ready": true' in text) == (200, True)


async def test_it_is_alive_but_not_ready_while_the_gateway_is_gone(stage: Stage) -> None:
    async with watched(stage) as seen:
        await asyncio.gather(*(shard.disconnect() for shard in seen.bot.shards.values()))
        status, text = await seen.get("/readyz")
        assert status == 503
        assert "shards are not connected" in text
        assert (await seen.get("/healthz"))[0] == 200
        figures = await seen.figures()
        assert figures['storybot_shard_up{shard="0"}'] == 0
        await seen.bot.shards[0].connect()


async def test_it_is_not_ready_where_the_model_is_lost(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    async with watched(stage, story_model=str(tmp_path / "empty")) as seen:
        async with asyncio.timeout(60):
            while (await seen.get("/readyz"))[0] == 200:  # noqa: ASYNC110 - a page has no event
                await asyncio.sleep(0.05)
        status, text = await seen.get("/readyz")
    assert status == 503
    assert '"state": "failed"' in text


async def test_a_heartbeat_that_discord_py_calls_late_is_counted() -> None:
    from discord.gateway import KeepAliveHandler

    class Socket:
        thread_id, _max_heartbeat_timeout = 0, 60.0

    handler = KeepAliveHandler(ws=Socket(), shard_id=0)  # type: ignore[arg-type]  # its sentences are wanted alone
    metrics = Metrics()
    watch = LogWatch(metrics)
    for sentence in (handler.block_msg, handler.behind_msg, handler.msg):
        watch.handle(logging.LogRecord("discord.gateway", logging.WARNING, "", 0, sentence, (0, 10.0), None))
    assert metrics.registry.get_sample_value("storybot_heartbeats_late_total") == 2
    counted = {"level": "WARNING", "logger": "discord"}
    assert metrics.registry.get_sample_value("storybot_log_records_total", counted) == 3


async def test_an_address_that_is_taken_is_said_in_a_sentence(stage: Stage) -> None:
    async with watched(stage) as seen:
        address = seen.url.removeprefix("http://")
        with pytest.raises(ConfigError, match=f"METRICS_ADDRESS={address} can't be listened on"):
            async with watched(stage, metrics_address=address):
                pass


async def test_nothing_listens_unless_it_is_asked_for(tiny_checkpoint: Path, tmp_path: Path) -> None:
    async with Playground() as playground, bot_process(playground, tmp_path, STORY_MODEL=str(tiny_checkpoint)) as bot:
        import psutil

        listening = [
            connection
            for connection in psutil.Process(bot.pid).net_connections()
            if connection.status == psutil.CONN_LISTEN
        ]
    assert listening == []


async def test_the_bot_as_a_process_serves_what_it_was_asked_to(tiny_checkpoint: Path, tmp_path: Path) -> None:
    settings = {"STORY_MODEL": str(tiny_checkpoint), "METRICS_ADDRESS": "127.0.0.1:0"}
    async with Playground() as playground, bot_process(playground, tmp_path, **settings):
        ada = playground.add_user("Ada")
        await finished(await playground.slash(ada, "story", {"genre": "horror", "prompt": PROMPT}))
        log = (tmp_path / "bot.log").read_text(encoding="utf-8")
        url = re.findall(r"metrics and health at (http://127.0.0.1:\d+)", log)[0]
        async with aiohttp.ClientSession() as session:
            for path, part in (
                ("/healthz", "true"),
                ("/readyz", '"ready": true'),
                ("/metrics", "storybot_tokens_total"),
            ):
                async with session.get(url + path) as response:
                    assert response.status == 200
                    assert part in await response.text()
            async with session.post(url + "/metrics") as response:
                assert response.status == 405
