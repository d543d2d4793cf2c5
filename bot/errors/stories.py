"""What can be in the way when a story is told, changed or looked for."""

from __future__ import annotations

from bot.errors.parent import BotError


class StoryNotFound(BotError):
    """No story has this id; it may have been deleted."""

    def __init__(self, story_id: int) -> None:
        super().__init__(f"there is no story {story_id}")
        self.story_id = story_id


class PassageNotFound(BotError):
    """No passage has this id; its story may have been deleted."""

    def __init__(self, passage_id: int) -> None:
        super().__init__(f"there is no passage {passage_id}")
        self.passage_id = passage_id


class NotYours(BotError):
    """The story belongs to somebody else."""

    def __init__(self, owner_id: int) -> None:
        super().__init__(f"this belongs to user {owner_id}")
        self.owner_id = owner_id


class TooManyStories(BotError):
    """As many stories as one person may have are being written for this one."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} stories are being written for this person already")
        self.limit = limit


class PromptTooLong(BotError):
    """The text that a person typed is longer than allowed, counted in characters after cleaning."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"the text has {length} characters, {limit} are allowed")
        self.length = length
        self.limit = limit


class EmptyText(BotError):
    """Nothing is left of what a person typed where words are needed."""


class MemoryTooLong(BotError):
    """The facts that are to be kept for a story are longer than allowed, counted in characters after cleaning."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"the memory has {length} characters, {limit} are allowed")
        self.length = length
        self.limit = limit


class TooLongForForm(BotError):
    """A passage is longer than the field of a form, in which it would be edited."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"the passage has {length} characters, a form takes {limit}")
        self.length = length
        self.limit = limit


class NothingToUndo(BotError):
    """Nothing of the story stands above this passage."""


class NothingToRedo(BotError):
    """Nothing of the story follows this passage."""


class PassageUnfinished(BotError):
    """The passage is still being written, so nothing can follow or replace it yet."""

    def __init__(self, passage_id: int) -> None:
        super().__init__(f"passage {passage_id} is still being written")
        self.passage_id = passage_id


class TurnNeverCame(BotError):
    """The time for a passage was over before the model began with it."""


class NothingWritten(BotError):
    """The model wrote nothing that can be shown, twice."""


class NotMyStory(BotError):
    """A message is none of the bot's stories."""


class NothingToContinue(BotError):
    """A message has no words that a story could begin with."""


class StoryWithdrawn(BotError):
    """Those who run this server have taken the story out of it."""

    def __init__(self, story_id: int) -> None:
        super().__init__(f"story {story_id} was taken out of this server")
        self.story_id = story_id


class OwnHeart(BotError):
    """A ♥ is for somebody else's story."""


class UnknownChoice(BotError):
    """An option has a value that was not among its choices."""


class UnknownButton(BotError):
    """Another version of this program has put the button there."""
