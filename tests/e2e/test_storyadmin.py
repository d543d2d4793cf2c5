"""`/storyadmin` is for those who run a server, there, and about nothing else; and its figures."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.app import StoryBot
from bot.cogs.storyadmin.stats import NOTHING_TOLD
from bot.config import Config
from bot.playground.refusals import PlaygroundRefused
from bot.playground.world import ADMINISTRATOR, MANAGE_GUILD, MEMBER_PERMISSIONS
from bot.store import StoryStore
from tests.e2e.acting import changed_in, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, shown_text
from tests.fakes.scripted_engine import ScriptedEngine


async def admin_commands(stage: Stage) -> list[str]:
    """Give every command of the group as it is typed, from the tree, so that none is forgotten here."""
    async with (
        StoryStore.open(Path(stage.config.database_path).with_name("other.sqlite3")) as store,
        StoryBot(Config(database_path=stage.config.database_path), store, ScriptedEngine(), only_registers=True) as bot,
    ):
        await bot.build_commands()
        found = [command.qualified_name for command in bot.tree.walk_commands() if not hasattr(command, "commands")]
    return [name for name in found if name.startswith("storyadmin ")]


async def test_every_command_is_refused_without_the_permission_also_where_it_is_forged(stage: Stage) -> None:
    names = await admin_commands(stage)
    assert {"storyadmin archive", "storyadmin reports", "storyadmin purge", "storyadmin stats"} <= set(names)
    async with stage.bot(ScriptedEngine([])):
        for name in names:
            with pytest.raises(PlaygroundRefused, match="no permission to use"):
                await stage.playground.slash(stage.bob, name)
            forged = await stage.playground.slash(stage.bob, name, unchecked=True)
            assert "it takes the permission Manage Server" in await answered(forged)
            assert forged.message is not None
            assert forged.message.ephemeral


async def test_every_command_is_refused_in_direct_messages_also_where_it_is_forged(stage: Stage) -> None:
    names = await admin_commands(stage)
    kim = stage.playground.add_user("Kim", permissions=MEMBER_PERMISSIONS | MANAGE_GUILD)
    direct = stage.playground.direct_channel(kim)
    async with stage.bot(ScriptedEngine([])):
        for name in names:
            with pytest.raises(PlaygroundRefused, match="not offered in direct messages"):
                await stage.playground.slash(kim, name, channel=direct)
            forged = await stage.playground.slash(kim, name, channel=direct, unchecked=True)
            assert "This is for servers that I have been added to" in await answered(forged)


async def test_whoever_may_do_everything_may_do_this(stage: Stage) -> None:
    kim = stage.playground.add_user("Kim", permissions=ADMINISTRATOR)
    async with stage.bot(ScriptedEngine([])):
        assert "Nothing is reported" in await answered(await stage.playground.slash(kim, "storyadmin reports"))


async def test_the_figures_of_an_empty_server_are_a_sentence(stage: Stage) -> None:
    kim = stage.playground.add_user("Kim", permissions=MEMBER_PERMISSIONS | MANAGE_GUILD)
    async with stage.bot(ScriptedEngine([])):
        assert await answered(await stage.playground.slash(kim, "storyadmin stats")) == NOTHING_TOLD


async def test_the_figures_are_a_picture_and_the_same_in_words_of_this_server_alone(stage: Stage) -> None:
    kim = stage.playground.add_user("Kim", permissions=MEMBER_PERMISSIONS | MANAGE_GUILD)
    abroad = stage.playground.add_channel("abroad", guild=stage.playground.add_guild("Abroad"))
    async with stage.bot(ScriptedEngine([" a bat.", " a cat.", " a door.", " a sea."])):
        await told(stage)
        await told(stage, private=True)
        await told(stage, genre="drama")
        await told(stage, channel=abroad)
        changed_in(stage, "UPDATE passages SET waiting_seconds = id WHERE waiting_seconds IS NOT NULL")
        asked = await stage.playground.slash(kim, "storyadmin stats")
        await asked.until(lambda shown: shown.failed or (shown.message and shown.message.attachments))
    assert asked.message is not None
    assert asked.message.ephemeral
    words = shown_text(asked.message)
    assert "3 stories by 1 person." in words
    assert "By genre: Horror 2, Drama 1." in words
    assert "Waiting in the queue: half within 4.0 s, 95 of 100 within 6.0 s." in words
    (picture,) = asked.message.attachments
    assert picture.description == asked.message.embeds[0]["description"]
    assert Image.open(io.BytesIO(picture.data)).width == 1200
