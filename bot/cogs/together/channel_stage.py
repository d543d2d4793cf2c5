"""The place of a story told together: its messages in a thread or channel, written with the bot's own token.

Nobody's interaction is needed for them, since turns also end while nobody presses anything.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

import discord
from discord.utils import MISSING

from bot.config import Config
from bot.errors import BotError, ChannelGone, DatabaseUnusable
from bot.look.live_message import show
from bot.look.screens import Screen, sentence_screen
from bot.look.together_cards import circle_screen, passage_screen, told_screens
from bot.replies import UNREACHABLE
from bot.sentences import sentence_for
from bot.store import Circle, Passage, Phase, StoredStory, StoryStore
from bot.storytelling.telling import Teller, Telling
from bot.storytelling.together.stage import News
from bot.storytelling.together.writing import asker
from storygen.engine import Engine

_GONE = {10003, 50001, 50013, 160005}
"""Unknown channel, missing access, missing permissions, thread locked: nothing can be written there any more."""
_NO_MEMBER = {10007, 10013}
"""Unknown member, unknown user."""
_ARCHIVED = 50083

AtEnd = Callable[[Teller, int], Awaitable[object]]
"""Takes the last passage of a story, and who wrote last; it raises nothing."""

log = logging.getLogger(__name__)


class ChannelStage:
    """See ``bot.storytelling.together.stage.Stage``. ``at_end`` gets every story that has ended and is shown."""

    def __init__(
        self, client: discord.Client, store: StoryStore, engine: Engine, config: Config, at_end: AtEnd
    ) -> None:
        self._client = client
        self._store = store
        self._engine = engine
        self._config = config
        self._at_end = at_end

    async def show(self, circle: Circle, *news: News) -> None:
        """Show all passages that are not shown yet, and then what may be done now; at the end the whole story."""
        try:
            if circle.turn == circle.shown_turn:
                await self._refresh(circle)
            else:
                await self._show_turn(circle, news)
        except UNREACHABLE as error:
            if getattr(error, "code", None) in _GONE:
                raise ChannelGone from error
            log.warning("turn %d of story %d could not be shown: %s", circle.turn, circle.story_id, error)

    async def grow(self, circle: Circle, telling: Telling) -> None:
        """Show a passage while the bot writes it, and as it is then; nothing is left of one without text."""
        posted: list[discord.Message] = []

        async def edit(
            *, content: str | None, embeds: list[discord.Embed], view: discord.ui.View | None
        ) -> discord.Message:
            if posted:
                return await posted[0].edit(content=content, embeds=embeds, view=view)
            posted.append(await self._post(circle, Screen(content=content, embeds=embeds, view=view)))
            return posted[0]

        try:
            await show(
                telling,
                edit,
                end=partial(self._grown, circle, telling),
                edit_seconds=self._config.edit_seconds,
                status=self._engine.status,
                remember=partial(self._remember, telling.passage.id),
                keep=partial(self._keep, telling.passage.id),
            )
        except Exception as error:  # noqa: BLE001 - whoever waits for the passage gets it too, and says it
            log.info("a passage of story %d did not come: %s", circle.story_id, type(error).__name__)
        with suppress(*UNREACHABLE, BotError):
            if posted and not (await self._store.passage(telling.passage.id)).text:
                await posted[0].delete()

    async def bring_to_its_end(self, circle: Circle, passage_id: int) -> None:
        """Let the message of the bot's passage show what is stored of it: it may still seem to grow after a crash."""
        passage = await self._store.passage(passage_id)
        if passage.message_id is None:
            return
        story, place = await self._store.story(circle.story_id), circle.passages_told + 1
        screen = passage_screen(story, passage, place, circle.passages_wanted, self._engine.genres)
        message = self._channel(circle).get_partial_message(passage.message_id)
        with suppress(*UNREACHABLE):
            await message.edit(content=screen.content, embeds=screen.embeds, view=screen.view)

    async def _keep(self, passage_id: int, text: str) -> None:
        if text:
            with suppress(DatabaseUnusable):  # the passage's end is stored all the same, or the person is told
                await self._store.unfinished.keep_text(passage_id, text)

    async def is_here(self, circle: Circle, user_id: int) -> bool:
        """Say whether somebody is still in the server; True where that can't be found out."""
        guild = self._client.get_guild(circle.guild_id)
        if guild is None:
            return True
        try:
            await guild.fetch_member(user_id)
        except UNREACHABLE as error:
            return getattr(error, "code", None) not in _NO_MEMBER
        return True

    async def _show_turn(self, circle: Circle, news: Sequence[News]) -> None:
        story = await self._store.story(circle.story_id)
        path = await self._store.path_to(circle.tip_id)
        await self._show_passages(circle, story, path)
        message: discord.Message | None = None
        if circle.phase is Phase.ENDED:
            await self._show_whole(circle, story, path)
        elif circle.phase is not Phase.WRITING or circle.votes:
            screen = circle_screen(circle, story, await self._candidates(circle), news)
            message = await self._post(circle, screen, called=circle.turn_user_id)
        await self._store.circles.shown(circle.story_id, circle.turn, None if message is None else message.id)
        await self._take_away(circle)

    async def _show_passages(self, circle: Circle, story: StoredStory, path: Sequence[Passage]) -> None:
        for place, passage in enumerate(path, 1):
            if passage.message_id is None and passage.text:
                screen = passage_screen(story, passage, place, circle.passages_wanted, self._engine.genres)
                await self._remember(passage.id, await self._post(circle, screen))

    async def _show_whole(self, circle: Circle, story: StoredStory, path: Sequence[Passage]) -> None:
        hearts = await self._store.readers.hearts(story.id)
        screens = told_screens(circle, story, path, hearts, self._engine.genres)
        messages = [await self._post(circle, screen) for screen in screens]
        try:
            await messages[0].pin()
        except UNREACHABLE as error:  # it is there; that it can be found again is for whoever gives the permission
            log.info("story %d, told together, could not be pinned: %s", story.id, error)
        await self._at_end(asker(circle), circle.tip_id)

    async def _refresh(self, circle: Circle) -> None:
        """Bring the message with the controls up to date: who takes part, and how many votes there are."""
        if circle.message_id is None:
            return
        story = await self._store.story(circle.story_id)
        screen = circle_screen(circle, story, await self._candidates(circle))
        message = self._channel(circle).get_partial_message(circle.message_id)
        edit = partial(message.edit, content=screen.content, embeds=screen.embeds, view=screen.view)
        try:
            await edit()
        except discord.NotFound:  # somebody has deleted it: here it is again
            posted = await self._post(circle, screen)
            await self._store.circles.shown(circle.story_id, circle.turn, posted.id)
        except discord.HTTPException as error:
            if error.code != _ARCHIVED:
                raise
            await self._client.http.edit_channel(circle.channel_id, archived=False)
            await edit()

    async def _take_away(self, circle: Circle) -> None:
        """Delete the controls of the turn before; the passages stay, and read like the story."""
        if circle.message_id is None:
            return
        try:
            await self._channel(circle).get_partial_message(circle.message_id).delete()
        except UNREACHABLE as error:
            log.info("old controls of story %d could not be taken away: %s", circle.story_id, error)

    async def _candidates(self, circle: Circle) -> list[Passage]:
        return [await self._store.passage(passage_id) for passage_id in circle.candidates]

    async def _grown(self, circle: Circle, telling: Telling, error: Exception | None) -> Screen:
        passage = await self._store.passage(telling.passage.id)
        if not passage.text:
            return sentence_screen((sentence_for(error) if error else None) or "…")
        place = circle.passages_told + 1
        return passage_screen(telling.story, passage, place, circle.passages_wanted, self._engine.genres)

    async def _post(self, circle: Circle, screen: Screen, *, called: int | None = None) -> discord.Message:
        """Post a message. Whose turn it is hears of it; nobody else does, whoever is named."""
        heard = discord.AllowedMentions(
            everyone=False, roles=False, users=[discord.Object(called)] if called else False
        )  # fmt: skip
        return await self._channel(circle).send(
            screen.content, embeds=screen.embeds, view=screen.view or MISSING, allowed_mentions=heard
        )

    async def _remember(self, passage_id: int, message: discord.Message) -> None:
        await self._store.set_message(passage_id, message.channel.id, message.id)

    def _channel(self, circle: Circle) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(circle.channel_id, guild_id=circle.guild_id)
