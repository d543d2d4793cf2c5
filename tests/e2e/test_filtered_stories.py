"""What stories may not say: how people meet the filter, and how a server makes it stricter."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import PlaygroundRefused
from bot.playground.interactions import Interaction
from bot.playground.world import MEMBER_PERMISSIONS, Message, User
from storygen.generation import Piece
from tests.e2e.acting import PROMPT, filled_in, rows, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, noted, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

MANAGE_GUILD = 1 << 5
UNFIT = "The priest said fuck."


async def said_alone(asked: Interaction) -> Message:
    """Wait for the answer that only whoever asked can see."""
    message: Message = await asked.until(
        lambda shown: next((each for each in (shown.message, *shown.followups) if each and each.content), None)
    )
    assert message.ephemeral
    return message


def manager(stage: Stage) -> User:
    return stage.playground.add_user("Mira", permissions=MEMBER_PERMISSIONS | MANAGE_GUILD)


async def administered(stage: Stage, user: User, what: str, **options: Any) -> str:
    message = await said_alone(await stage.playground.slash(user, f"storyadmin filter {what}", options))
    return message.content


async def test_unfit_words_are_refused_in_private_with_the_reason_and_given_back(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine(), moderation="everyone"):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": UNFIT})
        message = await said_alone(asked)
        assert message.content.startswith("I can't take these words: there is a strong swearword in them.")
        assert "fuck" not in message.content
        assert UNFIT in message.embeds[0]["description"]
        assert asked.original is not None
        assert asked.original.deleted  # "is thinking…" is gone: nobody else sees that anything was refused
        assert [each for each in stage.playground.messages() if not each.deleted and not each.ephemeral] == []
        assert rows(stage, "SELECT count(*) FROM stories") == [(0,)]


async def test_who_asks_how_to_harm_themselves_is_told_where_help_is(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine(), moderation="everyone"):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "prompt": "how to kill myself"})
        assert "https://findahelpline.com" in (await said_alone(asked)).content


FIELDS = [("Write", "Your words"), ("Edit", "Text"), ("Memory", "Facts of this story"), ("Rename", "Title")]


@pytest.mark.parametrize(("press", "name"), FIELDS)
async def test_unfit_words_in_a_form_are_given_back_and_change_nothing(stage: Stage, press: str, name: str) -> None:
    async with stage.bot(ScriptedEngine([" a bat."]), moderation="everyone"):
        message = await told(stage)
        path = ("Write",) if press == "Write" else ("More", press)
        sent = await filled_in(stage, stage.ada, message, *path, fields={name: UNFIT})
        alone = await said_alone(sent)
        assert "strong swearword" in alone.content
        assert UNFIT in alone.embeds[0]["description"]
        assert shown_text(message) == f"{PROMPT} a bat."
    assert rows(stage, "SELECT text FROM passages ORDER BY id") == [(PROMPT,), (" a bat.",)]


async def test_a_story_that_is_unfit_twice_shows_a_sentence_and_a_retry_goes_on(stage: Stage) -> None:
    engine = ScriptedEngine([" said fuck.", " said shit.", " a bat."])
    async with stage.bot(engine, moderation="everyone"):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT})
        assert (await noted(asked)).startswith("Twice I wrote a strong swearword, so I keep it to myself.")
        assert asked.message is not None
        retried = await stage.playground.press(stage.ada, asked.message, "Retry")
        await retried.until(lambda _: asked.message and shown_text(asked.message).endswith("a bat."))
    assert len(engine.requests) == 3


async def test_those_who_manage_a_server_add_words_of_their_own_and_take_them_out_again(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."] * 3), moderation="everyone"):
        mira = manager(stage)
        assert "in no story here" in await administered(stage, mira, "add", word="Moist*")
        assert "already" in await administered(stage, mira, "add", word="moist*")
        assert "a word that this server does not want" in await administered(stage, mira, "test", text="A m0ister cave")
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": "A moist cave"})
        assert "a word that this server does not want" in (await said_alone(asked)).content
        offered = await stage.playground.autocomplete(mira, "storyadmin filter remove", "word", "mo")
        assert [choice["value"] for choice in offered] == ["moist*"]
        assert "may be in stories again" in await administered(stage, mira, "remove", word="moist*")
        assert "This passes." in await administered(stage, mira, "test", text="A moist cave")
        await finished(await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": "Moist"}))


async def test_the_list_is_seen_by_whoever_asks_alone_and_says_how_strict_the_server_is(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine(), moderation="everyone"):
        mira = manager(stage)
        await administered(stage, mira, "add", word="moist")
        assert "Strict" in await administered(stage, mira, "level", level="strict")
        asked = await stage.playground.slash(mira, "storyadmin filter list", {})
        await asked.until(lambda shown: shown.message)
        assert asked.message is not None
        assert asked.message.ephemeral
        card = asked.message.embeds[0]
        assert card["description"] == "||moist||"
        assert card["footer"]["text"].startswith("1 of 100 words · Strict")
        assert "swearing" in await administered(stage, mira, "test", text="Damn!")


async def test_a_word_that_is_no_word_is_refused_with_a_sentence(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine()):
        for word in ("(a|b)+", "*", ".*", "a*"):
            assert "A word or phrase has letters" in await administered(stage, manager(stage), "add", word=word)


async def test_who_does_not_manage_the_server_gets_nowhere_even_with_a_forged_command(
    stage: Stage,
) -> None:
    async with stage.bot(ScriptedEngine()):
        with pytest.raises(PlaygroundRefused):
            await stage.playground.slash(stage.ada, "storyadmin filter list", {})
        # A server can open the command to everyone in its own settings; the bot asks again itself.
        for command in stage.playground.commands:
            command["default_member_permissions"] = None
        for what, options in (
            ("add", {"word": "moist"}),
            ("remove", {"word": "moist"}),
            ("list", {}),
            ("test", {"text": "A cave"}),
            ("level", {"level": "strict"}),
        ):
            assert "This is for those who run this server" in await administered(stage, stage.ada, what, **options)
        assert await stage.playground.autocomplete(stage.ada, "storyadmin filter remove", "word", "mo") == []
    assert rows(stage, "SELECT count(*) FROM server_filter_words") == [(0,)]


async def test_a_story_that_was_told_elsewhere_is_not_shown_where_its_words_are_not_wanted(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a moist bat."]), moderation="everyone"):
        channel = stage.playground.direct_channel(stage.ada)
        message = await told(stage, channel=channel)
        await administered(stage, manager(stage), "add", word="moist")
        asked = await stage.playground.slash(stage.ada, "stories open", {"story": PROMPT})
        assert "can't be shown here" in await answered(asked)
        assert shown_text(message) == f"{PROMPT} a moist bat."


async def test_the_words_of_a_server_stay_over_a_restart(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine()):
        await administered(stage, manager(stage), "add", word="moist")
    async with stage.bot(ScriptedEngine([" a moist bat.", " a dry bat."]), moderation="everyone"):
        assert shown_text(await told(stage)) == f"{PROMPT} a dry bat."


async def test_others_do_not_read_what_a_server_came_to_refuse_and_its_owner_still_does(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a moist bat."]), moderation="everyone"):
        await told(stage)
        await administered(stage, manager(stage), "add", word="moist")
        asked = await stage.playground.slash(stage.bob, "stories random", {"from": "server"})
        assert "can't be shown here" in await answered(asked)
        own = await stage.playground.slash(stage.ada, "stories read", {"story": PROMPT})
        await own.until(lambda shown: shown.message)
        assert own.message is not None
        assert "moist" in shown_text(own.message)


async def test_a_growing_message_never_shows_what_is_not_let_through(stage: Stage) -> None:
    engine = ScriptedEngine()
    async with stage.bot(engine, moderation="everyone"):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT})
        await asked.until(lambda shown: shown.message)
        message = asked.message
        assert message is not None
        engine.generations[0].receive(Piece(" a very old bat that said fu"))
        await asked.until(lambda _: "a very old bat" in shown_text(message))
        engine.generations[0].receive(Piece("ck to all of them"))
        await asked.until(lambda _: len(engine.generations) > 1)
        engine.answer(" a bat.")
        assert shown_text(await finished(asked)) == f"{PROMPT} a bat."
        seen = " ".join(str(edit) for edit in message.history)
        assert "a very old bat" in seen
        assert "said" not in seen
