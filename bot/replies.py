"""Every error as a sentence for the person, and its traceback for the log."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.utils import MISSING

from bot import errors
from bot.look.text import escaped
from bot.look.waiting_time import in_words
from storygen.engines.remote.errors import ServerRefused
from storygen.errors import (
    CheckpointError,
    EngineFailed,
    EngineStopped,
    InvalidOption,
    NotOffered,
    NoTurn,
    OutOfMemory,
    QueueFull,
    ShareFull,
    StorygenError,
    UnknownGenre,
)

log = logging.getLogger(__name__)

GIVEN_BACK_LENGTH = 4000
"""As much as a form takes."""

OPTION_LABELS = {"max_new_tokens": "max_length"}
"""Where people type another word than storygen's: the original documentation says max_length for new tokens."""


UNREACHABLE = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What discord.py raises where Discord refuses or the line to it is broken."""


def sentence_for(error: BaseException) -> str | None:
    """Give the sentence for an error that a person can do something about; None for a fault of ours."""
    for kind, sentence in _SENTENCES.items():
        if isinstance(error, kind):
            return sentence(error)
    return None


async def answer_error(
    interaction: discord.Interaction[Any], error: BaseException, *, private: bool = True, words: str = ""
) -> None:
    """Tell the person what went wrong, as the first answer or after one.

    An error that is our own fault gets a short id, under which the log has the traceback. ``words`` are what the
    person typed into a form that is gone now; they get them back.
    """
    error = getattr(error, "original", error)
    sentence = sentence_for(error)
    if sentence is None:
        error_id = secrets.token_hex(3)
        log.error("error %s in interaction %s", error_id, interaction.id, exc_info=error)
        sentence = f"Something broke on my side, and it was not your fault. If it happens again, report `{error_id}`."
    else:
        log.info("interaction %s answered with %s", interaction.id, type(error).__name__)
    try:
        await say(interaction, sentence, private=private, embed=_given_back(words) if words.strip() else None)
    except UNREACHABLE as unsayable:
        log.warning("interaction %s could not be answered: %s", interaction.id, unsayable)


async def say(
    interaction: discord.Interaction[Any],
    sentence: str,
    *,
    private: bool = True,
    embed: discord.Embed | None = None,
    view: discord.ui.View | None = None,
) -> None:
    """Give one sentence, perhaps with a card or buttons, whether or not the interaction was answered already."""
    embeds = [] if embed is None else [embed]
    if not interaction.response.is_done():
        await interaction.response.send_message(sentence, ephemeral=private, embeds=embeds, view=view or MISSING)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await interaction.edit_original_response(content=sentence, embeds=embeds, view=view)
    else:
        await interaction.followup.send(sentence, ephemeral=private, embeds=embeds, view=view or MISSING)


def _given_back(words: str) -> discord.Embed:
    """Show what somebody typed as it can be copied again."""
    text = words.replace("```", "'''")[:GIVEN_BACK_LENGTH]
    return discord.Embed(title="Your words, so that they are not lost", description=f"```\n{text}\n```")


def _invalid_option(error: InvalidOption) -> str:
    name = OPTION_LABELS.get(error.field, error.field)
    if error.minimum == 0 and error.maximum == 1 and error.field == "do_sample":
        return f"`{name}` is either true or false."
    return f"`{name}` goes from {_number(error.minimum)} to {_number(error.maximum)}."


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _unknown_preset(error: errors.UnknownPreset) -> str:
    if not error.known:
        return "You have no preset of your own yet. `/settings preset save` makes one."
    return f"There is no such preset. Choose one of {', '.join(map(escaped, error.known))}."


def _later(error: QueueFull) -> str:
    if error.waiting_seconds is None:
        return "Please try again in a minute."
    return f"Another would wait {in_words(error.waiting_seconds)}; please try again then."


def _discord_refused(error: discord.HTTPException) -> str | None:
    if isinstance(error, discord.Forbidden):
        return "Discord does not let me do that here. Somebody who runs this server can give me the permission."
    return None


_SENTENCES: dict[type[BaseException], Callable[[Any], str | None]] = {
    UnknownGenre: lambda error: f"I don't know that genre. I write {', '.join(error.known)}.",
    InvalidOption: _invalid_option,
    ShareFull: lambda error: f"This server has {error.limit} stories waiting, all that it may. {_later(error)}",
    QueueFull: lambda error: f"The queue is full: {error.limit} stories are waiting. {_later(error)}",
    EngineStopped: lambda _: "I'm shutting down. Your stories are kept; please try again in a few minutes.",
    ServerRefused: lambda _: (
        "The server that writes for me does not accept my requests. Whoever runs me finds why in the log."
    ),
    OutOfMemory: lambda _: (
        "This needs more memory than my machine has. Fewer words before it, or a smaller `max_length`, may do."
    ),
    EngineFailed: lambda _: "The model stumbled over this one. Nothing of your story is lost; press Retry.",
    NotOffered: lambda _: (
        "The model that writes here runs on another server, which does not tell me how probable its words are. "
        "`/story` works as ever."
    ),
    NoTurn: lambda _: "So many stories are waiting that yours had no turn. Please try again later.",
    CheckpointError: lambda _: (
        "My model could not be loaded, so I can't write now. Whoever runs me finds why in the log."
    ),
    StorygenError: lambda _: "The model could not do that. Please try it another way.",
    errors.NothingWritten: lambda _: "The model found no words for this, twice. Another first sentence helps.",
    errors.TurnNeverCame: lambda _: "So many stories are waiting that yours had no turn. Please try again later.",
    errors.UnknownButton: lambda _: "I don't know this button. `/stories read` opens your story, `/help` says more.",
    errors.StillExploring: lambda _: "One picture at a time: yours is being drawn. Choose again when it is there.",
    errors.ExplorationFailed: lambda _: "The model stumbled over this one. Please try again, or with other words.",
    errors.ExplorationLost: lambda _: "The words of this picture are gone. `/explore` makes a new one.",
    errors.DiskFull: lambda _: (
        "There is no room left on my disk, so I can't keep anything new. "
        "Whoever runs me has to make some; please try again later."
    ),
    errors.DatabaseDamaged: lambda _: (
        "My memory is damaged, so I stop before more is lost. Whoever runs me finds in the log what to do."
    ),
    errors.DatabaseUnusable: lambda _: "My memory can't be reached just now. Please try again in a minute.",
    errors.ShuttingDown: lambda _: "I'm shutting down. Your stories are kept; please try again in a few minutes.",
    errors.StoryNotFound: lambda _: "There is no such story; perhaps it was deleted.",
    errors.PassageNotFound: lambda _: "This story is no longer there; perhaps it was deleted.",
    errors.NotYours: lambda _: "This is somebody else's story. Begin one of your own with `/story`.",
    errors.TooManyStories: lambda error: (
        f"You have {error.limit} stories being written already. Wait for one to end, or press its Stop."
    ),
    errors.PromptTooLong: lambda error: (
        f"Your text has {error.length:,} characters; at most {error.limit:,} are possible. Please shorten it."
    ),
    errors.UnknownPreset: _unknown_preset,
    errors.BuiltInPreset: lambda error: (
        f"{error.name} comes with me and stays as it is. Presets of your own have other names."
    ),
    errors.NotYourQuestion: lambda _: "Somebody else was asked this. `/privacy delete` asks you.",
    errors.PersonalDataTooLarge: lambda error: (
        f"All of it together has {error.size / 2**20:.1f} MiB, and Discord takes {error.limit / 2**20:.0f}. "
        "`/stories export` gives you one story at a time; whoever runs me can give you the rest."
    ),
    errors.PresetNameUnusable: lambda error: f"A preset's name has 1 to {error.limit} letters. Please choose another.",
    errors.TooManyPresets: lambda error: (
        f"You have {error.limit} presets, all that one person may. `/settings preset delete` makes room."
    ),
    errors.NothingToUndo: lambda _: "This is how the story begins, so there is nothing to undo.",
    errors.NothingToRedo: lambda _: "Nothing follows here yet. Continue lets me write on.",
    errors.EmptyText: lambda _: "There are no words in this. Please type at least one.",
    errors.MemoryTooLong: lambda error: (
        f"Your facts have {error.length:,} characters; at most {error.limit:,} are possible. Please shorten them."
    ),
    errors.TooLongForForm: lambda error: (
        f"This passage has {error.length:,} characters; a form takes {error.limit:,}, so it can't be edited here. "
        "Write adds words of your own below it."
    ),
    errors.NotMyStory: lambda _: "This message is no story of mine, so there is nothing that I could do about it.",
    errors.NothingToContinue: lambda _: (
        "This message has no words that I could go on from. `/story` begins one with words of yours."
    ),
    errors.OwnHeart: lambda _: "This is your own story. A ♥ is for the stories of others.",
    errors.PassageUnfinished: lambda _: "This passage is still being written. Wait for its end, or press Stop.",
    errors.StoryUnfinished: lambda _: "This story is still being written. Wait for its end, or press Stop.",
    errors.StoryEmpty: lambda _: "This story has no words yet, so there is nothing to export.",
    errors.UnknownFormat: lambda error: f"I don't know that format. I write {', '.join(error.known)}.",
    errors.ExportTooLarge: lambda error: (
        f"The file would have {error.size / 2**20:.1f} MiB; Discord takes {error.limit / 2**20:.0f}. "
        "The formats for reading are smaller."
    ),
    errors.StoryFileUnreadable: lambda _: "This is not a story file that I have written, or it was changed.",
    app_commands.CommandSignatureMismatch: lambda _: "This command has changed. Wait a minute, then type it again.",
    app_commands.CommandNotFound: lambda _: "This command is gone. Type `/help` to see what there is.",
    app_commands.TransformerError: lambda _: "One of the options has a value that I can't read. Please choose again.",
    discord.HTTPException: _discord_refused,
}
