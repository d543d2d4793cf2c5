"""What is stored about a person besides their stories."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import TooManyPresets, UnknownPreset
from bot.store import PersonSummary, StoryStore
from bot.store.people import PRESET_LIMIT
from storygen.sampling import SamplingOverrides
from tests.fakes.stored_stories import CHANNEL, GUILD, OWNER, READER, begun, ended, told, went_on

WILD = SamplingOverrides(temperature=1.9, do_sample=True)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


async def test_presets_are_kept_by_name_for_one_person(store: StoryStore) -> None:
    await store.people.save_preset(OWNER, "Nacht", WILD)
    await store.people.save_preset(OWNER, "Étude", SamplingOverrides(top_k=3))

    assert await store.people.presets_of(OWNER) == {"Nacht": WILD, "Étude": SamplingOverrides(top_k=3)}
    assert list(await store.people.presets_of(OWNER)) == ["Nacht", "Étude"]
    assert await store.people.presets_of(READER) == {}


async def test_a_name_in_other_letters_is_the_same_preset(store: StoryStore) -> None:
    await store.people.save_preset(OWNER, "ÉTUDE", WILD)
    await store.people.save_preset(OWNER, "étude", SamplingOverrides(top_k=3))

    assert await store.people.presets_of(OWNER) == {"étude": SamplingOverrides(top_k=3)}
    await store.people.delete_preset(OWNER, "Étude")
    assert await store.people.presets_of(OWNER) == {}


async def test_a_preset_that_is_not_there_can_not_be_deleted(store: StoryStore) -> None:
    await store.people.save_preset(OWNER, "Night", WILD)

    with pytest.raises(UnknownPreset) as caught:
        await store.people.delete_preset(OWNER, "Day")
    with pytest.raises(UnknownPreset):
        await store.people.delete_preset(READER, "Night")

    assert caught.value.known == ("Night",)


async def test_there_is_room_for_a_number_of_presets(store: StoryStore) -> None:
    for number in range(PRESET_LIMIT):
        await store.people.save_preset(OWNER, f"preset {number}", WILD)

    with pytest.raises(TooManyPresets) as caught:
        await store.people.save_preset(OWNER, "one more", WILD)
    await store.people.save_preset(OWNER, "PRESET 3", SamplingOverrides(top_k=3))

    assert caught.value.limit == PRESET_LIMIT == len(await store.people.presets_of(OWNER))
    await store.people.save_preset(READER, "one more", WILD)


async def test_a_history_is_kept_unless_somebody_wants_none(store: StoryStore) -> None:
    assert await store.people.keeps_history(OWNER)

    await store.people.set_keeps_history(OWNER, keeps=False)
    await store.people.set_keeps_history(OWNER, keeps=False)
    assert (await store.people.keeps_history(OWNER), await store.people.keeps_history(READER)) == (False, True)

    await store.people.set_keeps_history(OWNER, keeps=True)
    assert await store.people.keeps_history(OWNER)


async def test_other_stories_go_but_one_and_what_is_being_written(store: StoryStore) -> None:
    await told(store, "Old")
    kept, _ = await told(store, "Kept")
    _, waiting = await begun(store, "Waits")
    theirs, _ = await told(store, "Theirs", owner_id=READER)

    assert await store.people.forget_other_stories(OWNER, kept.id) == 1
    assert {story.id for story in await store.stories_of(OWNER)} == {kept.id, waiting.story_id}
    await ended(store, waiting)
    assert await store.people.forget_other_stories(OWNER, None) == 2
    assert await store.stories_of(OWNER) == []
    assert await store.people.forget_other_stories(OWNER, None) == 0
    assert (await store.story(theirs.id)).owner_id == READER


async def test_a_stranger_has_an_empty_summary(store: StoryStore) -> None:
    assert await store.people.summary_of(OWNER) == PersonSummary(
        stories=0, passages=0, words=0, hearts_given=0, reports=0, presets=0, saved_options=0, keeps_history=True,
        oldest=None, words_in_others=0,
    )  # fmt: skip


async def a_life(store: StoryStore) -> None:
    """Let OWNER have two stories, and words in a story of READER."""
    first, _ = await told(store, "The lake was", " still.")
    _, second = await told(store, "", " Then it froze.")
    await went_on(store, second, "")
    theirs, passage = await told(store, "Their sea", owner_id=READER)
    branch = await store.tree.copy_path(
        second.id, owner_id=READER, guild_id=GUILD, channel_id=CHANNEL, private=False, title="Mine once"
    )
    await store.tree.add_text(branch.id, branch.head_id, OWNER, "four words of mine")
    await store.readers.toggle_heart(theirs.id, OWNER, GUILD)
    await store.readers.report(theirs.id, passage.id, OWNER, GUILD, "rude")
    await store.readers.add_share(first.id, OWNER, GUILD, CHANNEL)
    await store.people.save_preset(OWNER, "Night", WILD)
    await store.save_overrides(OWNER, SamplingOverrides(top_k=3, top_p=0.5))
    await store.people.set_keeps_history(OWNER, keeps=False)


async def test_a_summary_counts_what_there_is_of_a_person(store: StoryStore) -> None:
    await a_life(store)
    oldest = min(story.created_at for story in await store.stories_of(OWNER))

    assert await store.people.summary_of(OWNER) == PersonSummary(
        stories=2, passages=4, words=7, hearts_given=1, reports=1, presets=1, saved_options=2, keeps_history=False,
        oldest=oldest, words_in_others=4,
    )  # fmt: skip


async def test_everything_of_a_person_is_there_as_json(store: StoryStore) -> None:
    await a_life(store)

    everything = json.loads(json.dumps(await store.people.everything_of(OWNER)))

    assert (everything["user_id"], everything["keeps_history"]) == (OWNER, False)
    texts = [[passage["text"] for passage in story["passages"]] for story in everything["stories"]]
    assert texts == [["The lake was", " still."], [" Then it froze.", ""]]
    elsewhere = [passage["text"] for passage in everything["passages_in_other_peoples_stories"]]
    assert elsewhere == [" Then it froze.", "four words of mine"]
    assert [preset["name"] for preset in everything["presets"]] == ["Night"]
    assert json.loads(everything["settings"][0]["overrides"]) == {"top_k": 3, "top_p": 0.5}
    assert [len(everything[name]) for name in ("hearts", "shares", "reports")] == [1, 1, 1]
    assert everything["reports"][0]["reason"] == "rude"


async def test_everything_of_a_stranger_is_nothing(store: StoryStore) -> None:
    await a_life(store)

    everything = await store.people.everything_of(77)

    assert {name: value for name, value in everything.items() if value} == {"user_id": 77, "keeps_history": True}
