"""A file's name from a story's title: letters of any script, digits and hyphens, which every system takes as they are.

Discord shows the name as it is sent (an attachment's ``title``); in the address it writes what ASCII has of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

NAME_LENGTH = 60
"""Greatest length of a name in characters without its ending: file systems take 255 bytes, a letter has up to 4."""
NAMELESS = "story"
"""For titles without a letter or digit."""

_APART = re.compile("-+")
# Windows opens devices under these names, whatever ending they have.
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)\d")


def file_name(title: str, extension: str) -> str:
    """Give a name such as ``the-lantern.txt``; accents on Latin letters are dropped, other scripts stay as they are."""
    plain = unicodedata.normalize("NFKC", title.replace("'", "").replace("\u2019", "")).casefold()
    words = _APART.sub("-", "".join(_safe(unicodedata.normalize("NFC", plain)))).strip("-")
    name = _shortened(words) or NAMELESS
    if _RESERVED.fullmatch(name):
        name = f"{NAMELESS}-{name}"
    return f"{name}.{extension}"


def _safe(text: str) -> Iterator[str]:
    """Give what may stay of each sign; signs that nobody sees go, all others part words."""
    inside = False  # a word of a script that writes vowels and tones as marks on its letters
    for sign in text:
        kind = unicodedata.category(sign)
        if (base := unicodedata.normalize("NFD", sign)[0]).isascii() and base.isalnum():
            inside = False
            yield base
        elif sign.isalnum() or (inside and kind[0] == "M"):
            inside = True
            yield sign
        elif kind not in ("Cf", "Mn"):
            inside = False
            yield "-"


def _shortened(words: str) -> str:
    """Cut between words where it can be."""
    if len(words) <= NAME_LENGTH:
        return words
    whole, hyphen, _ = words[: NAME_LENGTH + 1].rpartition("-")
    return whole if hyphen else words[:NAME_LENGTH]
