"""A person's own options: saved, named, and told where each comes from."""

from __future__ import annotations

from typing import Any

from bot.playground.interactions import Interaction
from bot.playground.world import Message, User
from bot.store.people import PRESET_LIMIT
from bot.storytelling.telling import Teller
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, plain, shown_text


async def ask(stage: Stage, command: str, user: User | None = None, /, **options: Any) -> Interaction:
    return await stage.playground.slash(user or stage.ada, f"settings {command}", options)


async def card(stage: Stage, command: str, user: User | None = None, /, **options: Any) -> Message:
    """Give the answer that shows the options."""
    asked = await ask(stage, command, user, **options)
    await asked.until(lambda shown: shown.failed or (shown.message and shown.message.embeds), 20)
    assert asked.message is not None
    assert asked.message not in stage.playground.messages(viewer=stage.bob if user is None else stage.ada)
    return asked.message


async def suggested(stage: Stage, name: str, option: str, typed: str = "") -> list[str]:
    choices = await stage.playground.autocomplete(stage.ada, f"settings {name}", option, typed)
    return [choice["value"] for choice in choices]


async def test_a_preset_keeps_the_values_that_hold_now_and_brings_them_back(stage: Stage) -> None:
    async with stage.bot():
        await card(stage, "set", temperature=0.5, top_k=7)
        saved = await card(stage, "preset save", name="Calm")
        await card(stage, "reset")
    async with stage.bot():  # presets outlive a restart
        used = await card(stage, "preset use", name="Calm")
    assert "`temperature:0.5`" in saved.content
    assert "`max_length:320`" in saved.content
    assert "`temperature` 0.5 · preset Calm" in shown_text(used)
    assert "`top_k` 7 · preset Calm" in shown_text(used)
    assert "Your presets: Calm" in shown_text(used)


async def test_a_preset_of_typed_options_says_nothing_about_the_others(stage: Stage) -> None:
    async with stage.bot():
        await card(stage, "set", top_k=7, max_length=40)
        saved = await card(stage, "preset save", name="Hot", temperature=1.7, do_sample=True)
        used = await card(stage, "preset use", name="hot")
    assert plain(saved.content).startswith("Saved as Hot: `do_sample:true` `temperature:1.7`.")
    shown = shown_text(used)
    assert "`temperature` 1.7 · preset Hot" in shown
    assert "`top_k` 7 · yours" in shown
    assert "`top_p` 0.95 · built-in" in shown


async def test_a_value_changed_after_using_a_preset_is_no_longer_the_presets(stage: Stage) -> None:
    async with stage.bot():
        await card(stage, "preset use", name="Wild")
        assert "`top_k` 100 · preset Wild" in shown_text(await card(stage, "show"))
        shown = shown_text(await card(stage, "set", top_k=3))
    assert "`top_k` 3 · yours" in shown
    assert "`temperature` 1.3 · yours" in shown


async def test_show_tells_how_it_would_be_with_a_preset_and_saves_nothing(stage: Stage) -> None:
    async with stage.bot():
        shown = shown_text(await card(stage, "show", preset="classic"))
        after = shown_text(await card(stage, "show"))
    assert "`temperature` 1.2 · preset Classic" in shown
    assert "`max_length` 320 · built-in" in shown
    assert "`temperature` 0.9 · built-in" in after


async def test_a_name_typed_again_replaces_the_preset_in_any_spelling(stage: Stage) -> None:
    async with stage.bot():
        await card(stage, "preset save", name="  My\tcalm  one ", temperature=0.5)
        await card(stage, "preset save", name="MY CALM ONE", temperature=0.4)
        shown = shown_text(await card(stage, "show", preset="my calm one"))
    assert "Your presets: MY CALM ONE" in shown
    assert "`temperature` 0.4 · preset MY CALM ONE" in shown


async def test_the_names_of_built_in_presets_are_not_to_be_had(stage: Stage) -> None:
    async with stage.bot():
        for name in ("preset save", "preset delete"):
            assert "Wild comes with me" in await answered(await ask(stage, name, name=" wILD "))


async def test_a_name_of_nothing_to_be_seen_is_refused(stage: Stage) -> None:
    async with stage.bot():
        assert "1 to 40" in await answered(await ask(stage, "preset save", name="\u200b \u202e"))


async def test_more_presets_than_one_may_have_are_declined_with_a_sentence(stage: Stage) -> None:
    async with stage.bot() as bot:
        for number in range(PRESET_LIMIT):
            await card(stage, "preset save", name=f"{number:02}" + "*" * 38, top_k=number)
        assert f"{PRESET_LIMIT} presets" in await answered(await ask(stage, "preset save", name="One more", top_k=1))
        assert "`top_k` 55" in shown_text(await card(stage, "preset save", name="00" + "*" * 38, top_k=55))
        assert len(await bot._store.people.presets_of(stage.ada.id)) == PRESET_LIMIT


async def test_a_deleted_preset_is_gone_and_the_values_in_use_stay(stage: Stage) -> None:
    async with stage.bot():
        await card(stage, "preset save", name="Calm", temperature=0.5)
        await card(stage, "preset use", name="Calm")
        shown = shown_text(await card(stage, "preset delete", name="calm"))
        assert "`temperature` 0.5 · yours" in shown
        assert "no preset of your own" in await answered(await ask(stage, "preset delete", name="Calm"))
        await card(stage, "preset save", name="_Hot_", temperature=1.5)
        sentence = await answered(await ask(stage, "preset use", name="Calm"))
    assert "Choose one of Balanced, Focused, Wild, Classic, _Hot_." in plain(sentence)


async def test_presets_are_suggested_by_any_part_of_their_name(stage: Stage) -> None:
    async with stage.bot():
        await card(stage, "preset save", name="My Calm", temperature=0.5)
        assert await suggested(stage, "preset use", "name") == ["My Calm", "Balanced", "Focused", "Wild", "Classic"]
        assert await suggested(stage, "preset use", "name", "L") == ["My Calm", "Balanced", "Wild", "Classic"]
        assert await suggested(stage, "preset delete", "name") == ["My Calm"]
        assert await suggested(stage, "show", "preset", "focus") == ["Focused"]


async def test_nobody_else_is_suggested_or_may_use_my_preset(stage: Stage) -> None:
    async with stage.bot():
        await card(stage, "preset save", name="Calm", temperature=0.5)
        assert await stage.playground.autocomplete(stage.bob, "settings preset delete", "name", "") == []
        sentence = await answered(await ask(stage, "preset use", stage.bob, name="Calm"))
    assert "no such preset" in sentence
    assert "Calm" not in sentence


async def test_a_story_can_be_asked_for_with_a_preset_of_ones_own(stage: Stage) -> None:
    async with stage.bot() as bot:
        await card(stage, "preset save", name="Short and calm", temperature=0.5, max_length=31)
        options = await bot.storyteller.options_for(
            Teller(user_id=stage.ada.id, guild_id=None, channel_id=1), preset="short AND calm"
        )
        await finished(
            await stage.playground.slash(stage.ada, "story", {"genre": "drama", "preset": "Short and calm"}),
        )
    assert (options.temperature, options.max_new_tokens, options.top_k) == (0.5, 31, 50)
