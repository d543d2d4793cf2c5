"""What a person reads in a message of the playground."""

from __future__ import annotations

import re

from bot.playground.interactions import Interaction
from bot.playground.world import Message

SECONDS = 30.0


_MARKS = re.compile(r"\\([\\*_~|`>#<\[\].()-])|\*\*|\u200b")


def plain(shown: str) -> str:
    """Give what a person reads: without escapes, bold marks and invisible marks."""
    return _MARKS.sub(lambda match: match[1] or "", shown)


def shown_text(message: Message) -> str:
    """Give the text of all embeds as a person reads it."""
    return plain("\n".join(embed.get("description") or "" for embed in message.embeds))


def closed_up(text: str) -> str:
    """Give a text without its spaces: a long one is shown in pages, between which they go."""
    return "".join(text.split())


def labels(message: Message) -> list[str]:
    """Give the labels of all buttons."""
    return [button.get("label", "") for row in message.components for button in row.get("components", [])]


def footer(message: Message) -> str:
    """Give the last embed's footer."""
    return str(message.embeds[-1].get("footer", {}).get("text", "")) if message.embeds else ""


def is_finished(message: Message | None) -> bool:
    """Say whether a passage is shown with the controls of a finished one."""
    return message is not None and "Continue" in labels(message)


async def finished(interaction: Interaction) -> Message:
    """Wait until a command's own answer is a finished passage."""
    await interaction.until(lambda shown: shown.failed or is_finished(shown.message), SECONDS)
    assert interaction.failed is None
    assert interaction.message is not None
    return interaction.message


async def noted(interaction: Interaction) -> str:
    """Wait for the bot's own words above a card, and give them."""
    await interaction.until(lambda shown: shown.failed or (shown.message and shown.message.content), SECONDS)
    assert interaction.failed is None
    assert interaction.message is not None
    return interaction.message.content


async def answered(interaction: Interaction) -> str:
    """Wait for an answer in words alone, and give it; a note above a card is none."""
    await interaction.until(lambda shown: shown.failed or any(_words_alone(shown)), SECONDS)
    assert interaction.failed is None
    return _words_alone(interaction)[0]


def _words_alone(interaction: Interaction) -> list[str]:
    messages = [interaction.message, *interaction.followups]
    return [
        message.content for message in messages if message is not None and message.content and not _is_card(message)
    ]


def _is_card(message: Message) -> bool:
    return bool(message.embeds and message.components)
