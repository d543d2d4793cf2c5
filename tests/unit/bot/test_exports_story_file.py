"""The JSON of a story: everything in it, and the same tree when it is read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoryFileUnreadable
from bot.exports.story_file import PassagePart, PersonPart, StoryFile, StoryPart, read_story_file, story_file
from bot.store import Author, Passage, PassageState, TitleOrigin
from storygen.sampling import SamplingOptions
from tests.fakes.story_trees import MODELS, OWNER, PERSONS, book_of, hostile_text, told

KEPT = (
    "author", "text", "state", "options", "seed", "model", "finish_reason", "prompt_tokens", "new_tokens",
    "prompt_was_cut", "waiting_seconds", "writing_seconds", "edited", "rewritten",
)  # fmt: skip


@st.composite
def trees(draw: st.DrawFn) -> list[Passage]:
    """Give any tree of passages by up to three people; the last has text."""
    tree: list[Passage] = []
    for place in range(draw(st.integers(1, 8))):
        parent = draw(st.sampled_from([None, *(passage.id for passage in tree)]))
        kind = draw(st.sampled_from([MODELS, PERSONS]))
        state = draw(st.sampled_from([PassageState.DONE, PassageState.STOPPED, PassageState.FAILED]))
        text = draw(hostile_text()) if state is not PassageState.FAILED else ""
        user = draw(st.sampled_from([OWNER, 8, 9]))
        number = tree[-1].id + draw(st.integers(1, 5)) if place else 41
        kind = replace(kind, edited=draw(st.booleans()), rewritten=draw(st.booleans()))
        tree.append(replace(kind, id=number, parent_id=parent, state=state, text=text, user_id=user))
    tree = [_with_a_way(draw, passage, tree) for passage in tree]
    return [*tree, replace(PERSONS, id=tree[-1].id + 1, parent_id=tree[-1].id, text="End.")]


def _with_a_way(draw: st.DrawFn, passage: Passage, tree: list[Passage]) -> Passage:
    below = [child.id for child in tree if child.parent_id == passage.id]
    return replace(passage, chosen_child_id=draw(st.sampled_from([None, *below])))


@given(trees(), hostile_text(), st.sampled_from(TitleOrigin))
def test_reading_an_exported_file_gives_the_same_tree(tree: list[Passage], memory: str, origin: TitleOrigin) -> None:
    book = book_of(tree, memory=memory, title_origin=origin)
    found = read_story_file(story_file(book))
    ids = {passage.number: stored.id for passage, stored in zip(found.passages, tree, strict=True)}
    for passage, stored in zip(found.passages, tree, strict=True):
        assert {name: getattr(passage, name) for name in KEPT} == {name: getattr(stored, name) for name in KEPT}
        assert (None if passage.parent is None else ids[passage.parent]) == stored.parent_id
        assert (None if passage.chosen_child is None else ids[passage.chosen_child]) == stored.chosen_child_id
        assert passage.created_at.timestamp() == stored.created_at
    assert ids[found.story.head] == book.story.head_id
    assert (found.story.memory, found.story.title_origin) == (memory, origin)
    people = {passage.person: stored.user_id for passage, stored in zip(found.passages, tree, strict=True)}
    assert [people[passage.person] for passage in found.passages] == [stored.user_id for stored in tree]
    assert {people[person.number]: person.name for person in found.people}.get(OWNER, "Ada") == "Ada"
    assert all(person.name is None for person in found.people if people[person.number] != OWNER)


def test_the_file_is_what_the_document_says() -> None:
    file = json.loads(story_file(told((Author.PERSON, "She"), (Author.MODEL, " went."))))
    assert file["format"] == "storybot-story"
    assert file["version"] == 2
    assert file["people"] == [{"number": 1, "name": "Ada"}]
    assert file["story"]["head"] == 2
    assert file["story"]["created_at"] == "2026-11-18T11:06:40Z"
    model = file["passages"][1]
    assert (model["parent"], model["person"], model["seed"], model["model"]) == (1, 1, 812, "tiny-0")
    assert model["options"]["temperature"] == 1.2


@pytest.mark.parametrize("part", [StoryFile, StoryPart, PersonPart, PassagePart, SamplingOptions])
def test_the_document_describes_every_name_in_the_file(part: type[object]) -> None:
    document = Path(__file__).parents[3].joinpath("docs", "export.md").read_text(encoding="utf-8")
    assert [name for name in part.__annotations__ if f"`{name}`" not in document and name != "model_config"] == []


def test_no_id_of_discord_or_of_the_database_is_in_the_file() -> None:
    tree = [replace(PERSONS, id=900_001, user_id=900_002, channel_id=900_003, message_id=900_004, text="x")]
    book = book_of(tree, id=900_005, owner_id=900_002, guild_id=900_006, channel_id=900_007)
    assert b"9000" not in story_file(book)


def _spoil(change: Callable[[dict[str, Any]], object]) -> bytes:
    file = json.loads(story_file(told((Author.PERSON, "She"), (Author.MODEL, " went."))))
    change(file)
    return json.dumps(file).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.update(version=3),
        lambda file: file.update(format="other"),
        lambda file: file.pop("passages"),
        lambda file: file.update(passages=[]),
        lambda file: file["story"].update(head=3),
        lambda file: file["passages"].reverse(),
        lambda file: file["passages"][1].update(parent=2),
        lambda file: file["passages"][1].update(number=1),
        lambda file: file["passages"][0].update(person=2),
        lambda file: file["passages"][1].update(chosen_child=1),
        lambda file: file["passages"][0].update(chosen_child=9),
        lambda file: file["passages"][0].update(author="nobody"),
        lambda file: file["passages"][0].update(more="x"),
    ],
)
def test_a_file_that_was_changed_is_not_read(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(StoryFileUnreadable):
        read_story_file(_spoil(change))


def test_a_file_of_version_1_is_still_read() -> None:
    def as_it_was(file: dict[str, Any]) -> None:
        file["version"] = 1
        for name in ("memory", "title_origin"):
            del file["story"][name]
        for passage in file["passages"]:
            for name in ("chosen_child", "edited", "rewritten"):
                del passage[name]

    found = read_story_file(_spoil(as_it_was))

    assert (found.story.memory, found.story.title_origin) == ("", TitleOrigin.TEXT)
    assert [(each.text, each.edited, each.chosen_child) for each in found.passages] == [
        ("She", False, None), (" went.", False, None),
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_what_is_no_story_file_is_not_read(data: bytes) -> None:
    with pytest.raises(StoryFileUnreadable):
        read_story_file(data)


def test_the_error_does_not_repeat_the_story() -> None:
    with pytest.raises(StoryFileUnreadable) as refused:
        read_story_file(_spoil(lambda file: file["passages"][0].update(text=["secret words"])))
    assert "secret" not in str(refused.value)


def test_a_file_is_the_same_data_when_it_is_written_again() -> None:
    found = read_story_file(story_file(told((Author.PERSON, "She"), (Author.MODEL, " went."))))
    assert StoryFile.model_validate_json(found.model_dump_json()) == found
