"""Text without the signs that no file should carry: what XML forbids, and what turns the reading direction unseen."""

from __future__ import annotations

import re

_LINE_BREAKS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# What XML 1.0 forbids or advises against (2.2 Characters): controls, surrogates, noncharacters.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
# Embeddings, overrides and isolates. The marks that real Hebrew and Arabic text needs (200E, 200F, 061C) stay.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Give ``text`` with plain line breaks, and without signs that XML forbids or that turn the text around."""
    text = _LINE_BREAKS.sub("\n", text).replace("\t", " ")
    return _TURNING.sub("", _FORBIDDEN.sub("", text))


def printable_line(text: str) -> str:
    """Give ``text`` likewise, on one line and without spaces that nobody sees."""
    return " ".join(printable(text).split())
