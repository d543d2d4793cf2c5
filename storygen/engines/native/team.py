"""Threads inside the library that go through one model's products together. One of them is the caller's."""

from __future__ import annotations

import threading
import weakref
from ctypes import CDLL
from functools import cache

from storygen.engines.native.library import enough


class Team:
    """So many threads, or as many as can be had, until the object goes; one caller at a time."""

    def __init__(self, library: CDLL, threads: int) -> None:
        self.handle: int = library.team_begin(threads)
        enough(self.handle)
        weakref.finalize(self, library.team_end, self.handle)


def team_of_this_thread(library: CDLL, threads: int) -> Team:
    """Give the calling thread's team, for products that are tried by themselves."""
    return _team(library, threads, threading.get_ident())


@cache
def _team(library: CDLL, threads: int, caller: int) -> Team:
    del caller  # it is there because a team has one caller
    return Team(library, threads)
