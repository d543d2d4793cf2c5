"""Killed with SIGKILL at any moment of a story: what was read is kept, and every message comes to its end."""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
from pathlib import Path

import pytest

from bot.look.mending import ASK_AGAIN
from bot.playground import Playground
from bot.playground.world import Message, User
from tests.e2e.reading import closed_up, is_finished, labels, plain, shown_text
from tests.fakes.killable_bot import killable_bot

KILLS = 20
PROMPT = "The lantern burned low"


def stored(folder: Path) -> dict[str, str]:
    """Give the text of every passage of the model, with the person's words above it."""
    connection = sqlite3.connect(folder / "stories.sqlite3")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM passages WHERE state = 'waiting'").fetchone() == (0,)
        return {
            str(number): text
            for number, text in connection.execute("SELECT id, text FROM passages WHERE author = 'model'")
        }
    finally:
        connection.close()


def read_so_far(message: Message) -> str:
    """Give the words of the model that somebody could read last, or nothing."""
    shown = shown_text(message)
    return shown.removesuffix(" ▌").removeprefix(PROMPT) if "▌" in shown else ""


def at_rest(playground: Playground) -> bool:
    return not any(message.loading or "Stop" in labels(message) for message in playground.messages())


def all_noted(playground: Playground, folder: Path) -> bool:
    """Say whether the bot's notes of what "is thinking…" have reached the disk; they take a moment more than that."""
    connection = sqlite3.connect(folder / "stories.sqlite3")
    try:
        noted = {token for (token,) in connection.execute("SELECT token FROM open_commands")}
        return {asked.token for asked in playground.interactions if asked.thinking} <= noted
    finally:
        connection.close()


def asked_by(message: Message, person: User) -> bool:
    return message.asked is not None and message.asked["user"]["id"] == str(person.id)


async def something_long(playground: Playground, person: User, dice: random.Random) -> None:
    """Let a person ask for a long story, or go on with one, or have a passage written again."""
    told = [message for message in playground.messages() if is_finished(message) and asked_by(message, person)]
    if told and dice.random() < 0.6:
        await playground.press(person, dice.choice(told), dice.choice(["Continue", "Retry"]))
    else:
        await playground.slash(person, "story", {"genre": "horror", "prompt": PROMPT, "max_length": 600})


def check(playground: Playground, folder: Path, read: dict[int, str]) -> None:
    """Hold what is shown against what is stored, and what was read before the kill against both."""
    texts = stored(folder)
    for message in playground.messages():
        found = re.search(r"story:undo:(\d+)", str(message.components))
        if found is None:
            continue
        text = texts[found[1]]
        assert closed_up(shown_text(message)).endswith(closed_up(plain(text)))
        assert text.lstrip().startswith(read.get(message.id, "").strip())


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_whenever_the_bot_is_killed_nothing_that_was_read_is_lost_and_no_message_grows_for_ever(
    slow_checkpoint: Path, tmp_path: Path
) -> None:
    dice = random.Random(7)  # noqa: S311 - no secret
    read: dict[int, str] = {}
    kept = 0
    settings = {"STORY_MODEL": str(slow_checkpoint), "STORY_DTYPE": "float32", "STORY_ROWS": "2", "STORY_THREADS": "1"}
    async with Playground(message_limit=1000) as playground:
        people = [playground.add_user("Ada"), playground.add_user("Bob")]
        for _ in range(KILLS):
            async with killable_bot(playground, tmp_path, **settings):
                await playground.until(lambda: at_rest(playground), 90)
                check(playground, tmp_path, read)
                for person in people:
                    await something_long(playground, person, dice)
                if dice.random() < 0.6:  # in the middle of a stream; else anywhere from the question on
                    await playground.until(lambda: any(map(read_so_far, playground.messages())), 90)
                await asyncio.sleep(dice.random() / 2)  # the moment of the kill is what this is about
                while not all_noted(playground, tmp_path):  # noqa: ASYNC110 - the disk tells nobody
                    await asyncio.sleep(0.002)
            read = {message.id: read_so_far(message) for message in playground.messages()}
            kept += sum(map(bool, read.values()))
        async with killable_bot(playground, tmp_path, **settings):
            await playground.until(lambda: at_rest(playground), 90)
            check(playground, tmp_path, read)
    assert kept > KILLS / 3  # or the kills would have come before anything was read
    assert playground.faults == []


async def test_a_command_that_was_being_worked_on_is_answered_after_the_next_start(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    async with Playground() as playground:
        ada = playground.add_user("Ada")
        async with killable_bot(playground, tmp_path, STORY_MODEL=str(tiny_checkpoint)):
            hold = playground.hold("PATCH")  # the answer is on its way, and the bot dies
            asked = await playground.slash(ada, "explore", {"genre": "horror", "prompt": PROMPT})
            await playground.until(lambda: hold.held, 30)
            assert all_noted(playground, tmp_path)
        message = asked.original
        assert message is not None
        assert message.loading
        hold.release()
        async with killable_bot(playground, tmp_path, STORY_MODEL=str(tiny_checkpoint)):
            await playground.until(lambda: not message.loading, 30)
    assert message.content == ASK_AGAIN
