"""``python -m tests.benchmarks``: ours and its peers, interleaved, in one run; ``docs/benchmark.md`` explains it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from storygen.checkpoint import BUILTIN
from tests.benchmarks.document import put_figures
from tests.benchmarks.engines import FILES
from tests.benchmarks.machine import machine
from tests.benchmarks.measurement import Plan, measure
from tests.benchmarks.picture import draw
from tests.benchmarks.random_model import GPT2_124M, random_gpt2
from tests.benchmarks.tables import report_text

ROOT = Path(__file__).parents[2]
_TITLES = {"124m": "GPT-2 124M, random weights", BUILTIN: "built-in model"}
_TOKENS = {"124m": 64, BUILTIN: 200}
_SHARES = {"124m": 0.65, BUILTIN: 0.35}
_LEAST_TOKENS = 30


def main(arguments: list[str] | None = None) -> None:
    """Measure what was asked for and write table, picture and figures."""
    options = _options(arguments)
    plans = [_plan(name, options) for name in _models(options)]
    report: dict[str, Any] = {"machine": machine(), "command": _command(arguments), "models": []}
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {line}", flush=True)

    for plan in plans:
        report["models"].append(asyncio.run(measure(plan, say)))
        _write(report, options.out)  # what is measured is not lost if the next model fails
    print(report_text(report))
    if options.document:
        _document(report)
    say(f"written to {options.out}")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--models", default="124m,builtin", help="124m (random weights), builtin")
    parser.add_argument("--checkpoint", default="", help="a checkpoint folder, instead of these models")
    parser.add_argument("--stories", default="1,4,8,16,32", help="how many at once")
    parser.add_argument("--engines", default=",".join(_engines()), help="each as name[:format][:threads]")
    parser.add_argument("--tokens", type=int, default=0, help="a story; 64 for 124m, 200 for builtin, else 100")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="for the rounds; what takes longest is repeated less"
    )
    parser.add_argument("--quick", action="store_true", help="a look in about a minute: 1 and 8 stories, one round")
    parser.add_argument("--out", type=Path, default=ROOT / "reports" / "bench")
    parser.add_argument("--document", action="store_true", help="write docs/benchmark.md and its picture too")
    options = parser.parse_args(arguments)
    if options.quick:
        options.stories, options.rounds, options.tokens = "1,8", 1, options.tokens or _LEAST_TOKENS
    _check(parser, options)
    return options


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    unknown = [name for name in options.engines.split(",") if name.partition(":")[0] not in FILES]
    if unknown:
        parser.error(f"there is no engine {unknown[0]}; there are {', '.join(FILES)}")
    if not options.checkpoint and not set(options.models.split(",")) <= set(_TITLES):
        parser.error(f"--models are of {', '.join(_TITLES)}; a folder goes to --checkpoint")
    if options.tokens and options.tokens < _LEAST_TOKENS:
        parser.error(f"--tokens is at least {_LEAST_TOKENS}: the engine takes no shorter stories")


def _engines() -> list[str]:
    """Give all peers and ours with its own choice of threads, and with all cores where that is something else."""
    cores = os.cpu_count() or 1
    return [*FILES, f"storybot:{cores}"] if cores > 1 else list(FILES)


def _models(options: argparse.Namespace) -> list[str]:
    return [options.checkpoint] if options.checkpoint else options.models.split(",")


def _plan(name: str, options: argparse.Namespace) -> Plan:
    cache = options.out / "cache"
    return Plan(
        title=_TITLES.get(name, Path(name).name),
        checkpoint=str(random_gpt2(cache / GPT2_124M)) if name == "124m" else name,
        engines=options.engines.split(","),
        stories=[int(number) for number in options.stories.split(",")],
        tokens=options.tokens or _TOKENS.get(name, 100),
        rounds=options.rounds,
        seconds=60 * options.minutes * (_SHARES.get(name, 1.0) if len(_models(options)) > 1 else 1.0),
        cache=cache,
        delay_seconds=1.0 if options.quick else 4.0,
    )


def _command(arguments: list[str] | None) -> str:
    given = sys.argv[1:] if arguments is None else arguments
    return " ".join(["python -m tests.benchmarks", *given])


def _write(report: dict[str, Any], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (out / "bench.md").write_text(report_text(report), encoding="utf-8")
    draw(report, out / "bench.png")


def _document(report: dict[str, Any]) -> None:
    picture = ROOT / "docs" / "pictures" / "bench.png"
    draw(report, picture)
    shown = "![Tokens a second over the number of stories](pictures/bench.png)"
    put_figures(ROOT / "docs" / "benchmark.md", f"{shown}\n\n{report_text(report)}")


if __name__ == "__main__":
    main()
