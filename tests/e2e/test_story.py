"""``/story`` and the buttons below a passage, as people use them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.playground.world import Message
from bot.storytelling.openings import openings
from tests.e2e.acting import rows
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, finished, footer, is_finished, labels, shown_text

PROMPT = "Batman is hunting down"


async def tell(stage: Stage, **options: Any) -> Message:
    """Let Ada ask for a horror story and give the message that shows it."""
    return await finished(
        await stage.playground.slash(stage.ada, "story", {"genre": "horror", "prompt": PROMPT, **options})
    )


async def test_a_story_begins_with_the_prompt_and_is_stored_as_it_is_shown(stage: Stage) -> None:
    async with stage.bot():
        message = await tell(stage)
    assert shown_text(message).startswith(PROMPT)
    (prompt, text) = (row[0] for row in rows(stage, "SELECT text FROM passages ORDER BY id"))
    assert shown_text(message) == f"{prompt}{text}"
    assert len(str(text).split()) > 5


async def test_the_footer_says_that_a_machine_wrote_it_and_how_to_have_it_written_again(stage: Stage) -> None:
    async with stage.bot():
        message = await tell(stage, seed=812)
        again = await tell(stage, seed=812)
    # The tiny model may go in circles; then the second try has the next seed.
    assert re.match(r"AI-generated · Horror · seed 81[23] · \d+ words · (\d+|under 0)\.\d s", footer(message))
    assert shown_text(again) == shown_text(message)


async def test_without_first_words_the_story_begins_with_an_opening_of_its_genre_and_it_is_said(stage: Stage) -> None:
    async with stage.bot():
        message = await finished(await stage.playground.slash(stage.ada, "story", {"genre": "horror"}))
    (opening, _) = (str(row[0]) for row in rows(stage, "SELECT text FROM passages ORDER BY id"))
    assert opening in openings("horror")
    assert shown_text(message).startswith(opening)
    assert message.content == "You left the first words to me; this opening is one of mine."


async def test_with_a_title_alone_the_model_finds_the_first_words(stage: Stage) -> None:
    async with stage.bot():
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "horror", "title": "The lantern"})
        message = await finished(asked)
    assert rows(stage, "SELECT author FROM passages") == [("model",)]
    assert message.content == ""


async def test_a_typed_title_stands_above_the_story(stage: Stage) -> None:
    async with stage.bot():
        message = await tell(stage, title="The *lantern*")
    assert message.embeds[0]["title"] == r"The \*lantern\*"


async def test_a_private_story_is_seen_only_by_its_author(stage: Stage) -> None:
    async with stage.bot():
        message = await tell(stage, private=True)
    assert message in stage.playground.messages(viewer=stage.ada)
    assert message not in stage.playground.messages(viewer=stage.bob)


async def test_continue_goes_on_below_in_a_message_of_its_own(stage: Stage) -> None:
    async with stage.bot():
        first = await tell(stage)
        pressed = await stage.playground.press(stage.ada, first, "Continue")
        await pressed.until(lambda shown: any(is_finished(message) for message in shown.followups))
    (parent,) = rows(stage, "SELECT parent_id FROM passages ORDER BY id DESC LIMIT 1")
    assert parent == (2,)
    (stored,) = rows(stage, "SELECT text FROM passages ORDER BY id DESC LIMIT 1")
    assert shown_text(pressed.followups[0]) == str(stored[0]).lstrip()


async def test_retry_writes_the_passage_anew_in_the_same_message(stage: Stage) -> None:
    async with stage.bot():
        first = await tell(stage)
        before = shown_text(first)
        pressed = await stage.playground.press(stage.ada, first, "Retry")
        await pressed.until(lambda _: is_finished(first) and shown_text(first) != before)
    assert shown_text(first).startswith(PROMPT)
    assert rows(stage, "SELECT parent_id FROM passages WHERE author = 'model'") == [(1,), (1,)]


async def test_buttons_of_an_old_message_work_after_a_restart(stage: Stage) -> None:
    async with stage.bot():
        first = await tell(stage)
    async with stage.bot():
        pressed = await stage.playground.press(stage.ada, first, "Continue")
        await pressed.until(lambda shown: any(is_finished(message) for message in shown.followups))
    assert rows(stage, "SELECT count(*) FROM stories") == [(1,)]
    assert rows(stage, "SELECT count(*) FROM passages WHERE state = 'done'") == [(3,)]


async def test_stop_ends_the_story_with_what_it_has(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await stage.playground.slash(
            stage.ada, "story", {"genre": "drama", "prompt": PROMPT, "max_length": 800}
        )
        await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message))
        assert asked.message is not None
        assert labels(asked.message) == ["Stop"]
        await stage.playground.press(stage.ada, asked.message, "Stop")
        message = await finished(asked)
    assert footer(message).endswith("stopped")
    ((state, reason, tokens),) = rows(
        stage, "SELECT state, finish_reason, new_tokens FROM passages WHERE author = 'model'"
    )
    assert (state, reason) == ("stopped", "cancelled")
    assert isinstance(tokens, int)
    assert 0 < tokens < 800


async def test_a_stranger_gets_a_private_sentence_and_changes_nothing(stage: Stage) -> None:
    async with stage.bot():
        first = await tell(stage)
        for button in ("Continue", "Retry"):
            pressed = await stage.playground.press(stage.bob, first, button)
            assert "somebody else's story" in await answered(pressed)
            assert pressed.followups[0] not in stage.playground.messages(viewer=stage.ada)
    assert rows(stage, "SELECT count(*) FROM passages") == [(2,)]


async def test_a_stranger_cannot_stop_a_story(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "max_length": 200})
        await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message))
        assert asked.message is not None
        pressed = await stage.playground.press(stage.bob, asked.message, "Stop")
        assert "somebody else's story" in await answered(pressed)
        await finished(asked)
    assert rows(stage, "SELECT DISTINCT state FROM passages") == [("done",)]


async def test_the_place_in_the_queue_is_shown_to_those_who_wait(stage: Stage, slow_checkpoint: Path) -> None:
    people = [stage.playground.add_user(f"Reader {number}") for number in range(3)]
    async with stage.bot(story_model=str(slow_checkpoint), story_rows=1):
        asked = [
            await stage.playground.slash(person, "story", {"genre": "drama", "max_length": 60}) for person in people
        ]
        for interaction in asked:
            await finished(interaction)
    last = asked[-1].message
    assert last is not None
    assert any("Number 2 in the queue" in str(edit.embeds) for edit in stage.playground.edits(last))


async def test_a_deleted_message_stops_the_model(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint), story_rows=1):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "max_length": 800})
        await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message))
        assert asked.message is not None
        stage.playground.delete_message(asked.message)
        # There is room for one story only, so this one begins when the other has ended.
        await finished(await stage.playground.slash(stage.bob, "story", {"genre": "drama", "max_length": 30}))
        ((state, tokens),) = rows(stage, "SELECT state, new_tokens FROM passages WHERE id = 2")
    assert state == "stopped"
    assert isinstance(tokens, int)
    assert tokens < 800


async def test_greedy_with_sampling_options_says_that_they_have_no_effect(stage: Stage) -> None:
    async with stage.bot():
        message = await tell(stage, do_sample=False, top_k=5, temperature=1.5)
    assert message.content == "With `do_sample` off, `temperature`, `top_k` have no effect."


@pytest.mark.parametrize(
    "prompt",
    [
        "🦇🌃 the 👩‍🚀 night",
        "كان الليل طويلا",
        "שלום, בלש",
        "x" * 1500,
        "<BOS> <horror> <EOS>",
        "   ",
        "a\n\n\n\nb",
        "' OR 1=1; --",
    ],
    ids=["emoji", "arabic", "hebrew", "one letter", "control tokens", "spaces", "blank lines", "sql"],
)
async def test_any_prompt_gets_a_story(stage: Stage, prompt: str) -> None:
    async with stage.bot():
        message = await tell(stage, prompt=prompt)
    assert "<BOS>" not in shown_text(message)
    assert rows(stage, "SELECT DISTINCT state FROM passages") == [("done",)]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"genre": "romance"}, "I don't know that genre. I write superhero, sci_fi, horror, action, thriller, drama."),
        ({"genre": "horror", "temperature": 9.0}, "`temperature` goes from 0.1 to 2."),
        ({"genre": "horror", "max_length": 100000}, "`max_length` goes from 30 to 800."),
        (
            {"genre": "horror", "preset": "Mine"},
            "There is no such preset. Choose one of Balanced, Focused, Wild, Classic.",
        ),
        ({"genre": "horror", "seed": -1}, "`seed` goes from 0 to 9007199254740991."),
        (
            {"genre": "horror", "prompt": "y" * 1501},
            "Your text has 1,501 characters; at most 1,500 are possible. Please shorten it.",
        ),
    ],
    ids=["genre", "temperature", "max_length", "preset", "seed", "prompt"],
)
async def test_a_forged_value_gets_a_sentence_and_leaves_no_row(
    stage: Stage, options: dict[str, Any], sentence: str
) -> None:
    async with stage.bot():
        asked = await stage.playground.slash(stage.ada, "story", options, unchecked=True)
        assert await answered(asked) == sentence
    assert rows(stage, "SELECT count(*) FROM stories") == [(0,)]


async def test_a_third_story_at_once_is_declined(stage: Stage, slow_checkpoint: Path) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        for _ in range(2):
            asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama", "max_length": 800})
            await asked.until(lambda shown: shown.message and "▌" in shown_text(shown.message))
        third = await stage.playground.slash(stage.ada, "story", {"genre": "drama"})
        assert (await answered(third)).startswith("You have 2 stories being written already.")


async def test_a_model_that_can_not_be_loaded_is_a_sentence(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    async with stage.bot(story_model=str(tmp_path / "broken")):
        asked = await stage.playground.slash(stage.ada, "story", {"genre": "drama"})
        assert (await answered(asked)).startswith("My model could not be loaded")
