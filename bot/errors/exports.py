"""Stories as files."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors.parent import BotError


class StoryUnfinished(BotError):
    """A passage of the story is still being written, so the story can't be exported yet."""

    def __init__(self, story_id: int) -> None:
        super().__init__(f"story {story_id} is still being written")
        self.story_id = story_id


class StoryEmpty(BotError):
    """The story has no text."""

    def __init__(self, story_id: int) -> None:
        super().__init__(f"story {story_id} has no text")
        self.story_id = story_id


class UnknownFormat(BotError):
    """Stories can't be exported in this format."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"unknown format, known are {', '.join(known)}")
        self.name = name
        self.known = tuple(known)


class ExportTooLarge(BotError):
    """The file of a story has more bytes than Discord takes."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"the file has {size} bytes, {limit} are allowed")
        self.size = size
        self.limit = limit


class StoryFileUnreadable(BotError):
    """An exported JSON file can't be read back. ``place`` says where in the file, ``problem`` what is wrong."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"the story file can't be read: {place}: {problem}")
        self.place = place
        self.problem = problem
