"""What a report says of its own making: command, versions, time."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("storybot", "torch", "transformers", "tokenizers", "scikit-learn", "numpy", "pyppmd", "mauve-text")


def versions() -> dict[str, str]:
    """Give the versions of Python and of the packages that decide the figures; missing ones are left out."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


class Stopwatch:
    """Seconds that each part took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time a part; it counts also where it fails."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - began, 1)
