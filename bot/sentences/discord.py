"""Sentences: what Discord refuses, and commands that it does not know any more."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.sentences.table import Sentences


def _discord_refused(error: discord.HTTPException) -> str | None:
    if isinstance(error, discord.Forbidden):
        return "Discord does not let me do that here. Somebody who runs this server can give me the permission."
    return None


SENTENCES: Sentences = {
    app_commands.CommandSignatureMismatch: lambda _: "This command has changed. Wait a minute, then type it again.",
    app_commands.CommandNotFound: lambda _: "This command is gone. Type `/help` to see what there is.",
    app_commands.TransformerError: lambda _: "One of the options has a value that I can't read. Please choose again.",
    discord.HTTPException: _discord_refused,
}
