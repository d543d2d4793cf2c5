"""Every other command, and the registration of them all."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from bot.playground.world import Message
from bot.run import register_commands
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, footer, labels, shown_text

IN_SERVERS = {"storyadmin", "together"}
"""What is about a server, and so only there."""


async def read(stage: Stage, name: str, options: dict[str, Any] | None = None) -> Message:
    asked = await stage.playground.slash(stage.ada, name, options or {})
    await asked.until(lambda shown: shown.failed or shown.message)
    assert asked.message is not None
    return asked.message


def _has_no_buttons(message: Message) -> bool:
    return not labels(message)


async def test_commands_are_registered_once_and_not_again_after_a_restart(stage: Stage) -> None:
    for _ in range(2):
        async with stage.bot():
            pass
    registrations = [
        request for request in stage.playground.requests if request.method == "PUT" and "commands" in request.route
    ]
    assert len(registrations) == 1
    assert sorted(command["name"] for command in stage.playground.commands) == [
        *("Continue as story", "Report story", "about", "continue", "explore", "help", "ping", "privacy", "queue"),
        *("settings", "stories", "story", "storyadmin", "together"),
    ]


async def test_registering_by_hand_asks_discord_once_and_leaves_a_running_bot_in_peace(
    stage: Stage, slow_checkpoint: Path
) -> None:
    def registrations() -> int:
        return sum(asked.method == "PUT" and "commands" in asked.route for asked in stage.playground.requests)

    config = stage.config.model_copy(update={"story_model": str(slow_checkpoint)})
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "max_length": 100})
        await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message), 30)
        before = registrations()
        await register_commands(config)
        assert registrations() == before + 1
        assert "AI-generated" in footer(await finished(asked))


async def test_all_commands_but_those_of_servers_work_everywhere_and_for_user_installs(stage: Stage) -> None:
    async with stage.bot():
        for command in stage.playground.commands:
            for_servers, name = command["name"] in IN_SERVERS, command["name"]
            assert command["contexts"] == ([0] if for_servers else [0, 1, 2]), name
            assert command["integration_types"] == ([0] if for_servers else [0, 1]), name
            assert command["default_member_permissions"] == (str(1 << 5) if name == "storyadmin" else None), name


async def test_a_story_can_be_told_in_direct_messages(stage: Stage) -> None:
    async with stage.bot():
        channel = stage.playground.direct_channel(stage.ada)
        message = await finished(await stage.playground.slash(stage.ada, "story", {"genre": "horror"}, channel=channel))
    assert message in stage.playground.messages(channel)


async def test_settings_hold_for_later_stories_and_say_where_they_come_from(stage: Stage) -> None:
    async with stage.bot():
        await read(stage, "settings set", {"max_length": 30, "temperature": 0.5})
        shown = shown_text(await read(stage, "settings show"))
        assert "`max_length` 30 · yours" in shown
        assert "`top_k` 50 · built-in" in shown
        assert "`do_sample` true · built-in" in shown
        await finished(await stage.playground.slash(stage.ada, "story", {"genre": "drama"}))
        reset = shown_text(await read(stage, "settings reset", {"option": "max_length"}))
    assert "`max_length` 320 · built-in" in reset
    assert "`temperature` 0.5 · yours" in reset


async def test_settings_of_one_person_are_not_those_of_another(stage: Stage) -> None:
    async with stage.bot():
        await read(stage, "settings set", {"top_k": 7})
        asked = await stage.playground.slash(stage.bob, "settings show")
        await asked.until(lambda shown: shown.message)
    assert asked.message is not None
    assert "`top_k` 50 · built-in" in shown_text(asked.message)


async def test_settings_set_without_an_option_asks_for_one(stage: Stage) -> None:
    async with stage.bot():
        asked = await stage.playground.slash(stage.ada, "settings set")
        assert "at least one option" in await answered(asked)


async def test_stories_are_listed_suggested_and_read_whole(stage: Stage) -> None:
    async with stage.bot():
        for prompt in ("The lantern burned", "A robot woke"):
            await finished(await stage.playground.slash(stage.ada, "story", {"genre": "sci_fi", "prompt": prompt}))
        listed = shown_text(await read(stage, "stories list"))
        suggested = await stage.playground.autocomplete(stage.ada, "stories read", "story", "lantern")
        assert len(suggested) == 1
        whole = await read(stage, "stories read", {"story": suggested[0]["value"]})
    assert listed.index("A robot woke") < listed.index("The lantern burned")
    assert shown_text(whole).startswith("The lantern burned")


async def test_a_list_of_titles_full_of_signs_fits_into_one_message(stage: Stage) -> None:
    async with stage.bot(stories_per_user=30):
        for _ in range(25):
            asked = await stage.playground.slash(
                stage.ada, "story", {"genre": "sci_fi", "title": "_" * 100, "max_length": 30}
            )
        await finished(asked)
        listed = await read(stage, "stories list")
    assert listed.content == ""
    assert str(listed.embeds[0]["footer"]).count("25 stories · page 1 of 3") == 1
    assert len(str(listed.embeds[0]["description"]).splitlines()) == 20


async def test_nobody_is_suggested_or_shown_the_stories_of_others(stage: Stage) -> None:
    async with stage.bot():
        await finished(await stage.playground.slash(stage.ada, "story", {"genre": "sci_fi", "prompt": "The lantern"}))
        assert await stage.playground.autocomplete(stage.bob, "stories read", "story", "") == []
        for typed, sentence in (("1", "somebody else's story"), ("lantern", "no such story"), ("9", "no such story")):
            asked = await stage.playground.slash(stage.bob, "stories read", {"story": typed})
            assert sentence in await answered(asked)


async def test_a_story_is_deleted_only_after_a_question(stage: Stage) -> None:
    async with stage.bot():
        first = await finished(
            await stage.playground.slash(stage.ada, "story", {"genre": "sci_fi", "prompt": "The lantern"})
        )
        for answer in ("Keep it", "Delete for good"):
            question = await read(stage, "stories delete", {"story": "lantern"})
            assert labels(question) == ["Delete for good", "Keep it"]
            pressed = await stage.playground.press(stage.ada, question, answer)
            await stage.playground.until(partial(_has_no_buttons, question))
        pressed = await stage.playground.press(stage.ada, first, "Continue")
        assert "perhaps it was deleted" in await answered(pressed)
        assert "no stories yet" in (await read(stage, "stories list")).content


async def test_a_long_story_is_read_page_by_page(stage: Stage) -> None:
    prompt = "The lantern burned low. " * 60
    async with stage.bot():
        message = await finished(
            await stage.playground.slash(stage.ada, "story", {"genre": "sci_fi", "prompt": prompt})
        )
        for _ in range(4):
            pressed = await stage.playground.press(stage.ada, message, "Continue")
            await pressed.until(lambda shown: any("Continue" in labels(message) for message in shown.followups))
            message = pressed.followups[0]
        asked = await stage.playground.slash(stage.ada, "stories read", {"story": "1"})
        await asked.until(lambda shown: shown.message)
        page = asked.message
        assert page is not None
        first = shown_text(page)
        if "▶" in labels(page):
            await stage.playground.press(stage.ada, page, "▶")
            await asked.until(lambda _: shown_text(page) != first)
    assert first.startswith("The lantern burned low.")


async def test_help_about_and_ping_answer(stage: Stage) -> None:
    async with stage.bot():
        assert "/story genre:Superhero" in shown_text(await read(stage, "help"))
        assert "tiny-0" in str((await read(stage, "about")).embeds)
        assert (await read(stage, "ping")).content.startswith("Awake.")
        await finished(await stage.playground.slash(stage.ada, "story", {"genre": "drama"}))
        assert "1 story by 1 person" in str((await read(stage, "about")).embeds)
