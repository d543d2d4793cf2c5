"""The measuring side of a contestant: starts its process, asks it for a case, and outlives whatever becomes of it."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.case import Case, Run, Setup, Telling

_LOADING_SECONDS = 180.0
_LINE_LIMIT = 2**22


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no figure: the engine can't do this, or it failed."""

    reason: str


class Contestant:
    """One engine in its process."""

    def __init__(self, setup: Setup, log: Path) -> None:
        self.setup = setup
        self.about = setup.name
        self.bytes_per_token: int | None = None
        self.trouble: Trouble | None = None
        """Why it is out of the run for good."""
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Prepare its files, start it and wait until its model is loaded; what goes wrong stands in ``trouble``."""
        made = await self._once("--prepare")
        if isinstance(made, Trouble):
            self.trouble = made
            return
        self._process = await self._started()
        loaded = await self._answer(self._process, _LOADING_SECONDS)
        if isinstance(loaded, Trouble):
            self.trouble = loaded
            return
        self.about, self.bytes_per_token = loaded["about"], loaded["bytes_per_token"]

    async def run(self, case: Case, patience: float) -> Run | Trouble:
        """Have it write a case; an engine that does not answer in ``patience`` seconds is ended."""
        if self.trouble is not None or self._process is None or self._process.stdin is None:
            return self.trouble or Trouble("not started")
        try:
            self._process.stdin.write(json.dumps(asdict(case)).encode() + b"\n")
            await self._process.stdin.drain()
        except OSError as error:
            self.trouble = Trouble(f"its process has ended: {type(error).__name__}")
            return self.trouble
        answer = await self._answer(self._process, patience)
        if isinstance(answer, Trouble):
            return answer
        tellings = [Telling(**telling) for telling in answer["tellings"]]
        memory = {name: answer[name] for name in ("resident_mb", "peak_mb")}
        return Run(setup=self.setup.name, case=case, tellings=tellings, **memory)

    async def stop(self) -> None:
        """End its process."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _once(self, option: str) -> dict[str, Any] | Trouble:
        process = await self._started(option)
        try:
            return await self._answer(process, _LOADING_SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _started(self, *options: str) -> asyncio.subprocess.Process:
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.benchmarks.contestant", *options, json.dumps(asdict(self.setup))),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=_LINE_LIMIT,
            )

    async def _answer(self, process: asyncio.subprocess.Process, patience: float) -> dict[str, Any] | Trouble:
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), patience)
        except TimeoutError:
            self.trouble = Trouble(f"no answer within {patience:.0f} s")
            process.kill()
            return self.trouble
        if not line:
            self.trouble = Trouble(f"its process ended with code {await process.wait()}; see {self._log.name}")
            return self.trouble
        answer: dict[str, Any] = json.loads(line)
        reason = answer.get("cannot") or answer.get("failed")
        return Trouble(reason) if reason else answer
