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
from bot.moderation import Kind
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

SHOWN_NAMES = 6
"""As many channels or roles are named in a sentence."""

OPTION_LABELS = {"max_new_tokens": "max_length"}
"""Where people type another word than storygen's: the original documentation says max_length for new tokens."""


REFUSALS = {
    Kind.MINORS: "something sexual about minors",
    Kind.SEXUAL: "something sexual",
    Kind.SLUR: "a word of contempt for a group of people",
    Kind.HATE: "hatred against a group of people",
    Kind.SELF_HARM: "something about how to harm oneself",
    Kind.SWEARING: "a strong swearword",
    Kind.MATURE: "swearing or a mention of sex, of which this place wants none",
    Kind.SERVER: "a word that this server does not want",
}
"""What is in a text that is not let through; the word itself is never repeated."""
HELP_WITH_SELF_HARM = (
    " If you think of harming yourself, please talk to somebody: https://findahelpline.com has people to call or "
    "write to, in nearly every country."
)

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
    if isinstance(error, errors.WordsRefused):
        words = words or error.words
    interaction.client.dispatch("error_told", error)
    sentence = sentence_for(error)
    if sentence is None:
        error_id = secrets.token_hex(3)
        log.error("error %s in interaction %s", error_id, interaction.id, exc_info=error)
        sentence = f"Something broke on my side, and it was not your fault. If it happens again, report `{error_id}`."
    else:
        log.info("interaction %s answered with %s", interaction.id, type(error).__name__)
    embed = _given_back(words) if words.strip() else None
    try:
        if embed is not None and await _is_taken_back(interaction):
            await interaction.followup.send(sentence, ephemeral=True, embed=embed)
        else:
            await say(interaction, sentence, private=private, embed=embed)
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


async def _is_taken_back(interaction: discord.Interaction[Any]) -> bool:
    """Take "is thinking…" back where all can see it, since somebody's words are for them alone; say whether it was."""
    if interaction.response.type is not discord.InteractionResponseType.deferred_channel_message:
        return False
    if (await interaction.original_response()).flags.ephemeral:
        return False
    await interaction.delete_original_response()
    return True


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


def _channel_closed(error: errors.ChannelClosed) -> str:
    if not error.open_channels:
        return "Those who run this server want no stories in this channel. Please choose another."
    places = _one_of([f"<#{channel}>" for channel in error.open_channels])
    return f"In this server, stories are told in {places}. Please come there."


def _too_soon(error: errors.TooSoon) -> str:
    reason = f"This server allows each person {error.an_hour} an hour" if error.an_hour else "That was quick"
    return f"{reason}. Please try again <t:{error.free_at}:R>."


def _one_of(names: list[str]) -> str:
    """Give for example "a, b or c", and of many only some."""
    if len(names) > SHOWN_NAMES:
        names = [*names[: SHOWN_NAMES - 1], f"{len(names) - SHOWN_NAMES + 1} others"]
    *some, last = names
    return f"{', '.join(some)} or {last}" if some else last


def _words_refused(error: errors.WordsRefused) -> str:
    helping = HELP_WITH_SELF_HARM if error.kind is Kind.SELF_HARM else ""
    return f"I can't take these words: there is {REFUSALS[error.kind]} in them. Please say it in another way.{helping}"


def _not_your_turn(error: errors.NotYourTurn) -> str:
    if not error.turn_user_id:
        return "It is somebody else's turn just now. Yours will come."
    return f"It is the turn of <@{error.turn_user_id}>. Yours will come."


def _not_the_starter(error: errors.NotTheStarter) -> str:
    starter = "whoever takes part in this story"
    if error.starter_id:
        starter = f"<@{error.starter_id}>, who began this story,"
    return f"Only {starter} can do that, and whoever looks after this server."


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
    errors.UnknownChoice: lambda _: "One of the options has a value that I don't know. Please choose again.",
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
    errors.WordsRefused: _words_refused,
    errors.StoryRefused: lambda error: (
        f"This story can't be shown here: there is {REFUSALS[error.kind]} in it. It stays yours and as it is; "
        "`/stories read` shows it to you alone."
    ),
    errors.OutputRefused: lambda error: (
        f"Twice I wrote {REFUSALS[error.kind]}, so I keep it to myself. Retry may go better, and so may other words."
    ),
    errors.FilterWordUnusable: lambda error: (
        f"A word or phrase has letters, at most {error.limit} characters, and no signs but a `*` at the beginning or "
        "end of a word. Two letters are the least, three with a `*`."
    ),
    errors.FilterWordKnown: lambda _: "This word is in the filter already.",
    errors.FilterWordUnknown: lambda _: "This word is not in this server's filter. `/storyadmin filter list` shows it.",
    errors.TooManyFilterWords: lambda error: (
        f"This server has {error.limit} words in its filter, all that it may. `/storyadmin filter remove` makes room."
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
    errors.ReportNotFound: lambda _: "There is no such report in this server; perhaps its story was deleted.",
    errors.NoArchive: lambda _: (
        "This server has no archive for stories. Those who run it can choose one with `/storyadmin archive`."
    ),
    errors.PermissionsMissing: lambda error: (
        f"In <#{error.channel_id}> I lack the permission{'' if len(error.missing) == 1 else 's'} "
        f"**{'**, **'.join(error.missing)}**. Nothing was posted or changed; "
        "somebody who runs this server can give me that."
    ),
    errors.TagNeeded: lambda error: (
        f"The forum <#{error.channel_id}> takes no post without a tag, and has none called {escaped(error.tag)}. "
        "Somebody who runs this server can add it, or let me manage that forum."
    ),
    errors.StoryWithdrawn: lambda _: (
        "Those who run this server have taken this story out of it. To its owner it stays: `/stories read` opens it, "
        "and in direct messages with me it can go on."
    ),
    errors.OwnHeart: lambda _: "This is your own story. A ♥ is for the stories of others.",
    errors.CircleNotFound: lambda _: "No story is told together here. `/together start` begins one.",
    errors.CircleRunning: lambda _: "A story is told together in this channel already. `/together end` ends it.",
    errors.TooManyCircles: lambda error: (
        f"You have begun {error.limit} stories here that still go on, as many as may. `/together end` ends one."
    ),
    errors.CircleEnded: lambda _: "This story has ended. `/together start` begins another.",
    errors.CircleFull: lambda error: f"As many people as may, {error.limit}, tell this story already.",
    errors.NotInCircle: lambda _: "You don't take part in this story yet. Press Join, or type `/together join`.",
    errors.NotYourTurn: _not_your_turn,
    errors.TurnOver: lambda _: "The story has gone on meanwhile, so this came too late.",
    errors.WroteLast: lambda _: (
        "You wrote the passage before, and nobody writes twice in a row here. Let others go on."
    ),
    errors.BotWroteLast: lambda _: "I wrote the passage before, and nobody writes twice in a row here. It is for you.",
    errors.NoTurnsHere: lambda _: "In this story everybody writes as they come, so there is no turn to pass on.",
    errors.NotTheStarter: _not_the_starter,
    errors.ChannelGone: lambda _: "The channel of this story is gone, or I may not write there any more.",
    errors.PassageUnfinished: lambda _: "This passage is still being written. Wait for its end, or press Stop.",
    errors.StoryUnfinished: lambda _: "This story is still being written. Wait for its end, or press Stop.",
    errors.StoryEmpty: lambda _: "This story has no words yet, so there is nothing to export.",
    errors.UnknownFormat: lambda error: f"I don't know that format. I write {', '.join(error.known)}.",
    errors.ExportTooLarge: lambda error: (
        f"The file would have {error.size / 2**20:.1f} MiB; Discord takes {error.limit / 2**20:.0f}. "
        "The formats for reading are smaller."
    ),
    errors.StoryFileUnreadable: lambda _: "This is not a story file that I have written, or it was changed.",
    errors.BlockedHere: lambda _: (
        "Those who run this server have blocked you from telling stories here. "
        "Your stories are still yours: `/stories` and `/privacy` work as ever, and in direct messages you can go on."
    ),
    errors.ChannelClosed: _channel_closed,
    errors.RoleNeeded: lambda error: (
        f"In this server, stories are for people with {_one_of([f'<@&{role}>' for role in error.role_ids])}. "
        "In direct messages you can tell them, too."
    ),
    errors.TooSoon: _too_soon,
    errors.TooManyHere: lambda error: (
        f"This server allows each person {error.limit} {'story' if error.limit == 1 else 'stories'} at a time. "
        "Wait for one to end, or press its Stop."
    ),
    errors.OnlyInServers: lambda _: "This is for servers that I have been added to. Use it there.",
    errors.MayNotAdminister: lambda _: (
        "This is for those who run this server: it takes the permission Manage Server, or a role that they have named."
    ),
    errors.NotOfThisServer: lambda _: "This server has no such channel or role. Please choose again.",
    errors.TooManyListed: lambda error: f"The list has {error.limit} already, all that it may. Take one off first.",
    errors.CantBlock: lambda _: "You can block neither yourself nor me.",
    errors.NotBlocked: lambda error: f"Nobody has blocked <@{error.user_id}> in this server.",
    app_commands.CommandSignatureMismatch: lambda _: "This command has changed. Wait a minute, then type it again.",
    app_commands.CommandNotFound: lambda _: "This command is gone. Type `/help` to see what there is.",
    app_commands.TransformerError: lambda _: "One of the options has a value that I can't read. Please choose again.",
    discord.HTTPException: _discord_refused,
}
