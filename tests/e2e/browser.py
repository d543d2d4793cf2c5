"""A headless Chromium, driven over its DevTools protocol: type, press, look."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; install it or set CHROMIUM")
KEYS = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "Backspace": 8}
DARK = {"name": "prefers-color-scheme", "value": "dark"}
STILL = {"name": "prefers-reduced-motion", "value": "reduce"}
DESKTOP, PHONE = (1280, 800), (390, 844)


class Page:
    """One tab. ``mistakes`` are the errors that its scripts made or its console showed."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.mistakes: list[str] = []
        self.address = ""
        self._socket = socket
        self._session = self._target = ""
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def listen(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if told.get("id") in self._waiting:
                self._waiting.pop(told["id"]).set_result(told)
            elif told.get("method") == "Runtime.exceptionThrown" or (
                told.get("method") == "Log.entryAdded" and told["params"]["entry"]["level"] == "error"
            ):
                self.mistakes.append(json.dumps(told["params"])[:600])

    async def do(self, method: str, **about: Any) -> Any:
        self._number += 1
        wanted = {"id": self._number, "method": method, "params": about}
        future = self._waiting[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json(wanted | ({"sessionId": self._session} if self._session else {}))
        told = await asyncio.wait_for(future, 30)
        assert "error" not in told, told
        return told["result"]

    async def begin(self) -> None:
        context = await self.do("Target.createBrowserContext", disposeOnDetach=True)
        target = await self.do("Target.createTarget", url="about:blank", browserContextId=context["browserContextId"])
        self._target = target["targetId"]
        attached = await self.do("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            await self.do(f"{domain}.enable")
        await self.do("Emulation.setEmulatedMedia", features=[DARK, STILL])
        await self.size(*DESKTOP)

    async def end(self) -> None:
        self._session = ""
        await self.do("Target.closeTarget", targetId=self._target)

    async def size(self, width: int, height: int) -> None:
        phone = width < 700
        await self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone,
        )  # fmt: skip
        await self.do("Emulation.setTouchEmulationEnabled", enabled=phone)

    async def open(self, address: str) -> None:
        await self.do("Page.navigate", url=address)
        await self.until("document.readyState === 'complete' && document.querySelector('.place')")

    async def look(self, expression: str) -> Any:
        outcome = await self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in outcome, outcome
        return outcome["result"].get("value")

    async def until(self, expression: str, seconds: float = 20) -> Any:
        """Wait until the page finds it true, looking again whenever the page changes; gives the answer."""
        watch = f"""new Promise((done, late) => {{
          const look = () => {{ const found = ({expression}); if (found) {{ watch.disconnect(); done(found instanceof
            Node ? true : found); }} }};
          const watch = new MutationObserver(look);
          watch.observe(document, {{subtree: true, childList: true, attributes: true, characterData: true}});
          setTimeout(() => late(new Error(document.body.innerText.slice(-900))), {seconds * 1000});
          look();
        }})"""
        return await self.look(watch)

    async def type(self, text: str) -> None:
        for letter in text:
            await self.do("Input.dispatchKeyEvent", type="keyDown", text=letter, key=letter)
            await self.do("Input.dispatchKeyEvent", type="keyUp", key=letter)

    async def key(self, name: str) -> None:
        about: dict[str, Any] = {"key": name, "code": name, "windowsVirtualKeyCode": KEYS[name]}
        text = {"text": "\r"} if name == "Enter" else {}
        await self.do("Input.dispatchKeyEvent", type="keyDown", **about, **text)
        await self.do("Input.dispatchKeyEvent", type="keyUp", **about)

    async def click(self, expression: str, *, right: bool = False) -> None:
        """Click the middle of an element, as a finger does, or with the right button of a mouse."""
        where = await self.look(f"""(async () => {{
          const middle = () => {{ const found = {expression}; found.scrollIntoView({{block: 'center'}});
            const box = found.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }};
          for (let last = null, now = middle(); ; last = now, now = middle()) {{ // until nothing moves any more
            if (String(last) === String(now) && !document.querySelector('.sending')) return now;
            await new Promise(after => setTimeout(after, 60));
          }}
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            which = "right" if right else "left"
            await self.do("Input.dispatchMouseEvent", type=kind, x=where[0], y=where[1], button=which, clickCount=1)

    async def shown(self) -> str:
        return str(await self.look("document.querySelector('#messages').innerText"))

    async def picture(self) -> bytes:
        return base64.b64decode((await self.do("Page.captureScreenshot", format="png"))["data"])


def button(label: str) -> str:
    """Give an expression for the last button that can be pressed and says this."""
    return (
        f"[...document.querySelectorAll('button')].filter(b => b.innerText.includes({label!r}) && !b.disabled).at(-1)"
    )


@contextmanager
def chromium(folder: Path) -> Iterator[str]:
    """Run a Chromium until the block ends; gives the address of its DevTools."""
    assert CHROMIUM is not None
    command = [
        CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-sync", "--disable-extensions", "--remote-debugging-port=0",
        "--lang=en-US", f"--user-data-dir={folder}",
    ]  # fmt: skip
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(  # noqa: S603 -- the browser that was found
            command, stdout=log, stderr=subprocess.PIPE
        ) as process,
    ):
        assert process.stderr is not None
        try:
            lines = iter(process.stderr.readline, b"")
            yield next(
                found[1] for line in lines if (found := re.search(r"DevTools listening on (ws://\S+)", line.decode()))
            )
        finally:
            process.terminate()
            process.communicate()


@asynccontextmanager
async def tab(devtools: str) -> AsyncIterator[Page]:
    """Open a tab without memory of others until the block ends."""
    async with aiohttp.ClientSession() as session, session.ws_connect(devtools, max_msg_size=0) as socket:
        page = Page(socket)
        listening = asyncio.create_task(page.listen())
        await page.begin()
        yield page
        await page.end()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
