"""What can go wrong in the bot on purpose. An error carries data; ``bot/replies.py`` makes the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.moderation import Kind


class BotError(Exception):
    """Parent of everything that the bot raises on purpose."""


class ConfigError(BotError):
    """The operator's values can't be used. Read by the operator: ``problems`` are whole sentences."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class ShardTaken(BotError):
    """Another process on this machine serves a shard with the same database. Read by the operator."""

    def __init__(self, shard: int, database: Path) -> None:
        super().__init__(
            f"Another process of the bot serves shard {shard} with {database} already. Stop that one first; "
            "several processes need different SHARD_IDS, and one bot needs a DATABASE_PATH of its own."
        )
        self.shard = shard
        self.database = database


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


class ReportNotFound(BotError):
    """No report of the server has this id; its story may have been deleted."""

    def __init__(self, report_id: int) -> None:
        super().__init__(f"there is no report {report_id} here")
        self.report_id = report_id


class NoArchive(BotError):
    """The server has no archive, or its channel is gone."""


class PermissionsMissing(BotError):
    """What the bot would have to be allowed in a channel, by Discord's names for it."""

    def __init__(self, channel_id: int, missing: Sequence[str]) -> None:
        super().__init__(f"missing in channel {channel_id}: {', '.join(missing)}")
        self.channel_id = channel_id
        self.missing = tuple(missing)


class TagNeeded(BotError):
    """A forum takes no post without a tag, and has none for this genre."""

    def __init__(self, channel_id: int, tag: str) -> None:
        super().__init__(f"forum {channel_id} wants a tag and has none for the genre")
        self.channel_id = channel_id
        self.tag = tag


class StoryWithdrawn(BotError):
    """Those who run this server have taken the story out of it."""

    def __init__(self, story_id: int) -> None:
        super().__init__(f"story {story_id} was taken out of this server")
        self.story_id = story_id


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


class UnknownChoice(BotError):
    """An option has a value that was not among its choices."""


class UnknownButton(BotError):
    """Another version of this program has put the button there."""


class StillExploring(BotError):
    """The last exploration of this person is not there yet."""


class ExplorationFailed(BotError):
    """The model ended with an error while something was explored; its traceback is in the log."""


class ExplorationLost(BotError):
    """The message of an exploration no longer says what was explored."""


class CircleNotFound(BotError):
    """No story is told together here, or it was deleted."""


class CircleRunning(BotError):
    """Another story is told together in this channel already."""


class TooManyCircles(BotError):
    """A person has begun as many stories to be told together in this server as may go on at once."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} stories that this person began are being told together")
        self.limit = limit


class CircleEnded(BotError):
    """The story told together has ended."""


class CircleFull(BotError):
    """As many people as may tell one story tell this one."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} people take part already")
        self.limit = limit


class NotInCircle(BotError):
    """Only those who take part in a story may do this."""


class NotYourTurn(BotError):
    """It is somebody else's turn."""

    def __init__(self, turn_user_id: int | None) -> None:
        super().__init__(f"it is the turn of {turn_user_id}")
        self.turn_user_id = turn_user_id


class TurnOver(BotError):
    """What was pressed or sent belongs to a turn that is over."""


class WroteLast(BotError):
    """Nobody writes twice in a row in this story, and this person wrote last."""


class BotWroteLast(BotError):
    """Nobody writes twice in a row in this story, and the bot wrote last."""


class NoTurnsHere(BotError):
    """In this story people write as they come, so there is no turn to pass on."""


class NotTheStarter(BotError):
    """Only whoever began a story told together, or whoever looks after the server, may do this."""

    def __init__(self, starter_id: int) -> None:
        super().__init__(f"user {starter_id} began this")
        self.starter_id = starter_id


class ChannelGone(BotError):
    """The channel in which a story was told is no longer there, or no longer the bot's to write in."""


class NothingWritten(BotError):
    """The model wrote nothing that can be shown, twice."""


class BlockedHere(BotError):
    """Those who run the server have blocked this person there."""


class ChannelClosed(BotError):
    """No stories are told in this channel. ``open_channels`` are those where they are; empty where it is all others."""

    def __init__(self, open_channels: Sequence[int]) -> None:
        super().__init__("no stories are told in this channel")
        self.open_channels = tuple(open_channels)


class RoleNeeded(BotError):
    """Only people with one of these roles may tell stories in the server."""

    def __init__(self, role_ids: Sequence[int]) -> None:
        super().__init__("only certain roles may tell stories here")
        self.role_ids = tuple(role_ids)


class TooSoon(BotError):
    """The server's limits allow nothing new before ``free_at``, in UTC seconds.

    ``an_hour`` is the limit that was reached, 0 where it is the cooldown.
    """

    def __init__(self, free_at: int, an_hour: int = 0) -> None:
        super().__init__(f"nothing new before {free_at}")
        self.free_at = free_at
        self.an_hour = an_hour


class TooManyHere(BotError):
    """As many stories of this person as the server allows wait or are being written."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} stories of this person are on their way in this server")
        self.limit = limit


class OnlyInServers(BotError):
    """What was asked for is for servers in which the bot is."""


class MayNotAdminister(BotError):
    """The person may not say what holds in the server."""


class NotOfThisServer(BotError):
    """The server has no such channel or role."""


class TooManyListed(BotError):
    """A server's list of channels or roles is as long as it may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} are listed already")
        self.limit = limit


class CantBlock(BotError):
    """Nobody blocks themselves or the bot."""


class NotBlocked(BotError):
    """The person is not blocked in the server."""

    def __init__(self, user_id: int) -> None:
        super().__init__(f"user {user_id} is not blocked")
        self.user_id = user_id


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


class DatabaseMissing(BotError):
    """There is no database file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no database {path}. DATABASE_PATH names it.")
        self.path = path


class DatabaseInUse(BotError):
    """A program has the database open, so it can't be replaced."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"The database {path} is in use. Stop the bot, then try again.")
        self.path = path


class CopyExists(BotError):
    """A copy would overwrite a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already. Choose another name; nothing is overwritten.")
        self.path = path


class CopyUnusable(BotError):
    """A copy of the database can't be read or written."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path} can't be used: {problem}")
        self.path = path
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
