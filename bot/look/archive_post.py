"""How a story looks in the archive of a server."""

from __future__ import annotations

from collections.abc import Sequence

from bot.look.screens import Screen, shared_screen
from bot.store import Author, Passage
from bot.storytelling.story_editor import ShownPassage
from bot.text import clipped
from storygen.genre import Genre

POST_NAME_LIMIT = 100
"""Discord takes so many letters in the name of a forum's post."""
NAMED_AUTHORS = 20
"""So many people are named above a story; one told together may have more."""


def archive_screen(shown: ShownPassage, genres: Sequence[Genre]) -> Screen:
    """Show a story with who wrote it, as far as this passage; as much as one message takes."""
    return shared_screen(shown, genres, by=_by(shown))


def post_name(shown: ShownPassage) -> str:
    """Give what a forum's post is called."""
    return clipped(" ".join(shown.story.title.split()) or "Untitled", POST_NAME_LIMIT)


def _by(shown: ShownPassage) -> str:
    """Name the people; mentions are shown as names and call nobody, and follow when somebody changes theirs."""
    people = dict.fromkeys(passage.user_id for passage in shown.path if _wrote(passage))
    authors = [user_id for user_id in people or [shown.story.owner_id] if user_id]
    names = [f"<@{user_id}>" for user_id in authors[:NAMED_AUTHORS]]
    others = len(people) - len(names) if people else 0
    if others > 0:
        names.append("somebody who is not named" if others == 1 else f"{others} others")
    *first, last = names or ["somebody who is not named"]
    return f"A story by {', '.join(first)} and {last}." if first else f"A story by {last}."


def _wrote(passage: Passage) -> bool:
    return bool(passage.text) and passage.author is Author.PERSON
