"""Files and streams from elsewhere: read, or refused by an error of ours, whatever they are."""

from __future__ import annotations

import json
import lzma
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import StoryFileUnreadable
from bot.exports.story_file import StoryFile, read_story_file, story_file
from bot.store import Author
from storygen.checkpoint import CheckpointInfo, read_info
from storygen.engines.remote.answer import MOST_TOKENS, read_event
from storygen.engines.remote.errors import ServerUnavailable
from storygen.engines.remote.event_stream import EventStream
from storygen.errors import CheckpointError
from tests.fakes.story_trees import told
from training.errors import TrainingError
from training.prepare.movie_plots import COLUMNS, read_movie_plots
from training.works import Work, read_works

KEYS = [
    *("choices", "text", "usage", "error", "finish_reason", "prompt_tokens", "completion_tokens"),
    *("format", "name", "genres", "label", "licence", "titles", "story", "passages", "number", "parent", "head"),
    *("title", "genre", "year", "link"),
]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["drama", "stop"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)
CSV_PARTS = [",", '"', '""', "\n", "\r", "\r\n", "\x00", "1999", "drama", "a", "\ufeff", ",".join(COLUMNS) + "\n"]
WRITTEN = story_file(told((Author.PERSON, "She"), (Author.MODEL, " went.")))


def bytes_made_of(parts: list[str]) -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from([part.encode() for part in parts]) | st.binary(max_size=3), max_size=40).map(
        b"".join
    )


@given(bytes_made_of(CSV_PARTS), st.sampled_from(["t.csv", "not-packed.csv.xz", "packed.csv.xz"]))
@example(b"a" * 1_100_000 + b"\n", "t.csv")
@example(b'"' + b"\n" * 1_100_000, "packed.csv.xz")
@example(b"a" * 17_000_000, "packed.csv.xz")
def test_a_table_is_read_or_refused_in_a_sentence(data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(lzma.compress(data, preset=0) if name == "packed.csv.xz" else data)
        with suppress(TrainingError):
            assert all(isinstance(work, Work) for work in read_movie_plots(path))


@given(bytes_made_of(["{", "}", '"text"', ":", '"a"', "\n", "[", "]", ",", '{"text": "a"}', "7", "\x00"]))
@example(b"[" * 100_000)
@example(b"7" * 17_000_000)
@example(b'{"text": "a", "year": ' + b"9" * 5_000 + b"}")
@example(b'{"text": "\\ud800"}')
def test_records_are_read_or_refused_in_a_sentence(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "works.jsonl")
        path.write_bytes(data)
        with suppress(TrainingError):
            assert all(isinstance(work, Work) for work in read_works(path, "s", ["drama"]))


@given(st.binary(max_size=60) | ANY_JSON.map(lambda fields: json.dumps(fields).encode()))
@example(b"[" * 100_000)
@example(b" " * (10 * 1024 * 1024) + b"{}")
def test_a_story_file_is_read_or_refused_in_a_sentence(data: bytes) -> None:
    with suppress(StoryFileUnreadable):
        assert isinstance(read_story_file(data), StoryFile)


@given(st.data())
def test_a_story_file_that_somebody_has_changed_is_whole_or_refused(data: st.DataObject) -> None:
    fields = json.loads(WRITTEN)
    place: Any = data.draw(st.sampled_from([fields, fields["story"], fields["people"][0], *fields["passages"]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(ANY_JSON)
    try:
        found = read_story_file(json.dumps(fields).encode())
    except StoryFileUnreadable:
        return
    numbers = {passage.number for passage in found.passages}
    assert found.story.head in numbers
    assert {passage.parent for passage in found.passages} - {None} <= numbers


@given(
    st.lists(
        bytes_made_of(["data:", "data: ", "\n", "\r", "\r\n", ":", "[DONE]", "{}", "event: x", "\xff"]), max_size=6
    )
)
def test_a_stream_is_cut_into_events_or_refused_wherever_it_is_cut(pieces: list[bytes]) -> None:
    def events(*received: bytes) -> list[str] | None:
        stream = EventStream()
        try:
            return [event for each in received for event in stream.add(each)]
        except ValueError:
            return None

    assert events(*pieces) == events(b"".join(pieces))


@given(st.text(max_size=30) | ANY_JSON.map(json.dumps))
@example("[" * 100_000)
@example('{"choices": [{"text": "\\ud800\\u001b[2J"}]}')
@example('{"choices": [], "usage": {"prompt_tokens": -1}}')
@example('{"choices": [], "usage": {"prompt_tokens": 1e400}}')
def test_an_event_is_read_or_it_is_the_servers_fault(data: str) -> None:
    with suppress(ServerUnavailable):
        chunk = read_event("s", data)
        chunk.text.encode()
        assert "\x1b" not in chunk.text
        assert all(count is None or 0 <= count <= MOST_TOKENS for count in (chunk.prompt_tokens, chunk.new_tokens))


@given(st.binary(max_size=40) | ANY_JSON.map(lambda fields: json.dumps(fields).encode()))
@example(b"[" * 100_000)
@example(b'{"format": 1, "name": "\\u001b[2J", "genres": [{"name": "drama", "label": "D"}], "licence": "x"}')
@example(b'{"format": 1, "name": ["x"], "genres": [{"name": "drama", "label": "D"}], "licence": "x"}')
def test_what_a_checkpoint_says_of_itself_is_words_or_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "story.json").write_bytes(data)
        with suppress(CheckpointError):
            found = read_info(folder)
            assert isinstance(found, CheckpointInfo)
            words = [found.name, found.licence, *(genre.label for genre in found.genres)]
            assert all(word.isprintable() for word in words)
