"""Find the compiled library that this processor can run; ``native.h`` says the same in C.

Calls go through ctypes, which lets other threads of Python run meanwhile.
"""

from __future__ import annotations

import ctypes
import logging
from ctypes import CDLL, c_double, c_float, c_int, c_long, c_size_t, c_void_p
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

VARIANTS = ("avx512", "avxvnni", "avx2")
"""The instructions that a library is compiled for, the fastest first; ``pyproject.toml`` has the same names."""

log = logging.getLogger(__name__)


class Shape(ctypes.Structure):
    """A model's sizes."""

    _fields_ = (
        ("layers", c_int),
        ("heads", c_int),
        ("width", c_int),
        ("inner", c_int),
        ("vocabulary", c_int),
        ("positions", c_int),
        ("epsilon", c_float),
    )


class Sampling(ctypes.Structure):
    """How one row's token is drawn."""

    _fields_ = (("row", c_int), ("top_k", c_int), ("top_p", c_float), ("temperature", c_float), ("uniform", c_double))


_POINTER, _INT = c_void_p, c_int
_FUNCTIONS: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "supported": (_INT, ()),
    "team_begin": (_POINTER, (_INT,)),
    "team_end": (None, (_POINTER,)),
    "gpt2_new": (_POINTER, (_POINTER, _POINTER)),
    "gpt2_free": (None, (_POINTER,)),
    "gpt2_set_tables": (_INT, (_POINTER, _POINTER, _POINTER)),
    "gpt2_set_head": (_INT, (_POINTER, _POINTER, _POINTER, _POINTER)),
    "gpt2_set_norms": (_INT, (_POINTER, _INT, c_float, _POINTER)),
    "gpt2_set_product": (_INT, (_POINTER, _INT, _INT, _INT, _INT, _POINTER, _POINTER)),
    "gpt2_reserve": (_INT, (_POINTER, _INT, _INT)),
    "gpt2_keep_rows": (None, (_POINTER, _INT)),
    "gpt2_release": (None, (_POINTER,)),
    "gpt2_bytes_held": (c_size_t, (_POINTER,)),
    "gpt2_step": (_INT, (_POINTER, _INT, _INT, _POINTER, _POINTER, _POINTER, _POINTER)),
    "product_new": (_POINTER, (_INT, _INT, _POINTER, c_long, c_long, _POINTER)),
    "product_free": (None, (_POINTER,)),
    "product_run": (_INT, (_POINTER, _POINTER, _INT, _POINTER, _POINTER, _INT)),
    "draw_tokens": (_INT, (_POINTER, _INT, _INT, _POINTER, _POINTER)),
}


@cache
def library() -> CDLL | None:
    """Give the fastest library that was compiled and that this processor can run; None where there is none."""
    for variant in VARIANTS:
        found = open_library(variant)
        if found is not None:
            log.info("compiled kernels are used: %s", variant)
            return found
    log.info("there are no compiled kernels for this machine; torch computes everything")
    return None


def open_library(variant: str) -> CDLL | None:
    """Open one of the libraries; None where it was not compiled or this processor lacks its instructions."""
    paths = [Path(__file__).with_name(f"_{variant}{suffix}") for suffix in EXTENSION_SUFFIXES]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return None
    try:
        opened = CDLL(str(path))
        for name, (gives, takes) in _FUNCTIONS.items():
            function = getattr(opened, name)
            function.restype, function.argtypes = gives, takes
    except (OSError, AttributeError) as error:
        log.warning("%s can't be used: %s", path.name, str(error).partition("\n")[0])
        return None
    return opened if opened.supported() else None


OUTSIDE = -1
"""What a step says to a token, row or position that there is not."""


def enough(said: int | None) -> None:
    """Raise MemoryError where a call says, by 0 or NULL, that memory was short, and IndexError for ``OUTSIDE``."""
    if not said:
        raise MemoryError
    if said == OUTSIDE:
        raise IndexError("a token, row or position is outside of the model or its cache")
