"""``python -m tests.benchmarks.prove``: what takes too long for the test suite, with its figures printed.

10,000 random joins, leaves, cancels and failures; 200 recipes repeated in changing batches, for each number
format; what a format changes in what the model says; memory over 1,000 stories; how good waiting times are. Ends
with code 1 where one of them fails. Waiting times are the only one of them that a busy machine can spoil.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.random_model import GPT2_124M, random_gpt2

ROOT = Path(__file__).parents[3]
_JOINS = "tests/unit/storygen/test_storygen_engine_random.py"
PARTS = ["joins", "recipes", "formats", "memory", "waits"]
_STREAMS = 3500
"""In each of three runs."""
_FORMATS = ("float32", "bfloat16", "int8")
_LARGE_RECIPES = 10
"""The large model repeats a tenth of the recipes: each takes it ten times as long."""


def main() -> None:
    """Run what was asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.prove", description=__doc__)
    parser.add_argument("what", nargs="*", default=PARTS, help=", ".join(PARTS))
    parser.add_argument("--recipes", type=int, default=200)
    parser.add_argument("--stories", type=int, default=1000)
    parser.add_argument("--cache", type=Path, default=ROOT / "reports" / "bench" / "cache")
    options = parser.parse_args()
    large = str(random_gpt2(options.cache / GPT2_124M))
    failed = [line for what in options.what for line in _commands(what, options, large) if not _succeeds(line)]
    print(f"{len(failed)} failed" if failed else "all of it holds")
    sys.exit(1 if failed else 0)


def _commands(what: str, options: argparse.Namespace, large: str) -> Iterator[list[str]]:
    if what == "joins":
        yield ["pytest", "-q", "-p", "no:cacheprovider", _JOINS]
    elif what == "recipes":
        for dtype in _FORMATS:
            yield ["tests.benchmarks.prove.recipes", "builtin", dtype, str(options.recipes)]
            yield ["tests.benchmarks.prove.recipes", large, dtype, str(options.recipes // _LARGE_RECIPES)]
    elif what == "formats":
        for dtype in _FORMATS[1:]:
            yield ["tests.benchmarks.prove.formats", "builtin", dtype, str(options.recipes)]
    elif what == "memory":
        yield ["tests.benchmarks.prove.memory", "builtin", "auto", str(options.stories), "700"]
        yield ["tests.benchmarks.prove.memory", large, "int8", str(options.stories), "1300"]
    elif what == "waits":
        yield ["tests.benchmarks.prove.waits", "builtin", "auto", "80", "320"]
    else:
        sys.exit(f"there is no {what}; there are {', '.join(PARTS)}")


def _succeeds(line: list[str]) -> bool:
    print("python -m", *line, flush=True)
    began = time.monotonic()
    environment = {**os.environ, "STORYBOT_TEST_STREAMS": str(_STREAMS)}
    run = subprocess.run([sys.executable, "-m", *line], cwd=ROOT, env=environment, check=False)  # noqa: S603 - our own
    print(f"  {'holds' if run.returncode == 0 else 'FAILS'} ({time.monotonic() - began:.0f} s)", flush=True)
    return run.returncode == 0


if __name__ == "__main__":
    main()
