"""What a crash has interrupted comes to its end: the words that were shown are the passage; without any it failed."""

from __future__ import annotations

import logging

from bot.store import Passage, PassageState, StoryStore
from bot.storytelling.joining import first_words, joined

log = logging.getLogger(__name__)


async def end_interrupted(store: StoryStore, shard: int | None = None) -> list[Passage]:
    """End every passage that waits in this process, or in that of a ``shard``, which must be dead; give them.

    For when nothing is being written any more, or not yet.
    """
    ended = [await _end(store, passage) for passage in await store.waiting(shard)]
    if ended:
        kept = sum(bool(passage.text) for passage in ended)
        log.warning("%d passages were interrupted; of %d the words that were shown are kept", len(ended), kept)
    return ended


async def _end(store: StoryStore, passage: Passage) -> Passage:
    path = [*([] if passage.parent_id is None else await store.path_to(passage.parent_id)), passage]
    text = passage.text.rstrip()
    state = PassageState.STOPPED if text else PassageState.FAILED
    _, ended = await store.finish_passage(passage.id, text=text, state=state, title=first_words(joined(path)))
    return ended
