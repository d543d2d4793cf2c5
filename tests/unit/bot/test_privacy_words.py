"""What a person is told and given of their own data."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from bot.cogs.status import where_it_writes
from bot.config import Config
from bot.errors import PersonalDataTooLarge
from bot.privacy.export import JSON_NAME, TEXT_NAME, ZIP_NAME, personal_files, readable
from bot.privacy.words import (
    BLOCKS_STAY,
    HISTORY_OFF,
    HISTORY_ON,
    SENT_TO_SERVERS,
    WRITTEN_HERE,
    delete_question,
    deleted_text,
    history_question,
    summary_text,
)
from bot.sentences import sentence_for
from bot.store.rows import Forgotten, PersonSummary

ANNA, BORIS = 111, 222
NOTHING = PersonSummary(
    stories=0,
    passages=0,
    words=0,
    hearts_given=0,
    reports=0,
    presets=0,
    saved_options=0,
    keeps_history=True,
    oldest=None,
    words_in_others=0,
)
MUCH = PersonSummary(
    stories=1234,
    passages=5000,
    words=1,
    hearts_given=1,
    reports=1,
    presets=20,
    saved_options=1,
    keeps_history=False,
    oldest=1_700_000_000,
    words_in_others=2,
    archived=2,
    withdrawn=1,
    decisions=3,
)


def passage(number: int, text: str, *, user: int = ANNA, author: str = "person") -> dict[str, Any]:
    return {
        "id": number,
        "story_id": 1,
        "parent_id": number - 1 or None,
        "author": author,
        "user_id": user,
        "text": text,
        "created_at": 1_700_000_000,
    }


EVERYTHING: dict[str, Any] = {
    "user_id": ANNA,
    "keeps_history": True,
    "settings": [{"user_id": ANNA, "overrides": '{"temperature": 0.5}', "updated_at": 1}],
    "presets": [{"user_id": ANNA, "name": "Calm", "overrides": '{"top_k": 7}', "updated_at": 1}],
    "stories": [
        {
            "id": 1,
            "owner_id": ANNA,
            "guild_id": 5,
            "channel_id": 6,
            "genre": "horror",
            "title": "Jam",
            "memory": "Ellen fears cellars",
            "private": 1,
            "created_at": 1_700_000_000,
            "passages": [
                passage(1, "The cellar"),
                passage(2, " opened.\u202e", author="model"),
                passage(3, "Hi", user=BORIS),
            ],
        }
    ],
    "passages_in_other_peoples_stories": [passage(9, "My guest words")],
    "titles_of_other_peoples_stories": [{"id": 4, "title": "Named by me"}],
    "stories_told_together": [
        {"story_id": 7, "channel_id": 6, "created_at": 1_700_000_000, "began_it": 1, "votes_for": 12}
    ],
    "hearts": [{"story_id": 4, "created_at": 1_700_000_000}],
    "shares": [{"story_id": 1, "channel_id": 6, "created_at": 1_700_000_000}],
    "reports": [{"passage_id": 8, "reason": "It is rude"}],
    "archive_posts": [{"story_id": 1, "channel_id": 77, "created_at": 1_700_000_000}],
    "withdrawn_stories": [{"story_id": 1, "guild_id": 5, "why": "report", "created_at": 1_700_000_000}],
    "blocks": [{"guild_id": 5, "user_id": ANNA, "reason": "Spam of bats", "created_at": 1_700_000_000}],
    "server_changes": [
        {"guild_id": 6, "user_id": ANNA, "what": "limits", "details": '{"after": 1}', "created_at": 1_700_000_000}
    ],
    "server_changes_about_you": [
        {"guild_id": 7, "what": "unblock", "details": '{"person": 111}', "created_at": 1_700_000_000}
    ],
    "recent_tellings": [{"guild_id": 8, "passage_id": 33}],
}


def test_a_summary_counts_only_what_there_is() -> None:
    text = summary_text(NOTHING, remote=False)
    assert "- 0 stories with 0 words in 0 passages\n" in text
    for word in ("preset", "♥", "report", "other people's stories"):
        assert f"- 0 {word}" not in text
    assert HISTORY_ON in text
    assert HISTORY_OFF not in text


def test_a_summary_says_how_much_since_when_and_that_history_is_off() -> None:
    text = summary_text(MUCH, remote=False)
    assert "- 1,234 stories with 1 word in 5,000 passages, the oldest from <t:1700000000:D>" in text
    assert "- 2 words of yours in other people's stories" in text
    assert "- 1 saved option\n- 20 presets\n- 1 ♥ that you gave\n- 1 report\n" in text
    assert "- 2 posts of your stories in archives\n- 1 story of yours taken out of a server\n" in text
    assert "- 3 changes that you made for servers\n" in text
    assert HISTORY_OFF in text
    assert len(text) < 4096


def test_a_summary_names_what_servers_have_against_a_person_and_the_question_says_that_it_stays() -> None:
    blocked = replace(NOTHING, blocks=2, server_changes=1, recent_tellings=1)
    text = summary_text(blocked, remote=False)
    assert "- 2 servers in which you are blocked\n" in text
    assert "- 1 change that you made to servers' rules\n" in text
    assert "- 1 passage of the last hour that counts\n" in text
    assert BLOCKS_STAY in delete_question(blocked)
    assert BLOCKS_STAY not in delete_question(NOTHING)
    gone = deleted_text(Forgotten(stories=1, passages_elsewhere=0, servers_left=1), words_in_others=True)
    assert BLOCKS_STAY in gone


def test_the_text_file_names_what_servers_have_against_a_person_and_what_they_changed_there() -> None:
    text = readable(EVERYTHING)
    assert "server 5, since 2023-11-14 22:13 UTC: Spam of bats" in text
    assert 'server 6, 2023-11-14 22:13 UTC: limits {"after": 1}' in text
    assert 'server 7, 2023-11-14 22:13 UTC: unblock {"person": 111}' in text
    assert "passage 33 in server 8" in text


def test_a_summary_says_where_the_stories_are_written() -> None:
    assert WRITTEN_HERE in summary_text(NOTHING, remote=False)
    assert SENT_TO_SERVERS in summary_text(NOTHING, remote=True)
    assert WRITTEN_HERE not in summary_text(NOTHING, remote=True)


def test_about_says_the_same_of_where_the_stories_are_written() -> None:
    assert "machine of whoever runs" in where_it_writes(Config())
    assert "servers" in where_it_writes(Config(story_engine="remote", remote_base_url="http://localhost:1/v1"))


def test_the_question_before_deleting_says_what_becomes_of_words_elsewhere_and_of_the_history() -> None:
    assert "without your name" in delete_question(MUCH)
    assert "later stories kept" in delete_question(MUCH)
    assert "without your name" not in delete_question(NOTHING)
    assert "later stories kept" not in delete_question(NOTHING)
    assert len(delete_question(MUCH)) < 2000


def test_after_deleting_it_is_said_what_went() -> None:
    gone = Forgotten(stories=2, passages_elsewhere=1)
    assert "2 stories with it. From 1 passage in other people's stories, your words and your name are gone." in (
        deleted_text(gone, words_in_others=True)
    )
    assert "your name is gone." in deleted_text(gone, words_in_others=False)
    assert "other people" not in deleted_text(Forgotten(stories=1, passages_elsewhere=0), words_in_others=True)


def test_the_question_before_the_history_is_off_says_how_many_stories_there_are() -> None:
    assert "You have 3 stories; all but the newest" in history_question(3)


def test_the_text_file_has_everything_that_a_person_wrote_or_named() -> None:
    text = readable(EVERYTHING)
    for words in ("temperature 0.5", "Calm: top_k 7", "Jam", "Ellen fears cellars", "The cellar", "opened.", "Hi"):
        assert words in text
    for words in ("My guest words", "4: Named by me", "It is rude", "2023-11-14 22:13 UTC", "private", "channel 6"):
        assert words in text
    for words in (
        "story 1 in channel 77",
        "story 1 in server 5, after a report",
        "server 6, 2023-11-14 22:13 UTC: limits",
    ):
        assert words in text
    assert "by the model, asked by you" in text
    assert "by somebody else" in text
    assert "\u202e" not in text


def test_the_text_file_has_no_headings_without_anything_below() -> None:
    empty: dict[str, Any] = {name: [] for name in EVERYTHING} | {"user_id": ANNA, "keeps_history": False}
    assert readable(empty).splitlines() == [
        "Everything that is stored about you",
        f"Your Discord number: {ANNA}",
        "History: off",
    ]


def test_the_json_file_is_everything_with_options_as_objects() -> None:
    files = {file.name: file.data for file in personal_files(EVERYTHING)}
    assert set(files) == {JSON_NAME, TEXT_NAME}
    found = json.loads(files[JSON_NAME])
    assert found["stories"] == EVERYTHING["stories"]
    assert found["settings"] == [{"user_id": ANNA, "overrides": {"temperature": 0.5}, "updated_at": 1}]


def test_files_that_are_too_large_for_discord_come_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.privacy.export.FILE_LIMIT", 5000)
    long = EVERYTHING | {"passages_in_other_peoples_stories": [passage(9, "the same again, " * 1000)]}
    (packed,) = personal_files(long)
    assert packed.name == ZIP_NAME
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert archive.namelist() == [JSON_NAME, TEXT_NAME]
        assert json.loads(archive.read(JSON_NAME))["stories"] == long["stories"]


def test_what_is_too_large_even_packed_is_declined_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.privacy.export.FILE_LIMIT", 100)
    with pytest.raises(PersonalDataTooLarge) as refused:
        personal_files(EVERYTHING)
    assert "one story at a time" in (sentence_for(refused.value) or "")
