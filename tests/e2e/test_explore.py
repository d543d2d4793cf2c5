"""``/explore``: the picture, the three beginnings, and the menus that draw anew."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.playground.interactions import Interaction
from bot.playground.world import Message, User
from bot.storytelling.exploring import EXPLORE_PROMPT_LENGTH
from storygen.sampling import PRESETS
from tests.e2e.conftest import Stage
from tests.e2e.reading import SECONDS, answered, footer, plain
from tests.fakes.scripted_engine import ScriptedEngine

PROMPT = "The ship left the station"
OPTIONS = ["temperature", "top_k", "top_p", "repetition_penalty"]


def selects(message: Message) -> dict[str, dict[str, Any]]:
    """Give the menus by what stands on them."""
    return {item["placeholder"]: item for row in message.components for item in row["components"]}


def chosen(message: Message) -> dict[str, str]:
    """Give the values that the menus say are in force."""
    return {
        name: next(option["value"] for option in select["options"] if option.get("default"))
        for name, select in selects(message).items()
    }


def fields(message: Message) -> dict[str, str]:
    return {field["name"]: plain(field["value"]) for embed in message.embeds for field in embed.get("fields", [])}


def picture(message: Message) -> bytes:
    (file,) = message.attachments
    assert message.embeds[0]["image"]["url"].endswith(file.filename) or "attachment://" in str(message.embeds[0])
    return file.data


async def shown(interaction: Interaction) -> Message:
    await interaction.until(lambda now: now.failed or (now.message and now.message.attachments), SECONDS)
    assert interaction.failed is None
    assert interaction.message is not None
    return interaction.message


async def explore(stage: Stage, who: User | None = None, **options: Any) -> Message:
    asked: Mapping[str, Any] = {"genre": "horror", "prompt": PROMPT, **options}
    return await shown(await stage.playground.slash(who or stage.ada, "explore", asked))


async def redrawn(stage: Stage, who: User, message: Message, option: str, value: str) -> Message:
    """Choose a value and wait until the message shows it."""
    await (await stage.playground.select(who, message, option, [value])).until(
        lambda _: chosen(message)[option] == value, SECONDS
    )
    return message


async def test_the_answer_is_a_picture_its_explanation_and_three_beginnings(stage: Stage) -> None:
    async with stage.bot():
        message = await explore(stage, temperature=0.8, top_k=20)
    image = Image.open(io.BytesIO(picture(message)))
    assert (image.format, image.width) == ("PNG", 1080)
    assert "The most probable next tokens" in (message.attachments[0].description or "")
    assert "`top_k` keeps 20" in message.embeds[0]["description"]
    told = fields(message)
    assert list(told) == ["Your words", "Focused", "Your options", "Wild"]
    assert told["Your words"] == PROMPT
    assert told["Your options"].startswith("`temperature 0.8`\n`top_k 20`\n`top_p 0.95`\n`penalty 1.1`\nThe ship left")
    assert f"temperature {PRESETS['Wild'].temperature}" in told["Wild"]
    assert len({told[name].split("`")[-1] for name in ("Focused", "Your options", "Wild")}) == 3
    assert footer(message).startswith("AI-generated · Horror · seed ")


async def test_a_menu_for_each_option_shows_the_value_in_force_also_an_unusual_one(stage: Stage) -> None:
    async with stage.bot():
        message = await explore(stage, temperature=0.83, top_p=0.5)
    assert chosen(message) == {"temperature": "0.83", "top_k": "50", "top_p": "0.5", "repetition_penalty": "1.1"}


async def test_choosing_a_value_draws_anew_in_place_and_keeps_the_rest(stage: Stage) -> None:
    async with stage.bot():
        message = await explore(stage, temperature=0.8)
        before, seed = picture(message), footer(message)
        await redrawn(stage, stage.ada, message, "top_k", "5")
        await redrawn(stage, stage.ada, message, "repetition_penalty", "1.5")
    assert chosen(message) == {"temperature": "0.8", "top_k": "5", "top_p": "0.95", "repetition_penalty": "1.5"}
    assert picture(message) != before
    assert footer(message) == seed
    assert fields(message)["Your words"] == PROMPT


async def test_going_back_to_a_value_gives_the_very_same_answer(stage: Stage) -> None:
    async with stage.bot():
        message = await explore(stage)
        first = (picture(message), message.embeds)
        await redrawn(stage, stage.ada, message, "temperature", "2")
        assert picture(message) != first[0]
        await redrawn(stage, stage.ada, message, "temperature", "0.9")
    assert picture(message) == first[0]
    assert fields(message) == {f["name"]: plain(f["value"]) for e in first[1] for f in e.get("fields", [])}


async def test_the_menus_of_an_old_message_work_after_a_restart(stage: Stage) -> None:
    async with stage.bot():
        message = await explore(stage, prompt="A *star* & <a> [link](https://example.com/_x_)\n1. `one`")
    words = fields(message)["Your words"]
    async with stage.bot():
        await redrawn(stage, stage.ada, message, "top_p", "0.3")
    assert fields(message)["Your words"] == words
    assert chosen(message)["top_p"] == "0.3"


async def test_a_stranger_gets_a_picture_of_their_own(stage: Stage) -> None:
    async with stage.bot():
        message = await explore(stage)
        before = (picture(message), message.embeds)
        asked = await stage.playground.select(stage.bob, message, "top_k", ["1"])
        await asked.until(lambda now: any(each.attachments for each in [now.message, *now.followups] if each), SECONDS)
        (own,) = [each for each in stage.playground.messages(viewer=stage.bob) if each.ephemeral]
        assert (picture(message), message.embeds) == before
        assert own not in stage.playground.messages(viewer=stage.ada)
        assert chosen(own)["top_k"] == "1"
        await redrawn(stage, stage.bob, own, "top_k", "0")
    assert [each for each in stage.playground.messages(viewer=stage.bob) if each.ephemeral] == [own]


@pytest.mark.parametrize("place", ["direct messages", "a server without the bot", "a group"])
async def test_it_works_everywhere(stage: Stage, place: str) -> None:
    elsewhere = {
        "direct messages": lambda: stage.playground.direct_channel(stage.ada),
        "a server without the bot": lambda: stage.playground.add_channel(
            "far", guild=stage.playground.add_guild("Far away", installed=False)
        ),
        "a group": lambda: stage.playground.add_group("friends", stage.ada, stage.bob),
    }
    stage.ada.installed = place != "direct messages"
    async with stage.bot(ScriptedEngine([" one.", " two.", " three."] * 2)):
        channel = elsewhere[place]()
        asked = await stage.playground.slash(
            stage.ada, "explore", {"genre": "drama", "prompt": PROMPT}, channel=channel
        )
        message = await shown(asked)
        await redrawn(stage, stage.ada, message, "top_k", "10")
    assert message.channel is channel


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"genre": "romance"}, "I don't know that genre."),
        ({"temperature": 9.0}, "`temperature` goes from 0.1 to 2."),
        ({"top_k": -3}, "`top_k` goes from 0 to 200."),
        ({"prompt": "y" * (EXPLORE_PROMPT_LENGTH + 1)}, "Your text has 501 characters; at most 500 are possible."),
    ],
)
async def test_a_forged_value_gets_a_sentence(stage: Stage, options: dict[str, Any], sentence: str) -> None:
    async with stage.bot():
        asked = await stage.playground.slash(
            stage.ada, "explore", {"genre": "horror", "prompt": PROMPT, **options}, unchecked=True
        )
        assert (await answered(asked)).startswith(sentence)


async def test_any_prompt_is_explored_and_comes_back_to_the_letter(stage: Stage) -> None:
    prompts = ["🦇 $x^2$ 中文 كان الليل \\*\\* @everyone <@1> <t:0>", "<BOS> <horror>", "*" * EXPLORE_PROMPT_LENGTH]
    async with stage.bot():
        for prompt in prompts:
            message = await explore(stage, prompt=prompt)
            words = message.embeds[0]["fields"][0]["value"]
            await redrawn(stage, stage.ada, message, "top_k", "5")
            assert message.embeds[0]["fields"][0]["value"] == words


async def test_one_person_explores_once_at_a_time(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint), story_rows=1):
        asked = [
            await stage.playground.slash(stage.ada, "explore", {"genre": "drama", "prompt": PROMPT}) for _ in range(2)
        ]
        for interaction in asked:
            await interaction.until(lambda now: now.message and (now.message.content or now.message.embeds), SECONDS)
    refused, drawn = sorted((each.message for each in asked if each.message), key=lambda each: bool(each.attachments))
    assert refused.content.startswith("One picture at a time")
    assert picture(drawn)


async def test_a_bot_that_stops_tells_whoever_waits_for_a_picture(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint), story_rows=1, grace_seconds=6.0):
        busy = await stage.playground.slash(stage.bob, "story", {"genre": "drama", "max_length": 800})
        await busy.until(lambda now: now.message and "▌" in str(now.message.embeds), SECONDS)
        asked = await stage.playground.slash(stage.ada, "explore", {"genre": "drama", "prompt": PROMPT})
        await asked.acknowledged(SECONDS)
    assert asked.message is not None
    assert asked.message.content.startswith("I'm shutting down.")


async def test_a_picture_whose_words_were_taken_away_says_so(stage: Stage) -> None:
    async with stage.bot():
        message = await explore(stage)
        message.embeds.clear()  # as a moderator can
        pressed = await stage.playground.select(stage.ada, message, "top_k", ["5"])
        assert (await answered(pressed)).startswith("The words of this picture are gone.")


async def test_without_probabilities_from_a_server_there_is_a_sentence(stage: Stage) -> None:
    remote: dict[str, Any] = {
        "story_engine": "remote",
        "remote_base_url": "http://127.0.0.1:9/v1",
        "remote_model": "none",
    }
    async with stage.bot(**remote):
        asked = await stage.playground.slash(stage.ada, "explore", {"genre": "drama", "prompt": PROMPT})
        assert (await answered(asked)).startswith("The model that writes here runs on another server")


async def test_nothing_of_it_is_stored(stage: Stage) -> None:
    async with stage.bot():
        await explore(stage, prompt="Zebulon and the lighthouse")
    files = stage.config.database_path.parent.glob(f"{stage.config.database_path.name}*")
    assert not any(b"Zebulon" in file.read_bytes() for file in files)
