"""Take control tokens out of text that comes in pieces: a server may send them as text, and cut them anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

from storygen.genre import Genre
from storygen.prompt import CONTROL_TOKENS, EOS, GPT2_END

ENDS = (EOS, GPT2_END)


class ControlTokenFilter:
    """Gives a story's text without control tokens; what may yet become one is held back.

    At a token that ends a story ``ended`` becomes true, and nothing is given any more.
    """

    def __init__(self, genres: Iterable[Genre]) -> None:
        self.ended = False
        tokens = (*CONTROL_TOKENS, *(genre.token for genre in genres))
        self._whole = re.compile("|".join(re.escape(token) for token in tokens))
        self._beginnings = {token[:length] for token in tokens for length in range(1, len(token))}
        self._longest = max(map(len, self._beginnings))
        self._held = ""

    def add(self, text: str) -> str:
        """Take a piece and give what is certainly text."""
        if self.ended:
            return ""
        self._held += text
        # From the left, one by one: taking a token out can make another one.
        while found := self._whole.search(self._held):
            if found[0] in ENDS:
                self.ended = True
                given, self._held = self._held[: found.start()], ""
                return given
            self._held = self._held[: found.start()] + self._held[found.end() :]
        given, self._held = self._held[: self._certain()], self._held[self._certain() :]
        return given

    def rest(self) -> str:
        """Give what was held back, now that nothing more comes."""
        given, self._held = self._held, ""
        return given

    def _certain(self) -> int:
        """Give the place from which on the text may become part of a token.

        That is where nothing but beginnings of tokens follow one another: in ``<B<BO``, what is to come may complete
        the second one, and when that is gone, the first.
        """
        starts = {len(self._held)}
        for start in range(len(self._held) - 1, -1, -1):
            if min(starts) - start > self._longest:
                break
            if any(self._held[start:end] in self._beginnings for end in starts):
                starts.add(start)
        return min(starts)
