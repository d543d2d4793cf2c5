"""The button "To the archive": a story's owner puts it up in the server's archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.cogs.archive.archivist import Archivist
from bot.controls import Press
from bot.controls.answers import PressAnswer
from bot.errors import StoryEmpty
from bot.look.showing import Showing, teller_of
from bot.replies import say
from bot.storytelling.story_editor import StoryEditor
from bot.storytelling.storyteller import Storyteller

STANDS_THERE = (
    "Your story stands in the archive now: {place}. When you rename, edit or delete it, I do the same there; "
    "what you write on goes there when you press the button again."
)


class ArchiveButton:
    """Answers the button. Whose story it is stands in the database."""

    def __init__(self, archivist: Archivist, storyteller: Storyteller, editor: StoryEditor, showing: Showing) -> None:
        self._archivist = archivist
        self._storyteller = storyteller
        self._editor = editor
        self._showing = showing
        self.answers: Mapping[Press, PressAnswer] = {Press.ARCHIVE: self._send}

    async def _send(self, interaction: discord.Interaction[Any], passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        shown = await self._editor.shown(passage_id)
        teller = teller_of(interaction)
        await self._storyteller.story_of(teller.user_id, shown.story.id)
        if not shown.passage.text:
            raise StoryEmpty(shown.story.id)
        await self._archivist.place_in(teller.guild_id or 0)  # what is private stays so where there is no place
        await self._editor.share(teller, shown.story.id)
        post = await self._archivist.send(teller, passage_id)
        await say(interaction, STANDS_THERE.format(place=_link(post.guild_id, post.channel_id, post.message_id)))
        await self._showing.stand(interaction.edit_original_response, await self._editor.shown(passage_id))


def _link(guild_id: int, channel_id: int, message_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"
