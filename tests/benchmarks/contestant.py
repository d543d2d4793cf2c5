"""One engine in a process of its own, so that its memory is its own: commands come in as lines of JSON, answers go out.

``python -m tests.benchmarks.contestant '{"engine": "storybot", …}'``; with ``--prepare`` it only makes the files
that the engine needs, so that the memory for that is nobody's.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import psutil

from tests.benchmarks.case import Case, Setup
from tests.benchmarks.engines import FILES, CannotDo, Engine, make_engine

_MB = 1_000_000


def serve(setup: Setup, commands: IO[str], answers: IO[str]) -> None:
    """Load the engine, say so, and answer commands until they end."""
    engine: Engine | None = None

    def begin() -> dict[str, Any]:
        nonlocal engine
        engine = make_engine(setup)
        return {"about": engine.about, "bytes_per_token": engine.bytes_per_token}

    _answer(answers, _guarded(begin))
    for line in commands:
        if engine is None:
            return
        made, case = engine, Case(**json.loads(line))
        _answer(answers, _guarded(lambda made=made, case=case: _written(made, case)))


def _written(engine: Engine, case: Case) -> dict[str, Any]:
    return {
        "tellings": [asdict(telling) for telling in engine.write(case)],
        "resident_mb": psutil.Process().memory_info().rss / _MB,
        "peak_mb": _peak_bytes() / _MB,
    }


def _peak_bytes() -> int:
    """Give the most memory that this program had; the older figure of the system may still be its parent's."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def prepare(setup: Setup) -> dict[str, Any]:
    """Make the files that the engine needs besides the checkpoint, if any."""
    module = import_module(f"tests.benchmarks.engines.{FILES[setup.engine]}")
    if hasattr(module, "prepare"):
        module.prepare(setup)
    return {}


def _guarded(act: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = act()
    except CannotDo as reason:
        return {"cannot": str(reason)}
    except Exception as error:  # noqa: BLE001 - one engine's failure is a line in the table
        traceback.print_exc()
        return {"failed": f"{type(error).__name__}: {error}".partition("\n")[0][:200]}
    return answer


def _answer(answers: IO[str], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def main() -> None:
    """Answer on what was standard output; what libraries print goes where errors go."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    setup = Setup(**json.loads(sys.argv[-1]))
    if "--prepare" in sys.argv:
        _answer(answers, _guarded(lambda: prepare(setup)))
    else:
        serve(setup, sys.stdin, answers)
    answers.flush()
    os._exit(0)  # threads of the engines don't matter any more


if __name__ == "__main__":
    main()
