"""How a report looks to those who run the server. Who reported it is not shown."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.look.cards import genre_label
from bot.store import Passage, Report, StoredStory
from bot.text import clipped, escaped
from storygen.genre import Genre

SHOWN_REASONS = 5
REASON_LIMIT = 500
EXCERPT_LIMIT = 300


def report_card(
    report: Report,
    story: StoredStory,
    passage: Passage,
    reasons: Sequence[str],
    *,
    count: int,
    genres: Sequence[Genre],
) -> discord.Embed:
    """Show a report: what people say, about which story, and how the passage begins; ``count`` are open."""
    said = [f"- {escaped(clipped(' '.join(reason.split()), REASON_LIMIT))}" for reason in reasons[:SHOWN_REASONS]]
    if len(reasons) > SHOWN_REASONS:
        said.append(f"- and {len(reasons) - SHOWN_REASONS} more")
    embed = discord.Embed(title="Reported", description="\n".join(said), timestamp=None)
    title = escaped(clipped(story.title or "Untitled", 100))
    embed.add_field(name="Story", value=f"{title} ({genre_label(story.genre, genres)})")
    embed.add_field(name="Of", value=f"<@{story.owner_id}>")
    embed.add_field(name="Reported", value=f"<t:{report.created_at}:R>")
    excerpt = escaped(clipped(passage.text.strip(), EXCERPT_LIMIT)) or "*The words are no longer there.*"
    embed.add_field(name="How the passage begins", value=excerpt, inline=False)
    embed.set_footer(text="1 passage is reported here" if count == 1 else f"{count:,} passages are reported here")
    return embed
