"""A bot as a process of its own: tells a story of ``STORY_WORDS`` words, and says when it was asked to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

Route.BASE = os.environ["DISCORD_API_URL"]
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])


class Teller(discord.Client):
    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        @self.tree.command(description="Tell")
        async def story(asked: discord.Interaction[Any], genre: str, prompt: str) -> None:
            await asked.response.defer()
            if os.environ.get("STORY_DIES"):
                os._exit(3)
            words = ["and"] * (int(os.environ["STORY_WORDS"]) - len(prompt.split()))
            text = f"**{os.environ.get('STORY_PROMPT', prompt)}** {' '.join(words)}"
            await asked.edit_original_response(embed=discord.Embed(title=genre, description=text[:40]))
            view = discord.ui.View().add_item(discord.ui.Button(label="Continue", custom_id="go"))
            await asked.edit_original_response(embed=discord.Embed(title=genre, description=text), view=view)

        await self.tree.sync()


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print("the teller starts", file=sys.stderr, flush=True)  # noqa: T201 -- it is the log
    async with Teller() as bot:
        task = asyncio.create_task(bot.start(os.environ["DISCORD_TOKEN"]))
        await stop.wait()
        Path(os.environ["STOPPED_FILE"]).write_text(os.environ["DATABASE_PATH"], encoding="utf-8")  # noqa: ASYNC240
        await bot.close()
        await task


if __name__ == "__main__":
    asyncio.run(main())
