"""Every error is a sentence."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import bot.errors
import storygen.errors
from bot.errors import BotError
from bot.moderation import Kind
from bot.sentences import sentence_for
from storygen.engines.remote.errors import ServerRefused
from storygen.errors import InvalidOption, QueueFull, StorygenError

EXAMPLES: dict[str, tuple[object, ...]] = {
    "StorygenError": (),
    "UnknownGenre": ("romance", ("horror", "drama")),
    "InvalidOption": ("temperature", 9, 0.1, 2.0),
    "QueueFull": (64, 200.0),
    "ShareFull": (32,),
    "OutOfMemory": (),
    "EngineStopped": (),
    "EngineFailed": (),
    "NotOffered": ("explore",),
    "NoTurn": (),
    "CheckpointError": ("builtin", "no such folder"),
    "WordsRefused": (Kind.SELF_HARM, "words"),
    "StoryRefused": (Kind.SERVER,),
    "OutputRefused": (Kind.SLUR,),
    "FilterWordUnusable": (50,),
    "FilterWordKnown": (),
    "FilterWordUnknown": (),
    "TooManyFilterWords": (100,),
    "StoryNotFound": (1,),
    "PassageNotFound": (1,),
    "NotYours": (1,),
    "TooManyStories": (2,),
    "PromptTooLong": (2000, 1500),
    "UnknownPreset": ("Mine", ("Balanced",)),
    "TooManyPresets": (20,),
    "BuiltInPreset": ("Wild",),
    "PresetNameUnusable": (40,),
    "NotYourQuestion": (),
    "PersonalDataTooLarge": (11 * 2**20, 10 * 2**20),
    "NothingToUndo": (),
    "NothingToRedo": (),
    "EmptyText": (),
    "MemoryTooLong": (501, 500),
    "TooLongForForm": (4312, 4000),
    "NotMyStory": (),
    "NothingToContinue": (),
    "OwnHeart": (),
    "OnlyInServers": (),
    "MayNotAdminister": (),
    "ReportNotFound": (1,),
    "NoArchive": (),
    "PermissionsMissing": (7, ("View Channel", "Embed Links")),
    "TagNeeded": (7, "Horror"),
    "StoryWithdrawn": (1,),
    "PassageUnfinished": (1,),
    "StoryUnfinished": (1,),
    "StoryEmpty": (1,),
    "UnknownFormat": ("pdf", ("txt", "epub")),
    "ExportTooLarge": (11 * 2**20, 10 * 2**20),
    "StoryFileUnreadable": ("passages.0", "no text"),
    "StillExploring": (),
    "ExplorationLost": (),
    "ExplorationFailed": (),
    "UnknownChoice": (),
    "CircleNotFound": (),
    "CircleRunning": (),
    "TooManyCircles": (3,),
    "CircleEnded": (),
    "CircleFull": (20,),
    "NotInCircle": (),
    "NotYourTurn": (7,),
    "TurnOver": (),
    "WroteLast": (),
    "BotWroteLast": (),
    "NoTurnsHere": (),
    "NotTheStarter": (7,),
    "ChannelGone": (),
    "NothingWritten": (),
    "TurnNeverCame": (),
    "UnknownButton": (),
    "BlockedHere": (),
    "ChannelClosed": ((20, 21),),
    "RoleNeeded": ((30,),),
    "TooSoon": (1_700_000_000, 5),
    "TooManyHere": (1,),
    "NotOfThisServer": (),
    "TooManyListed": (25,),
    "CantBlock": (),
    "NotBlocked": (42,),
    "ShuttingDown": (),
    "DiskFull": (Path("stories.sqlite3"), "database or disk is full"),
    "DatabaseDamaged": (Path("stories.sqlite3"), "malformed"),
    "DatabaseUnusable": (Path("stories.sqlite3"), "disk full"),
}
FOR_THE_OPERATOR = {
    "BotError", "ConfigError", "CopyExists", "CopyUnusable", "DatabaseInUse", "DatabaseMissing", "DatabaseTooNew",
    "ShardTaken",
}  # fmt: skip
"""These end the program at its start, or another command of the host's; nobody on Discord meets them."""

ERRORS = [
    error
    for module in (storygen.errors, bot.errors)
    for _, error in inspect.getmembers(module, inspect.isclass)
    if issubclass(error, StorygenError | BotError) and error.__name__ not in FOR_THE_OPERATOR
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_that_a_person_can_meet_has_a_sentence(kind: type[Exception]) -> None:
    sentence = sentence_for(kind(*EXAMPLES[kind.__name__]))
    assert sentence is not None
    assert sentence[0].isupper() or sentence[0] == "`"
    assert sentence.endswith((".", "`."))


def test_an_option_is_named_as_people_type_it() -> None:
    assert sentence_for(InvalidOption("max_new_tokens", 5, 30, 800)) == "`max_length` goes from 30 to 800."


def test_a_fault_of_our_own_has_no_sentence_but_gets_an_id() -> None:
    assert sentence_for(ZeroDivisionError()) is None


def test_a_full_queue_says_how_long_another_would_wait() -> None:
    assert sentence_for(QueueFull(64, 200.0)) == (
        "The queue is full: 64 stories are waiting. Another would wait about 3 minutes; please try again then."
    )
    assert "try again in a minute" in (sentence_for(QueueFull(64)) or "")


def test_a_server_that_refuses_us_is_the_operators_business_and_no_retry_is_advised() -> None:
    sentence = sentence_for(ServerRefused("http://gpu1:8000/v1", "401"))
    assert sentence is not None
    assert "log" in sentence
    assert "Retry" not in sentence
    assert "gpu1" not in sentence
