"""Words that are not let through, and a server's own words in the filter."""

from __future__ import annotations

from bot.errors.parent import BotError
from bot.moderation import Kind


class WordsRefused(BotError):
    """What a person typed is not let through; ``words`` are to be given back to them alone, and never logged."""

    def __init__(self, kind: Kind, words: str) -> None:
        super().__init__(f"the text is refused as {kind}")
        self.kind = kind
        self.words = words


class StoryRefused(BotError):
    """A stored story has something in it that is not let through where it is to be shown."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(f"the story is refused as {kind}")
        self.kind = kind


class OutputRefused(BotError):
    """The model wrote something that is not let through, twice."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(f"the passage is refused as {kind}")
        self.kind = kind


class FilterWordUnusable(BotError):
    """What is to be added to a server's filter is no word or phrase, or too long."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"a word of a filter has at most {limit} characters")
        self.limit = limit


class FilterWordKnown(BotError):
    """The word is in the server's filter already."""


class FilterWordUnknown(BotError):
    """The word is not in the server's filter."""


class TooManyFilterWords(BotError):
    """A server has as many words of its own in its filter as it may."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} words are in the filter already")
        self.limit = limit
