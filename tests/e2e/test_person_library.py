"""The library: lists with pages, going on elsewhere, chance, the most loved, and reading the stories of others."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.app import StoryBot
from bot.exports import FORMATS
from bot.exports.story_file import read_story_file
from bot.playground import Message
from storygen.errors import EngineFailed
from tests.e2e.conftest import Stage
from tests.e2e.person import Person, TalkingEngine, check_shown_is_stored, passage_id, rows, talking_bot, words_of
from tests.e2e.reading import labels, shown_text


@pytest.fixture
async def bot(stage: Stage) -> AsyncIterator[StoryBot]:
    async with talking_bot(stage) as bot:
        yield bot


@pytest.fixture
def ada(stage: Stage, bot: StoryBot) -> Person:
    assert not bot.is_closed()
    return Person(stage.playground, stage.ada)


@pytest.fixture
def bob(stage: Stage) -> Person:
    return Person(stage.playground, stage.bob)


async def tell(person: Person, prompt: str, **options: Any) -> Message:
    return await person.use("story", genre="horror", prompt=prompt, **options)


async def test_a_list_of_many_stories_has_pages_and_each_story_is_read_by_choosing_it(ada: Person) -> None:
    for number in range(12):
        await tell(ada, f"Story number {number:02} began.", title=f"Title {number:02}")
    listed = await ada.use("stories list")
    first = words_of(listed)
    assert "Title 11" in first
    assert "Title 01" not in first
    assert "12 stories · page 1 of 2" in first
    assert await ada.press(listed, "▶") is listed
    assert "Title 01" in words_of(listed)
    assert "Title 11" not in words_of(listed)
    read = await ada.choose(listed, "Read one of these", "Title 01")
    assert shown_text(read).startswith("Story number 01 began.")
    assert read.ephemeral
    await ada.press(listed, "◀")
    assert words_of(listed) == first


async def test_a_list_shrinks_with_the_stories_also_while_it_is_looked_at(stage: Stage, ada: Person) -> None:
    for number in range(11):
        await tell(ada, f"Story {number}.")
    listed = await ada.use("stories list")
    await ada.press(listed, "▶")
    question = await ada.use("stories delete", story="1")
    await ada.press(question, "Delete for good")
    await ada.press(listed, "◀")
    assert "10 stories" in words_of(listed)
    assert "▶" not in labels(listed)
    for (story_id,) in rows(stage, "SELECT id FROM stories"):
        await ada.press(await ada.use("stories delete", story=str(story_id)), "Delete for good")
    assert "no stories yet" in (await ada.use("stories list")).content


async def test_a_story_is_opened_in_another_channel_and_goes_on_there(stage: Stage, ada: Person) -> None:
    first = await tell(ada, "The lantern burned low.")
    elsewhere = Person(stage.playground, stage.ada, stage.playground.add_channel("elsewhere"))
    opened = await elsewhere.use("stories open", story="lantern")
    assert shown_text(opened) == shown_text(first)
    assert labels(opened) == labels(first)
    assert not opened.ephemeral
    check_shown_is_stored(stage, opened)
    further = await elsewhere.press(opened, "Continue")
    check_shown_is_stored(stage, further)
    assert further.channel is elsewhere.channel


async def test_what_is_private_stays_private_wherever_it_is_opened(ada: Person, bob: Person) -> None:
    await tell(ada, "The secret door.", private=True)
    for name, options in (("stories open", {}), ("continue", {"text": "It opened."})):
        shown = await ada.use(name, story="secret", **options)
        assert shown.ephemeral
        assert not bob.sees(shown)
    read = await ada.use("stories read", story="secret")
    assert (await ada.press(read, "Go on here")).ephemeral


async def test_continue_takes_words_of_the_person_and_writes_on_from_the_end(stage: Stage, ada: Person) -> None:
    first = await tell(ada, "The lantern burned low.")
    further = await ada.use("continue", story="lantern", text="Then she turned.")
    assert shown_text(further).startswith("Then she turned.")
    check_shown_is_stored(stage, further)
    more = await ada.use("continue", story="1")
    check_shown_is_stored(stage, more)
    path = rows(stage, "SELECT id, parent_id FROM passages WHERE author = 'model' ORDER BY id")
    assert path[0][0] == passage_id(first)
    assert path[2][1] == path[1][0]


async def test_stories_are_suggested_to_their_owner_only_newest_first_and_at_most_twenty_five(
    ada: Person, bob: Person
) -> None:
    for number in range(27):
        await tell(ada, f"Night {number}.", title=f"Title {number}")
    for command in ("continue", "stories open", "stories rename"):
        suggested = await ada.suggestions(command, "story")
        assert len(suggested) == 25
        assert suggested[0] == "27"
        assert await bob.suggestions(command, "story") == []
    assert await ada.suggestions("continue", "story", "TITLE 7") == ["8"]
    assert await ada.suggestions("continue", "story", "night 7") == ["8"]


@pytest.mark.parametrize("name", ["continue", "stories open", "stories read", "stories rename", "stories delete"])
async def test_nobody_gets_at_the_story_of_another_through_a_command(
    stage: Stage, ada: Person, bob: Person, name: str
) -> None:
    await tell(ada, "The lantern burned low.")
    extra = {"title": "Mine now"} if name.endswith("rename") else {}
    before = rows(stage, "SELECT * FROM stories")
    assert "somebody else's story" in await bob.forge(name, story="1", **extra)
    assert "no such story" in await bob.forge(name, story="lantern", **extra)
    assert "no such story" in await bob.forge(name, story="9" * 40, **extra)
    assert rows(stage, "SELECT * FROM stories") == before
    assert rows(stage, "SELECT count(*) FROM passages") == [(2,)]


async def test_a_title_of_digits_is_a_title(ada: Person) -> None:
    await tell(ada, "It was a bright cold day.", title="1984")
    assert shown_text(await ada.use("stories read", story="1984")).startswith("It was a bright")


async def test_a_story_is_renamed_and_found_by_its_new_title(ada: Person) -> None:
    await tell(ada, "The lantern burned low.", title="Old")
    assert (
        words_of(await ada.use("stories rename", story="Old", title=" The  *raven* "))
        == "Old is called The *raven* now."
    )
    assert await ada.suggestions("stories read", "story", "raven") == ["1"]
    assert "no words in this" in await ada.forge("stories rename", story="1", title="<BOS>")


async def test_chance_opens_a_story_of_ones_own_or_one_of_the_server(stage: Stage, ada: Person, bob: Person) -> None:
    assert "no stories yet" in (await ada.use("stories random")).content
    assert "Nobody here has told" in (await ada.use("stories random", **{"from": "server"})).content
    await tell(ada, "The secret door.", private=True)
    assert "Nobody here has told" in (await bob.use("stories random", **{"from": "server"})).content
    assert shown_text(await ada.use("stories random")).startswith("The secret door.")
    await tell(ada, "The open door.")
    assert "no stories yet" in (await bob.use("stories random", **{"from": "mine"})).content
    found = await bob.use("stories random", **{"from": "This server's stories"})
    assert shown_text(found).startswith("The open door.")
    assert found.ephemeral
    assert labels(found) == ["♥ 0", "Branch", "Export", "Report"]
    direct = Person(stage.playground, stage.bob, stage.playground.direct_channel(stage.bob))
    assert "no server here" in (await direct.use("stories random", **{"from": "server"})).content


async def test_the_most_loved_stories_are_listed_for_all_and_read_by_anybody(
    stage: Stage, ada: Person, bob: Person
) -> None:
    one, other = await tell(ada, "The first door."), await tell(ada, "The second door.")
    assert "No story was given a ♥ here this week" in (await bob.use("stories top")).content
    cleo = Person(stage.playground, stage.playground.add_user("Cleo"))
    for reader, message in ((bob, other), (cleo, other), (bob, one)):
        await reader.press(message, next(label for label in labels(message) if "♥" in label))
    top = await bob.use("stories top", time="Ever")
    assert not top.ephemeral
    text = words_of(top)
    assert text.index("The second door") < text.index("The first door")
    assert "♥ 2" in text
    assert labels(top) == ["1", "2"]
    read = await cleo.press(top, "1")
    assert read.ephemeral
    assert shown_text(read).startswith("The second door.")
    mine = await ada.press(top, "2")
    assert labels(mine) == ["Go on here", "Export"]
    elsewhere = Person(
        stage.playground, stage.bob, stage.playground.add_channel("b", guild=stage.playground.add_guild("B"))
    )
    assert "No story was given a ♥ here ever" in (await elsewhere.use("stories top", time="ever")).content


async def test_a_story_that_went_private_or_away_can_not_be_read_from_an_old_list(
    stage: Stage, ada: Person, bob: Person
) -> None:
    message = await tell(ada, "The first door.")
    await bob.press(message, "♥ 0")
    top = await bob.use("stories top")
    page = await bob.press(top, "1")
    await ada.press(await ada.use("stories delete", story="1"), "Delete for good")
    assert "no such story" in words_of(await bob.press(top, "1"))
    for what in ("♥ 1", "Branch", "Export"):
        said = words_of(await bob.press(page, what))
        assert "no such story" in said or "no longer there" in said
    assert rows(stage, "SELECT count(*) FROM stories") == [(0,)]


async def test_a_reader_takes_the_story_along_as_it_reads_now_without_versions_and_names(
    stage: Stage, ada: Person, bob: Person
) -> None:
    message = await tell(ada, "The first door.")
    await ada.press(message, "Retry")
    await ada.fill(message, "Write", {"text": "Then it rained.", "then": "leave_it"})
    page = await bob.use("stories random", **{"from": "server"})
    question = await bob.press(page, "Export")
    files = {kind.extension: (await bob.press(question, kind.label)).attachments[0].data for kind in FORMATS}
    assert b"Ada" not in files["txt"] + files["json"]
    told = read_story_file(files["json"])
    assert len(told.passages) == 3
    assert json.dumps([passage.text for passage in told.passages]).count("was number") == 1
    branch = await bob.press(page, "Branch")
    assert rows(stage, "SELECT owner_id FROM stories ORDER BY id") == [(stage.ada.id,), (stage.bob.id,)]
    assert branch.ephemeral


async def test_a_story_whose_first_passage_failed_can_be_opened_and_tried_again(stage: Stage) -> None:
    engine = TalkingEngine(refuse=None, script=[EngineFailed("it stumbled")])
    async with talking_bot(stage, engine):
        ada = Person(stage.playground, stage.ada)
        assert "stumbled" in words_of(await ada.use("story", genre="horror", title="The door"))
        assert rows(stage, "SELECT head_id FROM stories") == [(None,)]
        assert "no words yet" in words_of(await ada.use("stories export", story="1", format="txt"))
        assert labels(await ada.use("stories open", story="1"))[0] == "Retry"
        check_shown_is_stored(stage, await ada.use("continue", story="1"))
