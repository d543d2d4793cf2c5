"""Everything that is stored about a person, as two files: JSON for programs and text for people."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.errors import PersonalDataTooLarge
from bot.exports.formats import FILE_LIMIT
from bot.exports.printable import printable

JSON_NAME, TEXT_NAME, ZIP_NAME = "everything.json", "everything.txt", "everything.zip"

_JSON_COLUMNS = frozenset({"options", "overrides", "details"})

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PersonalFile:
    """One file for a person."""

    name: str
    data: bytes


def personal_files(everything: Row) -> list[PersonalFile]:
    """Give the files; together in one archive where they are too large for Discord.

    Raises PersonalDataTooLarge where the archive is, too.
    """
    files = [
        PersonalFile(JSON_NAME, json.dumps(_unpacked(everything), ensure_ascii=False, indent=1).encode()),
        PersonalFile(TEXT_NAME, readable(everything).encode()),
    ]
    if all(len(file.data) <= FILE_LIMIT for file in files):
        return files
    packed = PersonalFile(ZIP_NAME, _packed(files))
    if len(packed.data) > FILE_LIMIT:
        raise PersonalDataTooLarge(len(packed.data), FILE_LIMIT)
    return [packed]


def readable(everything: Row) -> str:
    """Give everything as text that a person can read from top to bottom."""
    return printable("\n".join(_lines(everything)).strip()) + "\n"


def _unpacked(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can be
    """Give rows with the options that stand in them as JSON taken apart, so that it is one JSON."""
    if isinstance(value, list):
        return [_unpacked(part) for part in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: json.loads(part) if name in _JSON_COLUMNS and part is not None else _unpacked(part)
        for name, part in value.items()
    }


def _lines(everything: Row) -> Iterator[str]:
    yield "Everything that is stored about you"
    yield f"Your Discord number: {everything['user_id']}"
    yield f"History: {'on' if everything['keeps_history'] else 'off'}"
    yield from _section("Saved options", map(_options, everything["settings"]))
    yield from _section("Presets", (f"{row['name']}: {_options(row)}" for row in everything["presets"]))
    for story in everything["stories"]:
        yield from _section(f"Story {story['id']}: {story['title'] or 'untitled'}", _story_lines(story))
    elsewhere = everything["passages_in_other_peoples_stories"]
    yield from _section("Your passages in other people's stories", _passage_lines(elsewhere, everything["user_id"]))
    titles = everything["titles_of_other_peoples_stories"]
    yield from _section("Titles of yours on other people's stories", (f"{row['id']}: {row['title']}" for row in titles))
    together = everything["stories_told_together"]
    yield from _section("Stories told together in which you take part or which you began", map(_circle, together))
    yield from _section("♥ that you gave", (f"story {row['story_id']}, {_time(row)}" for row in everything["hearts"]))
    yield from _section("Stories that you shared", (f"story {_where(row)}" for row in everything["shares"]))
    yield from _section("Reports", (f"passage {row['passage_id']}: {row['reason']}" for row in everything["reports"]))
    yield from _section("Servers in which you are blocked", map(_block, everything["blocks"]))
    yield from _section("What you changed in servers", map(_change, everything["server_changes"]))
    yield from _section("What servers noted about you", map(_change, everything["server_changes_about_you"]))
    counted = [f"passage {row['passage_id']} in server {row['guild_id']}" for row in everything["recent_tellings"]]
    yield from _section("Passages that count against servers' limits, for an hour", counted)
    yield from _section("Posts in archives of servers", (f"story {_where(row)}" for row in everything["archive_posts"]))
    yield from _section("Stories that servers have taken out", map(_withdrawn, everything["withdrawn_stories"]))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Give a part with its title underlined; nothing where it is empty."""
    found = list(lines)
    if found:
        yield from ("", title, "-" * len(title), *found)


def _story_lines(story: Row) -> Iterator[str]:
    where = "direct messages" if story["guild_id"] is None else f"server {story['guild_id']}"
    private = ", private" if story["private"] else ""
    yield f"{story['genre']}, begun {_time(story)} in {where}, channel {story['channel_id']}{private}"
    if story["memory"]:
        yield f"Memory: {story['memory']}"
    yield from _passage_lines(story["passages"], story["owner_id"])


def _passage_lines(passages: Iterable[Row], user_id: int) -> Iterator[str]:
    """Give passages in the order in which they were written, with all versions."""
    for passage in passages:
        parent = "at the beginning" if passage["parent_id"] is None else f"after passage {passage['parent_id']}"
        yield ""
        yield f"[passage {passage['id']}, {parent}, by {_author(passage, user_id)}, {_time(passage)}]"
        yield passage["text"].strip()


def _author(passage: Row, user_id: int) -> str:
    who = "you" if passage["user_id"] == user_id else "somebody else"
    return who if passage["author"] == "person" else f"the model, asked by {who}"


def _where(share: Row) -> str:
    return f"{share['story_id']} in channel {share['channel_id']}, {_time(share)}"


def _block(row: Row) -> str:
    return f"server {row['guild_id']}, since {_time(row)}: {row['reason'] or 'no reason given'}"


def _change(row: Row) -> str:
    return f"server {row['guild_id']}, {_time(row)}: {row['what']} {row['details']}"


def _circle(row: Row) -> str:
    began = ", begun by you" if row["began_it"] else ""
    vote = "" if row["votes_for"] is None else f", your open vote: passage {row['votes_for']}"
    return f"story {_where(row)}{began}{vote}"


def _withdrawn(row: Row) -> str:
    return f"story {row['story_id']} in server {row['guild_id']}, after a {row['why']}, {_time(row)}"


def _options(row: Row) -> str:
    return ", ".join(f"{name} {value}" for name, value in json.loads(row["overrides"]).items())


def _time(row: Row) -> str:
    return f"{datetime.fromtimestamp(row['created_at'], UTC):%Y-%m-%d %H:%M} UTC"


def _packed(files: Iterable[PersonalFile]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in files:
            archive.writestr(file.name, file.data)
    return packed.getvalue()
