"""One model measured with all contestants: memory's speed, the rounds, and how late the event loop is."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import figures
from tests.benchmarks.bandwidth import read_bandwidth
from tests.benchmarks.case import Case, setup_of
from tests.benchmarks.process import Contestant
from tests.benchmarks.rounds import Clock, Results, run_rounds

BASELINE = "pipeline"
_DELAY_SECONDS = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured of one model."""

    title: str
    checkpoint: str
    engines: Sequence[str]
    stories: Sequence[int]
    tokens: int
    rounds: int
    seconds: float
    """For the rounds."""
    cache: Path
    delay_seconds: float = 4.0
    """How long the event loop is watched before another worker's model loads."""
    mixed: bool = True

    def cases(self) -> list[Case]:
        """Give the cases: the same options for all, then each story its own."""
        return [
            Case(stories=stories, mixed=mixed, tokens=self.tokens)
            for mixed in ((False, True) if self.mixed else (False,))
            for stories in self.stories
        ]


async def measure(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure one model; give everything that the tables show, as plain JSON."""
    plan.cache.mkdir(parents=True, exist_ok=True)
    log = plan.cache / "engines.log"
    most = max(plan.stories)
    contestants = [
        Contestant(setup_of(name, plan.checkpoint, str(plan.cache), most), log)
        for name in dict.fromkeys([BASELINE, *plan.engines])
    ]
    try:
        for contestant in contestants:
            await contestant.start()
            say(f"{plan.title}: {contestant.about}" + (f": {contestant.trouble.reason}" if contestant.trouble else ""))
        speeds = _bandwidths(contestants)
        clock = Clock(now=time.monotonic, ends=time.monotonic() + plan.seconds)
        results = await run_rounds(contestants, plan.cases(), plan.rounds, clock, say)
        more = _bandwidths(contestants)
    finally:
        for contestant in contestants:
            await contestant.stop()
    bandwidth = {name: max(speed, more[name]) for name, speed in speeds.items()}
    say(f"{plan.title}: event loop")
    return {
        "title": plan.title,
        "tokens": plan.tokens,
        "rounds": plan.rounds,
        "stories": list(plan.stories),
        "contestants": [_described(contestant, results, bandwidth) for contestant in contestants],
        "figures": _all_figures(contestants, results, plan, bandwidth),
        "troubles": results.troubles,
        "left_out": results.left_out,
        "delay": await _delay(contestants, log, plan.delay_seconds),
    }


def _bandwidths(contestants: Sequence[Contestant]) -> dict[str, float]:
    """Give bytes a second for a buffer of each engine's weights, while all of them rest."""
    sizes = {each.setup.name: each.bytes_per_token for each in contestants if each.bytes_per_token}
    known: dict[int, float] = {size: read_bandwidth(size) for size in set(sizes.values())}
    return {name: known[size] for name, size in sizes.items()}


def _limit(contestant: Contestant, bandwidth: dict[str, float]) -> float | None:
    size = contestant.bytes_per_token
    return bandwidth[contestant.setup.name] / size if size else None


def _described(contestant: Contestant, results: Results, bandwidth: dict[str, float]) -> dict[str, Any]:
    name = contestant.setup.name
    return {
        "name": name,
        "about": contestant.about,
        "trouble": contestant.trouble.reason if contestant.trouble else None,
        "peak_mb": max((run.peak_mb for run in results.runs if run.setup == name), default=None),
        "bytes_per_token": contestant.bytes_per_token,
        "bytes_per_second": bandwidth.get(name),
        "limit": _limit(contestant, bandwidth),
    }


def _all_figures(
    contestants: Sequence[Contestant], results: Results, plan: Plan, bandwidth: dict[str, float]
) -> dict[str, dict[str, Any]]:
    return {
        contestant.setup.name: {
            case.key: figures.as_json(
                figures.figures_of(results, contestant.setup.name, BASELINE, case, _limit(contestant, bandwidth))
            )
            for case in plan.cases()
        }
        for contestant in contestants
    }


async def _delay(contestants: Sequence[Contestant], log: Path, seconds: float) -> dict[str, Any]:
    """Measure the event loop beside our engine, in a process of its own."""
    ours = next((each.setup for each in contestants if each.setup.engine == "storybot"), None)
    if ours is None:
        return {"trouble": "our engine takes no part"}
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.benchmarks.delay", str(seconds), json.dumps(asdict(ours))),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), _DELAY_SECONDS)
        answer: dict[str, Any] = json.loads(out)
    except (TimeoutError, json.JSONDecodeError) as error:
        if process.returncode is None:
            process.kill()
        return {"trouble": f"{type(error).__name__}; see {log.name}"}
    return answer
