"""A file's name from a story's title: letters, digits and hyphens, which every system and Discord take as they are."""

from __future__ import annotations

import re
import unicodedata

NAME_LENGTH = 60
"""Greatest length of a name in characters, without its ending; all of them are ASCII."""
NAMELESS = "story"
"""For titles without a letter that ASCII has."""

_NO_NAME = re.compile(r"[^a-z0-9]+")
# Windows opens devices under these names, whatever ending they have.
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)\d")


def file_name(title: str, extension: str) -> str:
    """Give a name such as ``the-lantern.txt``; accents are dropped, as are letters that ASCII has not."""
    plain = unicodedata.normalize("NFKD", title.replace("'", "").replace("\u2019", ""))
    words = _NO_NAME.sub("-", plain.encode("ascii", "ignore").decode("ascii").lower()).strip("-")
    name = _shortened(words) or NAMELESS
    if _RESERVED.fullmatch(name):
        name = f"{NAMELESS}-{name}"
    return f"{name}.{extension}"


def _shortened(words: str) -> str:
    """Cut between words where it can be."""
    if len(words) <= NAME_LENGTH:
        return words
    whole, hyphen, _ = words[: NAME_LENGTH + 1].rpartition("-")
    return whole if hyphen else words[:NAME_LENGTH]
