"""The bot as a Discord client: what it is made of, what it answers, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from bot.cogs.archive import Archivist
from bot.cogs.archive.button import ArchiveButton
from bot.cogs.continuing import ContinueCog
from bot.cogs.explore import ExploreCog
from bot.cogs.explore_menus import OptionMenu
from bot.cogs.help import HelpCog, TopicSelect
from bot.cogs.library import LibraryCog
from bot.cogs.privacy import PrivacyCog
from bot.cogs.privacy_buttons import PrivacyButton
from bot.cogs.settings import SettingsCog
from bot.cogs.status import StatusCog
from bot.cogs.story import StoryCog
from bot.cogs.story_controls import StoryControls
from bot.cogs.story_forms import StoryForms
from bot.cogs.story_menus import StoryMenus
from bot.cogs.story_sharing import StorySharing
from bot.cogs.storyadmin import storyadmin_group
from bot.cogs.storyadmin.archive import archive_command
from bot.cogs.storyadmin.filter import FilterCommands
from bot.cogs.storyadmin.panel import RulesControl, RulesPanel
from bot.cogs.storyadmin.people_commands import add_people_commands
from bot.cogs.storyadmin.review import ServerReview
from bot.cogs.storyadmin.review_buttons import ReviewButton
from bot.cogs.storyadmin.rule_commands import add_rule_commands
from bot.cogs.storyadmin.stats import stats_command
from bot.cogs.together import ChannelStage, Names, TogetherCog, TogetherControls
from bot.cogs.withdrawn_notice import tell_of_withdrawals
from bot.command_tree import NotingBot, StoryTree
from bot.config import Config
from bot.controls import Press, StoryButton
from bot.controls.answers import Answers
from bot.controls.library_views import StorySelect
from bot.logs import current_interaction
from bot.look.mending import answer_open_commands, mend
from bot.look.open_commands import OpenCommands
from bot.look.showing import Showing
from bot.process_locks import ProcessLocks
from bot.processes import LeftOver, Logins, take_up_unfinished
from bot.store import StoryStore
from bot.storytelling.exploring import Exploring
from bot.storytelling.story_editor import StoryEditor
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.together.clock import Clock
from bot.storytelling.together.together import Together
from bot.sync import sync_if_changed
from bot.translations import CommandTranslator
from bot.welcome import Welcome
from storygen.engine import Engine

FINISHING_PART = 0.3
"""Of the grace period, for stories to end by themselves."""
CLOSING_PART = 0.5
"""Of the grace period, for this and for stopping the rest; what is left is for showing it."""

log = logging.getLogger(__name__)


# Two warnings at every start about libraries for sound, which a storyteller has no use for.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


class StoryBot(NotingBot):
    """The Discord client. It reads no messages and asks for no privileged intent.

    ``only_registers``: it logs in for the commands alone, perhaps beside a bot that is running on the same store.
    """

    def __init__(
        self,
        config: Config,
        store: StoryStore,
        engine: Engine,
        *,
        only_registers: bool = False,
        clock: Clock | None = None,
        http_trace: aiohttp.TraceConfig | None = None,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=StoryTree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            http_trace=http_trace or aiohttp.TraceConfig(),
            shard_ids=config.shards.ids and list(config.shards.ids),  # type: ignore[arg-type]  # None means all
            shard_count=config.shards.count,
        )
        self._locks = ProcessLocks(config.database_path)
        self._logins = Logins(self._locks)
        self.open_commands = OpenCommands(store)
        self.welcome = Welcome(self)
        self.storyteller = Storyteller(engine, store, config)
        self._config = config
        self._only_registers = only_registers
        self._store = store
        self._engine = engine
        self._editor = StoryEditor(store, self.storyteller, engine.genres)
        self._showing = Showing(store, self._editor, engine, config)
        names_of = Names(self).of_tellers
        self._library = LibraryCog(
            self.storyteller, self._editor, store, self._showing, engine=engine, config=config, names_of=names_of
        )
        self._explore = ExploreCog(
            Exploring(engine, config, self.storyteller.gate, self.storyteller.moderator), self.storyteller, store
        )
        self.archivist = Archivist(self, store, self._editor, engine.genres)
        stage = ChannelStage(self, store, engine, config, self.archivist.send_at_end)
        self._together = Together(self.storyteller, store, stage, clock)
        self._opening: asyncio.Task[None] | None = None
        self._answers = self._make_answers()
        self._aside: list[asyncio.Task[None]] = []

    async def setup_hook(self) -> None:
        """Build the commands, once, before the gateway opens, and close what a crash left open."""
        shards = self._config.shards
        if not self._only_registers:
            left = await take_up_unfinished(self._store, shards, self._locks)
            self._aside.append(asyncio.create_task(self._mend(left), name="mending"))
            self._aside.append(asyncio.create_task(self.welcome.watch(), name="welcome"))
            self.storyteller.moderator.prepare()
            await self._logins.learn(self, len(shards.known))
        await self.build_commands()
        self.add_dynamic_items(StoryButton, StorySelect, PrivacyButton, TopicSelect, OptionMenu)
        self.add_dynamic_items(RulesControl, ReviewButton)
        if shards.leads and not self._only_registers:
            self.archivist.start()
        if self._only_registers or shards.leads:  # once for all processes
            await sync_if_changed(self.tree, self._store, force=self._only_registers)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002 - discord.py's
        """Wait for this shard's turn to log in; discord.py would wait 5 s each and know nothing of other processes."""
        await self._logins.turn_of(shard_id or 0)

    async def _mend(self, left: LeftOver) -> None:
        """Answer what dead processes have left open, while this one is at work already."""
        await mend(self, self._store, self._showing, left.answers, left.passages)
        await answer_open_commands(self, self._store, left.commands)

    def _make_answers(self) -> Answers:
        tools = (self.storyteller, self._editor, self._store, self._showing)
        controls, sharing, forms = StoryControls(*tools), StorySharing(*tools), StoryForms(*tools)
        together = TogetherControls(self._together)
        archive = ArchiveButton(self.archivist, self.storyteller, self._editor, self._showing)
        presses = (controls.answers, sharing.answers, forms.presses, self._library.answers, archive.answers)
        return Answers((*presses, together.presses), [forms.answers, together.forms])

    async def build_commands(self) -> None:
        """Put all commands into the tree, with their words in other languages."""
        await self.tree.set_translator(CommandTranslator())
        stories = StoryCog(self.storyteller, self._store, self._showing)
        await self.add_cog(stories)
        for command in stories.commands:
            self.tree.add_command(command)
        for entry in StoryMenus(self.storyteller, self._store).commands:
            self.tree.add_command(entry)
        await self.add_cog(self._library)
        await self.add_cog(ContinueCog(self.storyteller, self._editor, self._store, self._showing))
        await self.add_cog(self._explore)
        for command in self._explore.commands:
            self.tree.add_command(command)
        await self.add_cog(TogetherCog(self._together, self.storyteller, self._store))
        await self.add_cog(SettingsCog(self.storyteller, self._store))
        await self.add_cog(PrivacyCog(self.storyteller, self._store, self._config, self._together.look_again))
        await self.add_cog(HelpCog(self._engine))
        await self.add_cog(StatusCog(self, self.storyteller, self._store, self._engine, self._config))
        await self._build_storyadmin()

    async def _build_storyadmin(self) -> None:
        """Put ``/storyadmin`` into the tree."""
        panel = RulesPanel(self._store, self.storyteller)
        await self.add_cog(panel)
        group = storyadmin_group()
        add_rule_commands(group, panel)
        add_people_commands(group, panel, self._store)
        group.add_command(FilterCommands(self._store, self.storyteller.moderator))
        review = ServerReview(self._store, self._editor, self._engine)
        await self.add_cog(review)
        for command in (*review.group_commands, archive_command(self._store), stats_command(self._store, self._engine)):
            group.add_command(command)
        self.tree.add_command(group)

    async def on_app_command_completion(self, interaction: discord.Interaction[Any], _command: object) -> None:
        """Tell the person what a server has decided about their stories, and forget the command, which was answered.

        Those that went wrong the tree forgets.
        """
        try:
            await tell_of_withdrawals(interaction, self._store)
        finally:
            await self.open_commands.ended(interaction)

    async def on_shard_connect(self, shard_id: int) -> None:
        """Note that Discord has welcomed a shard."""
        self.welcome.came(shard_id)

    async def on_ready(self) -> None:
        """Say in the log that people can come; the first time, take up the stories that are told together."""
        if self._opening is None and not self.is_closed():
            self._opening = asyncio.create_task(self._together.open(), name="together")
        log.info(
            "logged in as %s; servers: %d, shards: %d of %d",
            *(self.user, len(self.guilds), len(self.shards), self.shard_count or 1),
        )

    async def pressed(self, interaction: discord.Interaction[Any], press: Press, number: int, page: int) -> None:
        """Answer a pressed button (see ``bot.controls.Presses``)."""
        await self._answers.pressed(interaction, press, number, page)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer forms: discord.py knows only those that it has shown itself since the start."""
        if interaction.type is discord.InteractionType.modal_submit:
            async with self.working(interaction):
                await self._answers.submitted(interaction)

    @contextlib.asynccontextmanager
    async def working(self, interaction: discord.Interaction[Any]) -> AsyncIterator[None]:
        """Note a button, a menu or a form until the block ends (see ``bot.controls.lasting``)."""
        current_interaction.set(interaction.id)
        async with self.open_commands.working(interaction):
            yield

    async def close(self) -> None:
        """Go offline; deadlines, archives, and messages that could not be mended yet, are for the next start."""
        for task in self._aside:
            task.cancel()
        await asyncio.gather(*self._aside, return_exceptions=True)
        if self._opening is not None:
            self._opening.cancel()
        await self._together.close(0)
        await self.archivist.close()
        await super().close()
        self._locks.close()

    async def drain(self) -> None:
        """Take nothing more, let what is being written end, stop the rest, and show it, all within the grace period."""
        grace = self._config.grace_seconds
        deadline = asyncio.get_running_loop().time() + grace
        await self._together.stop_deadlines()
        await self.storyteller.close(grace * CLOSING_PART, finishing_seconds=grace * FINISHING_PART)
        await self._explore.close(max(deadline - asyncio.get_running_loop().time(), 0))
        await self._together.close(max(deadline - asyncio.get_running_loop().time(), 0))
        await self._showing.all_shown(max(deadline - asyncio.get_running_loop().time(), 0))
        await self.open_commands.all_ended(max(deadline - asyncio.get_running_loop().time(), 0))
