"""The run itself: all contestants one after the other, case by case, round by round, within a time.

Interleaved, because a shared machine is fast for a while and slow for a while: within a round a case's
engines meet the same machine, and a ratio is taken of two runs of the same round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tests.benchmarks.case import Case, Run
from tests.benchmarks.process import Contestant, Trouble

MOST_SECONDS = 150.0
"""That one engine may take for one case."""


@dataclass(slots=True, kw_only=True)
class Results:
    """What came of a run, by contestant."""

    runs: list[Run] = field(default_factory=list)
    troubles: dict[str, dict[str, str]] = field(default_factory=dict)
    """Setup -> case (or ``all``) -> why there is no figure."""
    left_out: list[str] = field(default_factory=list)
    """What was not repeated, for time."""

    def of(self, setup: str, case: Case) -> list[Run]:
        """Give one contestant's runs of a case, in the order of the rounds."""
        return [run for run in self.runs if run.setup == setup and run.case.key == case.key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How much time there is, in seconds."""

    now: Callable[[], float]
    ends: float

    @property
    def left(self) -> float:
        """Give the seconds that are left."""
        return self.ends - self.now()


async def run_rounds(
    contestants: Sequence[Contestant], cases: Sequence[Case], rounds: int, clock: Clock, say: Callable[[str], None]
) -> Results:
    """Run every case with every contestant, ``rounds`` times; later rounds leave out what there is no time for."""
    results = Results()
    for contestant in contestants:
        if contestant.trouble is not None:
            results.troubles.setdefault(contestant.setup.name, {})["all"] = contestant.trouble.reason
    await _warm_up(contestants, cases)
    for number in range(rounds):
        kept = _affordable(results, contestants, cases, clock.left / (rounds - number)) if number else None
        for case in cases:
            for contestant in contestants:
                if kept is None or (contestant.setup.name, case.key) in kept:
                    await _run_one(results, contestant, replace(case, round=number), say)
        _note_left_out(results, kept, number)
    return results


async def _warm_up(contestants: Sequence[Contestant], cases: Sequence[Case]) -> None:
    """Let every engine write once: kernels are made and memory is taken at the first time."""
    for contestant in contestants:
        least = min(cases, key=lambda case: (case.mixed, case.stories))
        await contestant.run(replace(least, tokens=min(least.tokens, 32), sample=1, round=99), MOST_SECONDS)


async def _run_one(results: Results, contestant: Contestant, case: Case, say: Callable[[str], None]) -> None:
    name = contestant.setup.name
    if case.key in results.troubles.get(name, {}) or "all" in results.troubles.get(name, {}):
        return
    outcome = await contestant.run(case, MOST_SECONDS)
    if isinstance(outcome, Trouble):
        results.troubles.setdefault(name, {})[case.key] = outcome.reason
        say(f"round {case.round + 1}  {case.key:>8}  {name:20} {outcome.reason}")
    else:
        results.runs.append(outcome)
        say(f"round {case.round + 1}  {case.key:>8}  {name:20} {outcome.speed:7.1f} tokens/s")


def _affordable(
    results: Results, contestants: Sequence[Contestant], cases: Sequence[Case], seconds: float
) -> set[tuple[str, str]]:
    """Choose what is run again in ``seconds``; what counts least and takes longest goes first."""
    took = {
        (contestant.setup.name, case.key): max(run.seconds for run in runs)
        for contestant in contestants
        for case in cases
        if (runs := results.of(contestant.setup.name, case))
    }
    needed = {(setup, key) for setup, key in took if _is_needed(setup)}
    return afford(took, needed, seconds)


def afford(took: dict[tuple[str, str], float], needed: set[tuple[str, str]], seconds: float) -> set[tuple[str, str]]:
    """Give what fits into ``seconds``: the ``needed`` in any case, and of the others the quick ones."""
    kept = set(needed & took.keys())
    left = seconds - sum(took[each] for each in kept)
    for each in sorted(took.keys() - kept, key=lambda each: (took[each], each)):
        left -= took[each]
        if left >= 0:
            kept.add(each)
    return kept


def _is_needed(setup: str) -> bool:
    return setup in ("pipeline", "storybot")


def _note_left_out(results: Results, kept: set[tuple[str, str]] | None, number: int) -> None:
    if kept is None:
        return
    done = {(run.setup, run.case.key) for run in results.runs}
    results.left_out += [f"round {number + 1}: {setup}, {key}" for setup, key in sorted(done - kept)]
