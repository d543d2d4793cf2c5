"""Where a story ends that may write a little beyond its length to finish a sentence. No tensors."""

from __future__ import annotations

from storygen.polish import sentence_ends

_LOOK_BACK = 200  # letters before the length was reached; far enough for what decides whether a dot ends a sentence


class SentenceFinish:
    """Looks at what one story writes beyond its length, from the first piece of that on."""

    def __init__(self) -> None:
        self._since: int | None = None

    def kept(self, before: str, piece: str) -> int | None:
        """Say how much of ``piece``, which follows ``before``, still belongs to the story; None while it goes on.

        Whether a sentence has ended shows only in what comes next, a closing quote or a small letter,
        so usually nothing of the piece is kept.
        """
        if self._since is None:
            self._since = len(before.rstrip())
        start = max(self._since - _LOOK_BACK, 0)
        text = (before + piece)[start:]
        for found in sentence_ends(text):
            end = start + found
            if end >= self._since and _begins_anew(text[found:]):
                return max(end - len(before), 0)
        return None


def _begins_anew(rest: str) -> bool:
    return bool(rest.strip()) or "\n" in rest
