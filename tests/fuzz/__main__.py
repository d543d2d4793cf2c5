"""The properties of this folder for longer: `python -m tests.fuzz --seconds 60 [part of a name]`.

atheris (libFuzzer for Python) chooses the examples by the code that they reach; it is an extra: `.[fuzz]`. A failing
example is told by its arguments, to be written into the test as an `@example`.
"""

from __future__ import annotations

import argparse
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

MODULES = ("test_fuzz_files", "test_fuzz_ids", "test_fuzz_text")
MISSING = "Fuzzing by the code that is reached needs atheris: pip install -e '.[fuzz]'."


def main() -> int:
    """Fuzz each property for some seconds, in a process of its own; 1 where one has failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz what reads text from elsewhere.")
    parser.add_argument("--seconds", type=int, default=60, help="for each property (60)")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("name", nargs="?", default="", help="part of a property's name")
    wanted = parser.parse_args()
    if wanted.one:
        _fuzz(wanted.name, wanted.seconds)
    if find_spec("atheris") is None:
        print(MISSING)
        return 0
    names = [name for name, _ in _properties() if wanted.name in name]
    return max((_run(name, wanted.seconds) for name in names), default=2)


def _run(name: str, seconds: int) -> int:
    print(f"--- {name}", flush=True)
    command = [sys.executable, "-m", "tests.fuzz", "--one", "--seconds", str(seconds), name]
    return int(subprocess.run(command, check=False).returncode != 0)  # noqa: S603 - ourselves


def _fuzz(name: str, seconds: int) -> None:
    """Never comes back: libFuzzer ends the process."""
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=["bot", "storygen", "training"]):
        test: Any = dict(_properties())[name]
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-verbosity=0"], test.hypothesis.fuzz_one_input)
    atheris.Fuzz()


def _properties() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Give the properties; those that need an event loop are left to pytest."""
    for module in MODULES:
        for name, test in vars(import_module(f"tests.fuzz.{module}")).items():
            if name.startswith("test_") and not inspect.iscoroutinefunction(test.hypothesis.inner_test):
                yield name, test


if __name__ == "__main__":
    sys.exit(main())
