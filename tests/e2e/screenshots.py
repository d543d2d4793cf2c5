"""The pictures of the playground's page in the README: ``python -m tests.e2e.screenshots [folder]`` takes them again.

The bot is a process of its own with the built-in model; the pictures are what Chromium shows of the page.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import sys
import tempfile
from pathlib import Path

from PIL import Image

from bot.config import Config
from bot.playground import Channel, Playground
from bot.playground.web.site import Site
from tests.e2e.browser import Page, button, chromium, tab
from tests.e2e.circle import begun, pressed, says, turn_of, wrote
from tests.e2e.conftest import Stage
from tests.e2e.person import Person
from tests.load.crowd import bot_process

FOLDER = Path("docs/pictures")
PICTURES = ("story", "versions", "write", "library", "explore", "together", "rules")
SIZE = (1000, 720)
COLOURS = 200
LIGHT = {"name": "prefers-color-scheme", "value": "light"}
STILL = {"name": "prefers-reduced-motion", "value": "reduce"}
ROOMY = (1000, 860)
TALL = (1000, 1420)
SEED = 4
OPENING = "Nobody had opened the cellar door for years."
OTHER_STORIES = (
    ("superhero", "Batman is hunting down"),
    ("sci_fi", "The ship had been silent for nine years"),
    ("drama", "My sister came home on a Tuesday"),
    ("thriller", "The phone rang at four in the morning"),
)


class Photographer:
    """Takes pictures of the page as Ada sees it."""

    def __init__(self, page: Page, ada: Person, folder: Path) -> None:
        self._page = page
        self._ada = ada
        self._folder = folder
        self._others = {name: ada.playground.add_user(name) for name in ("Bob", "Cleo")}

    async def take(self, name: str) -> None:
        """Take a picture of the page once nothing on it changes any more."""
        await self._page.look("document.activeElement?.blur?.()")
        await self._page.do("Input.dispatchMouseEvent", type="mouseMoved", x=5, y=5)
        await self._page.look(
            "Promise.all([...document.images].map(one => one.decode().catch(() => null))).then(() => 1)"
        )
        await self._page.look("new Promise(done => setTimeout(() => done(1), 400))")
        taken = await self._page.do("Page.captureScreenshot", format="png", optimizeForSpeed=False)
        picture = Image.open(io.BytesIO(base64.b64decode(taken["data"]))).convert("RGB")
        # A page has few colours, and a palette of them makes the file a third as large.
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(self._folder / f"page-{name}.png", optimize=True)

    async def story(self) -> None:
        """A story with its buttons."""
        await self._ada.use("story", genre="horror", prompt=OPENING, preset="Focused", seed=SEED, max_length=110)
        await self._dismiss()
        await self._page.until(button("Continue"))
        await self.take("story")

    async def versions(self) -> None:
        """The same, told another way, and all buttons."""
        message = self._ada.playground.messages(self._ada.channel)[-1]
        await self._ada.press(message, "Retry")
        await self._ada.press(message, "More")
        await self._page.until("document.querySelector('#messages').innerText.includes('2/2')")
        await self.take("versions")

    async def write(self) -> None:
        """The form for one's own words."""
        await self._page.click(button("Write"))
        await self._page.until("document.querySelector('dialog[open]')")
        await self._page.type("She counted the steps on the stairs. There were more than there had been yesterday.")
        await self.take("write")
        await self._page.key("Escape")

    async def library(self) -> None:
        """The list of a person's stories."""
        for genre, prompt in OTHER_STORIES:
            await self._ada.use("story", genre=genre, prompt=prompt, seed=SEED, max_length=40)
        await self._anew("library")
        await self._ada.use("stories list")
        await self._page.until("document.querySelector('.embed h2')?.innerText === 'Your stories'")
        await self.take("library")

    async def explore(self) -> None:
        """What the options do."""
        await self._anew("options")
        await self._page.size(*TALL)
        await self._ada.use("explore", genre="horror", prompt="Nobody had opened the cellar")
        await self._page.until("document.querySelector('.picture')")
        await self.take("explore")

    async def together(self) -> None:
        """A round of three people, with what the bot writes between them."""
        await self._anew("campfire")
        await self._page.size(*ROOMY)
        stage = Stage(self._ada.playground, Config(), self._ada.user, self._others["Bob"])
        thread = await begun(
            stage, stage.ada, channel=self._ada.channel, prompt=OPENING, order="round_robin", bot="between", passages=9
        )
        await self._show(thread)
        for other in self._others.values():
            await pressed(stage, other, thread, "Join")
        await says(stage, thread, f"<@{self._others['Cleo'].id}>", turn_of(stage.bob))
        await wrote(stage, stage.bob, thread, "Bob held the lamp, and Ada went first. The third step was warm.")
        await says(stage, thread, "3 of 9 passages", turn_of(self._others["Cleo"]))
        await self._page.until("document.querySelector('#messages').innerText.includes('3 of 9')")
        await self.take("together")

    async def rules(self) -> None:
        """The panel of those who run a server."""
        await self._anew("backstage")
        await self._page.size(*SIZE)
        await self._ada.use("storyadmin limits", an_hour=20, at_once=2)
        await self._page.until("document.querySelector('.embed')")
        await self.take("rules")

    async def _dismiss(self) -> None:
        """Send away what is said once to newcomers."""
        await self._page.until(button("Dismiss message"))
        await self._page.click(button("Dismiss message"))

    async def _anew(self, name: str) -> None:
        """Go on in a channel without messages."""
        channel = self._ada.playground.add_channel(name)
        self._ada.channel = channel
        await self._show(channel)

    async def _show(self, channel: Channel) -> None:
        """Turn to a channel."""
        await self._page.look(f"location.hash = 'in={channel.id}'")
        await self._page.until(f"document.querySelector('#place').innerText.includes({json.dumps(channel.name)})")


async def take_all(folder: Path, *, light: bool = False) -> None:
    """Take every picture."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        (place / "browser").mkdir()
        async with (
            Playground(message_limit=1000) as playground,
            bot_process(playground, place, EDIT_SECONDS="1"),
            Site(playground) as site,
        ):
            with chromium(place / "browser") as devtools:
                async with tab(devtools) as page:
                    await page.size(*SIZE)
                    if light:
                        await page.do("Emulation.setEmulatedMedia", features=[LIGHT, STILL])
                    await page.open(site.address)
                    ada = Person(playground, playground.world.people()["Ada"])
                    photographer = Photographer(page, ada, folder)
                    for picture in PICTURES:
                        await getattr(photographer, picture)()
                    assert page.mistakes == []


if __name__ == "__main__":
    arguments = [word for word in sys.argv[1:] if word != "--light"]
    asyncio.run(take_all(Path(arguments[0]) if arguments else FOLDER, light="--light" in sys.argv))
