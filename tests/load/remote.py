"""``python -m tests.load.remote --servers-that-write 3``: as ``python -m tests.load``, with servers that write.

They are stand-ins without a model (``tests/load/stand_in.py``). One after the other is killed with SIGKILL and started
again while people come; shortly after the middle, all of them are dead at once.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from asyncio.subprocess import Process

from tests.load.run import measure, parser

DEAD_PART = 0.1
"""Of the run, for which a server stays away."""


class Servers:
    """Servers on ports of their own, which stay theirs."""

    def __init__(self, count: int) -> None:
        self.ports = [_free_port() for _ in range(count)]
        self._running: dict[int, Process] = {}

    @property
    def urls(self) -> str:
        """Give REMOTE_BASE_URL."""
        return ",".join(f"http://127.0.0.1:{port}/v1" for port in self.ports)

    async def start(self, port: int) -> None:
        """Start the server of a port."""
        command = (sys.executable, "-m", "tests.load.stand_in", str(port))
        self._running[port] = await asyncio.create_subprocess_exec(*command)

    async def kill(self, port: int) -> None:
        """End it in the middle of whatever it writes."""
        process = self._running.pop(port)
        process.kill()
        await process.wait()

    async def trouble(self, seconds: float) -> None:
        """Kill and start them, within so many seconds."""
        away = seconds * DEAD_PART
        for port in self.ports[:2]:
            await asyncio.sleep(away)
            await self.kill(port)
            await asyncio.sleep(away)
            await self.start(port)
        await asyncio.sleep(away)
        for port in self.ports:
            await self.kill(port)
        await asyncio.sleep(away)
        for port in self.ports:
            await self.start(port)

    async def close(self) -> None:
        """End them all."""
        for port in list(self._running):
            await self.kill(port)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def main() -> int:
    """Run it."""
    reader = parser("python -m tests.load.remote", __doc__ or "")
    reader.add_argument("--servers-that-write", type=int, default=3)
    reader.add_argument("--calm", action="store_true", help="no server is killed")
    options = reader.parse_args()
    servers = Servers(options.servers_that_write)
    settings = {
        "STORY_ENGINE": "remote",
        "REMOTE_BASE_URL": servers.urls,
        "REMOTE_AT_ONCE": "64",
        **dict(line.split("=", 1) for line in options.set),
    }
    for port in servers.ports:
        await servers.start(port)
    try:
        return await measure(options, settings, None if options.calm else lambda: servers.trouble(options.minutes * 60))
    finally:
        await servers.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
