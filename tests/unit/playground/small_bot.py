"""A small discord.py bot that uses of Discord what the playground offers; its answers are as plain as can be."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Self

import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.playground import Playground

Asked = discord.Interaction[Any]
Tree = app_commands.CommandTree[Any]
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one point, as PNG."""
TITLES = ["The Bat", "The Cat", "Batteries not included"]


async def _nothing(_asked: Asked) -> None:
    """Do nothing."""


class Counter(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"count:(?P<count>\d+)"):
    """A button that counts its presses in its custom id, and so outlives the bot."""

    def __init__(self, count: int) -> None:
        super().__init__(discord.ui.Button(label=f"Pressed {count}", custom_id=f"count:{count}"))
        self.count = count

    @classmethod
    async def from_custom_id(cls, _asked: Asked, _item: discord.ui.Item[Any], match: re.Match[str]) -> Self:
        return cls(count=int(match["count"]))

    async def callback(self, asked: Asked) -> None:
        view = discord.ui.View(timeout=None).add_item(Counter(count=self.count + 1))
        await asked.response.edit_message(content=f"{self.count + 1} presses", view=view)


class NameForm(discord.ui.Modal, title="Your name"):
    name: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Name", min_length=2, max_length=10)
    mood: discord.ui.Label[Any] = discord.ui.Label(
        text="Mood",
        component=discord.ui.Select(
            custom_id="mood", options=[discord.SelectOption(label="Glad"), discord.SelectOption(label="Sad")]
        ),
    )

    async def on_submit(self, asked: Asked) -> None:
        assert isinstance(self.mood.component, discord.ui.Select)
        await asked.response.send_message(f"{self.name.value} is {self.mood.component.values[0]}")


class LongForm(discord.ui.Modal, title="Everything"):
    words: discord.ui.Label[Any] = discord.ui.Label(
        text="Words",
        description="As many as you like",
        component=discord.ui.TextInput(
            custom_id="words", style=discord.TextStyle.paragraph, default="once", max_length=50
        ),
    )
    pace: discord.ui.Label[Any] = discord.ui.Label(
        text="Pace",
        component=discord.ui.RadioGroup(
            custom_id="pace",
            options=[
                discord.RadioGroupOption(label="Slow", value="slow", description="Takes its time"),
                discord.RadioGroupOption(label="Fast", value="fast", default=True),
            ],
        ),
    )
    spices: discord.ui.Label[Any] = discord.ui.Label(
        text="Spices",
        component=discord.ui.CheckboxGroup(
            custom_id="spices",
            required=False,
            options=[discord.CheckboxGroupOption(label=word) for word in ("Salt", "Pepper", "Dill")],
        ),
    )
    more: discord.ui.Label[Any] = discord.ui.Label(
        text="Go on after it", component=discord.ui.Checkbox(custom_id="more", default=True)
    )
    who: discord.ui.Label[Any] = discord.ui.Label(
        text="Who", component=discord.ui.UserSelect(custom_id="who", required=False)
    )

    async def on_submit(self, asked: Asked) -> None:
        """Say what was filled in."""
        parts: list[Any] = [label.component for label in (self.words, self.pace, self.spices, self.more, self.who)]
        who = [person.display_name for person in parts[4].values]
        values = (parts[0].value, parts[1].value, parts[2].values, parts[3].value, who)
        await asked.response.send_message(" | ".join(map(str, values)))


class Controls(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.add_item(Counter(count=0))

    @discord.ui.button(label="Form", emoji="📝", custom_id="form")
    async def form(self, asked: Asked, _button: discord.ui.Button[Any]) -> None:
        await asked.response.send_modal(NameForm())

    @discord.ui.button(label="Off", disabled=True, custom_id="off")
    async def off(self, asked: Asked, _button: discord.ui.Button[Any]) -> None:
        """Nobody can press it."""

    @discord.ui.button(label="Later", custom_id="later")
    async def later(self, asked: Asked, _button: discord.ui.Button[Any]) -> None:
        await asked.response.defer()
        await asked.edit_original_response(content="later has come")

    @discord.ui.select(
        placeholder="Colour",
        custom_id="colour",
        options=[discord.SelectOption(label="Red", value="r"), discord.SelectOption(label="Blue", value="b")],
    )
    async def colour(self, asked: Asked, select: discord.ui.Select[Any]) -> None:
        await asked.response.send_message(f"you chose {select.values[0]}", ephemeral=True)


class SmallBot(commands.AutoShardedBot):
    def __init__(self, *, shards: int | None = None, intents: discord.Intents | None = None) -> None:
        super().__init__(
            command_prefix="!",
            help_command=None,
            intents=intents or discord.Intents(guilds=True),
            shard_count=shards,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.05,
        )
        self.may_answer = asyncio.Event()
        self.raised: list[BaseException] = []
        self.resumed = asyncio.Event()
        self.ask: Callable[[Asked], Coroutine[Any, Any, Any]] = _nothing
        self.outcome: asyncio.Task[Any] | None = None
        self.done = asyncio.Event()

    async def setup_hook(self) -> None:
        add_commands(self)
        self.add_dynamic_items(Counter)
        self.add_view(Controls())
        self.tree.on_error = self.note  # type: ignore[method-assign]
        await self.tree.sync()

    async def note(self, _asked: Asked, error: app_commands.AppCommandError) -> None:
        self.raised.append(getattr(error, "original", error))

    async def attempt(self, playground: Playground, ask: Callable[[Asked], Coroutine[Any, Any, Any]]) -> Any:
        """Let a new user say ``/do``, answer it with ``ask``, and give or raise what came of it."""
        self.ask = ask
        self.done.clear()
        await playground.slash(playground.add_user("Tester"), "do")
        async with asyncio.timeout(10):
            await self.done.wait()
        assert self.outcome is not None
        return self.outcome.result()

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """No pause between identifies: it takes 5 seconds."""


def add_commands(bot: SmallBot) -> None:
    """Register everything."""
    add_saying(bot.tree)
    add_showing(bot)
    add_books(bot.tree)

    @bot.tree.command(description="Do what the test wants")
    async def do(asked: Asked) -> None:
        bot.outcome = asyncio.get_running_loop().create_task(bot.ask(asked))
        await asyncio.wait([bot.outcome])
        bot.done.set()


def add_saying(tree: Tree) -> None:
    """Register a command with an option of each kind."""

    @tree.command(description="Say something back")
    @app_commands.choices(
        tone=[app_commands.Choice(name="Loud", value="loud"), app_commands.Choice(name="Low", value="low")]
    )
    async def say(  # noqa: PLR0917 -- a slash command's options
        asked: Asked,
        text: app_commands.Range[str, 1, 20],
        tone: str = "low",
        times: app_commands.Range[int, 1, 3] = 1,
        share: app_commands.Range[float, 0.5, 1.0] = 1.0,
        private: bool = False,
        to: discord.User | None = None,
    ) -> None:
        words = " ".join([text] * times) + (f" to {to.display_name}" if to else "")
        words += f" at {share}" if share != 1 else ""
        await asked.response.send_message(words.upper() if tone == "loud" else words, ephemeral=private)


def add_showing(bot: SmallBot) -> None:
    """Register commands that answer with more than words."""
    tree = bot.tree

    @tree.command(description="Think, then grow")
    async def grow(asked: Asked, private: bool = False) -> None:
        await asked.response.defer(ephemeral=private, thinking=True)
        await bot.may_answer.wait()
        embed = discord.Embed(title="Growing", description="one", colour=0x336699)
        await asked.edit_original_response(embed=embed)
        embed.description = "one two"
        await asked.edit_original_response(embed=embed, view=Controls())
        await asked.followup.send("done", ephemeral=True)

    @tree.command(description="Show the controls")
    async def controls(asked: Asked) -> None:
        await asked.response.send_message("controls", view=Controls())

    @tree.command(description="Send a file")
    async def file(asked: Asked) -> None:
        await asked.response.send_message("a file", file=discord.File(io.BytesIO(b"once"), "tale.txt"))

    @tree.command(description="Show a picture")
    async def picture(asked: Asked) -> None:
        embed = discord.Embed(title="A dot").set_image(url="attachment://dot.png")
        await asked.response.send_message(embed=embed, file=discord.File(io.BytesIO(DOT), "dot.png"))

    @tree.command(description="Open the long form")
    async def everything(asked: Asked) -> None:
        await asked.response.send_modal(LongForm())


def add_books(tree: Tree) -> None:
    """Register subcommands with suggestions, and a menu entry."""
    books = app_commands.Group(name="books", description="Books")

    @books.command(description="Read one")
    async def read(asked: Asked, title: str, shelf: str = "") -> None:
        await asked.response.send_message(f"reading {title}{shelf}")

    @read.autocomplete("title")
    async def titles(_asked: Asked, typed: str) -> list[app_commands.Choice[str]]:
        found = [title for title in TITLES if typed.lower() in title.lower()]
        return [app_commands.Choice(name=title, value=title) for title in found]

    tree.add_command(books)

    @tree.context_menu(name="Quote")
    async def quote(asked: Asked, message: discord.Message) -> None:
        await asked.response.send_message(f"> {message.content}")

    @tree.context_menu(name="Improve")
    async def improve(asked: Asked, message: discord.Message) -> None:
        form = NameForm()
        form.name.default = message.content[:10]
        await asked.response.send_modal(form)

    @tree.context_menu(name="Greet")
    async def greet(asked: Asked, person: discord.User) -> None:
        kind = type(person).__name__
        await asked.response.send_message(f"Hello {person.display_name}, {kind}")


@asynccontextmanager
async def running(
    playground: Playground, *, shards: int | None = None, intents: discord.Intents | None = None
) -> AsyncIterator[SmallBot]:
    """Run the bot, logged in to a playground and ready."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = playground.api_url, yarl.URL(playground.gateway_url)
    try:
        async with SmallBot(shards=shards, intents=intents) as bot:
            task = asyncio.create_task(bot.start(playground.token))
            ready = asyncio.create_task(playground.bot_ready(timeout=10))
            await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if task.done():
                task.result()
            yield bot
        await task
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
