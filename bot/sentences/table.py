"""What every file of sentences gives: for each kind of error how its sentence is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Sentences: TypeAlias = dict[type[BaseException], Callable[[Any], str | None]]
"""Gives None where the error is a fault of ours after all."""
