"""Token ids in, whole characters out. No tensors."""

from __future__ import annotations

from collections.abc import Callable

_BROKEN = "\ufffd"


class TextStream:
    """Turns one story's tokens into text as they come.

    A character of another script or an emoji spans several byte-level tokens; it is given only when
    it is whole. What is left unfinished at the end is never given.
    """

    def __init__(self, decode: Callable[[list[int]], str]) -> None:
        self._decode = decode
        self._pending: list[int] = []
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """Everything given so far."""
        return "".join(self._pieces)

    def add(self, token: int) -> str:
        """Take one token and give the text that is whole now; often a piece of a word, sometimes nothing."""
        self._pending.append(token)
        piece = self._decode(self._pending)
        if not piece or piece.endswith(_BROKEN):
            return ""
        self._pending.clear()
        self._pieces.append(piece)
        return piece

    def keep(self, length: int) -> None:
        """Leave only so many characters of the piece that was given last."""
        self._pieces[-1] = self._pieces[-1][:length]
