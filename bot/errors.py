"""What can go wrong in the bot on purpose. An error carries data; ``bot/replies.py`` makes the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class BotError(Exception):
    """Parent of everything that the bot raises on purpose."""


class ConfigError(BotError):
    """The operator's values can't be used. Read by the operator: ``problems`` are whole sentences."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


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


class UnknownPreset(BotError):
    """No preset has this name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"unknown preset, known are {', '.join(known)}")
        self.name = name
        self.known = tuple(known)


class NotYourQuestion(BotError):
    """Somebody else was asked this."""


class PersonalDataTooLarge(BotError):
    """What is stored about a person does not fit into a file that Discord takes."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"the archive has {size} bytes, {limit} are allowed")
        self.size = size
        self.limit = limit


class BuiltInPreset(BotError):
    """The preset comes with the bot: nobody's own may have its name, and it can't be deleted."""

    def __init__(self, name: str) -> None:
        super().__init__("the name is that of a built-in preset")
        self.name = name


class PresetNameUnusable(BotError):
    """The name of a preset is empty or too long."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the name of a preset has 1 to {limit} characters")
        self.limit = limit


class TooManyPresets(BotError):
    """A person has as many presets of their own as one may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} presets are saved already")
        self.limit = limit


class NothingToUndo(BotError):
    """Nothing of the story stands above this passage."""


class NothingToRedo(BotError):
    """Nothing of the story follows this passage."""


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


class NotMyStory(BotError):
    """A message is none of the bot's stories."""


class NothingToContinue(BotError):
    """A message has no words that a story could begin with."""


class OwnHeart(BotError):
    """A ♥ is for somebody else's story."""


class PassageUnfinished(BotError):
    """The passage is still being written, so nothing can follow or replace it yet."""

    def __init__(self, passage_id: int) -> None:
        super().__init__(f"passage {passage_id} is still being written")
        self.passage_id = passage_id


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


class TurnNeverCame(BotError):
    """The time for a passage was over before the model began with it."""


class UnknownButton(BotError):
    """Another version of this program has put the button there."""


class StillExploring(BotError):
    """The last exploration of this person is not there yet."""


class ExplorationFailed(BotError):
    """The model ended with an error while something was explored; its traceback is in the log."""


class ExplorationLost(BotError):
    """The message of an exploration no longer says what was explored."""


class NothingWritten(BotError):
    """The model wrote nothing that can be shown, twice."""


class ShuttingDown(BotError):
    """The bot is about to end and takes nothing more."""


class DatabaseTooNew(BotError):
    """The database was written by a newer version of this program."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"The database has version {found}, written by a newer bot; this one knows {known}. Update the bot."
        )
        self.found = found
        self.known = known


class DatabaseUnusable(BotError):
    """The database can't be opened, read, written or brought up to date, now or at all."""

    def __init__(self, path: str | Path, problem: str) -> None:
        super().__init__(f"The database {path} can't be used: {problem}")
        self.path = Path(path)
        self.problem = problem


class DiskFull(DatabaseUnusable):
    """There is no room for what is to be stored."""


class DatabaseDamaged(DatabaseUnusable):
    """The database file is damaged. ``copy``: where it was copied to, if it was; ``in_use``: not found at a start."""

    def __init__(self, path: str | Path, problem: str, *, copy: Path | None = None, in_use: bool = False) -> None:
        super().__init__(path, problem)
        self.copy = copy
        self.in_use = in_use

    def __str__(self) -> str:
        """Say to whoever runs the bot what is wrong and what to do."""
        kept = f"It is copied to {self.copy}" if self.copy else "It was not copied"
        return (
            f"The database {self.path} is damaged: {self.problem}. {kept}, and nothing was changed in it. "
            f"Put a backup in its place, or save what can be read: "
            f'sqlite3 "{self.path}" .recover | sqlite3 new.sqlite3'
        )
