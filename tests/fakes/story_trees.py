"""Stories with their passages as the store would give them, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from bot.exports import Book, Edition, make_book
from bot.store import Author, Passage, PassageState, StoredStory
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason

OWNER = 7
STORY = StoredStory(
    id=31, owner_id=OWNER, guild_id=5, channel_id=3, genre="horror", title="The Lantern", head_id=None, private=False,
    created_at=1_795_000_000, updated_at=1_795_000_100,
)  # fmt: skip
MODELS = Passage(
    id=1, story_id=31, parent_id=None, author=Author.MODEL, user_id=OWNER, text="", state=PassageState.DONE,
    options=SamplingOptions(temperature=1.2), seed=812, model="tiny-0", finish_reason=FinishReason.EOS,
    prompt_tokens=5, new_tokens=4, prompt_was_cut=False, waiting_seconds=0.1, writing_seconds=6.34, channel_id=3,
    message_id=4, created_at=1_795_000_000, finished_at=1_795_000_006,
)  # fmt: skip
PERSONS = replace(
    MODELS, author=Author.PERSON, options=None, seed=None, model=None, finish_reason=None, prompt_tokens=None,
    new_tokens=None, waiting_seconds=None, writing_seconds=None,
)  # fmt: skip
EDITION = Edition(genre="Horror", colour=0x6A1B9A, author="Ada", licences={"tiny-0": "CC BY-SA 4.0"})

HOSTILE = (
    "<script>alert(1)</script>", "]]>", "<!--", "&amp;", "&#60;", "**bold**", "_x_", "`code`", "~~~", "```", "# head",
    "1. one", "2) two", "- item", "+ item", "> quote", "====", "[a](http://b.example)", "![a](b)", "\\", "\\*", "a\\",
    "@everyone", "<@123456789012345678>", "<#1>", "<https://example.org>", "|a|b|", "|-|-|", "\u200f\u05d0\u05d1\u200e",
    "\u202eevil", "\u2067x", "\x00", "\x08", "\x0b", "\x1b[31m", "\ufffe", "\uffff", "\U0001ffff", "\u2028", "\x85",
    "\t", "\r\n", "\n", " ", '"', "'", "{{ 7 * 7 }}", "{% raw %}", "&nbsp;", "\u0301", "👩\u200d🚀", "C #",
    "$x$", ":x:", "^x^", "||x||",
)  # fmt: skip


def hostile_text() -> st.SearchStrategy[str]:
    """Give texts that are made to break a format, among any other."""
    parts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec="utf-8"), max_size=8))
    return st.lists(parts, max_size=8).map("".join)


def passages(*texts: tuple[Author, str]) -> list[Passage]:
    """Give passages that follow each other, with ids from 11 on."""
    kinds = {Author.MODEL: MODELS, Author.PERSON: PERSONS}
    return [
        replace(kinds[author], id=11 + place, parent_id=10 + place if place else None, text=text)
        for place, (author, text) in enumerate(texts)
    ]


def book_of(tree: Sequence[Passage], edition: Edition = EDITION, **story: object) -> Book:
    """Give the book of a story that ends at the last of these passages, unless told otherwise."""
    fields: dict[str, object] = {"head_id": tree[-1].id if tree else None} | story
    return make_book(replace(STORY, **fields), tree, edition)  # type: ignore[arg-type]


def told(*texts: tuple[Author, str], edition: Edition = EDITION, **story: object) -> Book:
    """Give the book of passages that follow each other."""
    return book_of(passages(*texts), edition, **story)
