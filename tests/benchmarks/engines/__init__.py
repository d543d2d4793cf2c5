"""One file an engine: how it is made, and how it writes so many stories."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from tests.benchmarks.case import Case, Setup, Telling

FILES = {
    "pipeline": "pipeline",
    "generate": "padded_batch",
    "continuous": "continuous_batching",
    "ctranslate2": "ctranslate",
    "llamacpp": "llama",
    "storybot": "ours",
}
"""The names on the command line, and the file of each."""


class CannotDo(Exception):
    """The engine can't do what the case asks for; the text says why."""


class Engine(Protocol):
    """One engine with its model, in a process of its own."""

    about: str
    """What the table says of it."""
    bytes_per_token: int | None
    """Bytes of weights that are read for one token of one story; None where not known."""

    def write(self, case: Case) -> list[Telling]:
        """Write the stories of a case, which all come at the same moment. Raises CannotDo.

        May give fewer than there are, where it writes one after the other and so each takes the same time.
        """
        ...


def make_engine(setup: Setup) -> Engine:
    """Load an engine by its name. Raises CannotDo where it is not installed, or not for this machine."""
    module = import_module(f"tests.benchmarks.engines.{FILES[setup.engine]}")
    engine: Engine = module.load(setup)
    return engine
