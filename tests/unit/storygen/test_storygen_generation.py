"""One stream of text that always ends."""

from __future__ import annotations

import asyncio
import threading

import pytest

from storygen.errors import EngineFailed
from storygen.generation import Event, Failed, Finished, Generation, Moved, Piece, deliver
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason, Story, StoryRequest

REQUEST = StoryRequest(genre="horror", prompt="", options=SamplingOptions(), seed=1)


def story(text: str) -> Story:
    return Story(
        text=text,
        finish_reason=FinishReason.EOS,
        seed=1,
        model="none",
        prompt_tokens=1,
        new_tokens=1,
        prompt_was_cut=False,
        waiting_seconds=0.0,
        writing_seconds=0.0,
    )


def generation(cancelled: list[str] | None = None) -> Generation:
    seen = [] if cancelled is None else cancelled
    return Generation(REQUEST, 3, lambda: seen.append("cancel"))


async def test_pieces_come_in_order_and_then_the_story() -> None:
    stream = generation()
    for event in (Moved(0), Piece(" Once"), Piece(" upon"), Finished(story(" Once upon"))):
        stream.receive(event)
    assert "".join([piece async for piece in stream]) == " Once upon"
    assert await stream.story() == story(" Once upon")
    assert stream.done


async def test_a_reader_that_waits_is_woken_by_each_change() -> None:
    stream = generation()
    reader = asyncio.create_task(collect(stream))
    loop = asyncio.get_running_loop()
    events: list[Event] = [Piece("a"), Piece("b"), Finished(story("ab"))]
    for event in events:
        await asyncio.to_thread(deliver, loop, [(stream, event)])
    assert await asyncio.wait_for(reader, 5) == "ab"


async def test_a_failure_comes_after_the_last_piece() -> None:
    stream = generation()
    stream.receive(Piece("a"))
    stream.receive(Failed(EngineFailed()))
    pieces = aiter(stream)
    assert await anext(pieces) == "a"
    with pytest.raises(EngineFailed):
        await anext(pieces)


async def test_leaving_the_block_cancels_what_runs_and_not_what_has_ended() -> None:
    cancelled: list[str] = []
    async with generation(cancelled):
        pass
    assert cancelled == ["cancel"]
    async with generation(cancelled) as stream:
        stream.receive(Finished(story("")))
    assert cancelled == ["cancel"]


async def test_what_comes_after_the_end_is_dropped() -> None:
    stream = generation()
    stream.receive(Finished(story("")))
    for event in (Piece("late"), Failed(EngineFailed()), Finished(story("late")), Moved(5)):
        stream.receive(event)
    assert (stream.text, stream.position, await stream.story()) == ("", 0, story(""))


async def test_places_in_the_queue_are_reported() -> None:
    stream = generation()
    assert stream.position == 3
    stream.receive(Moved(2))
    await asyncio.wait_for(stream.changed(), 5)
    assert stream.position == 2


async def test_a_reader_that_gives_up_does_not_end_the_story() -> None:
    stream = generation()
    waiter = asyncio.create_task(stream.story())
    await asyncio.sleep(0)
    waiter.cancel()
    stream.receive(Finished(story("x")))
    assert (await stream.story()).text == "x"


def test_a_closed_loop_is_no_error() -> None:
    loop = asyncio.new_event_loop()
    stream = loop.run_until_complete(_make())
    loop.close()
    thread = threading.Thread(target=deliver, args=(loop, [(stream, Piece("late"))]))
    thread.start()
    thread.join()
    deliver(loop, [(stream, Piece("late"))])
    assert stream.text == ""


async def _make() -> Generation:
    return generation()


async def collect(stream: Generation) -> str:
    return "".join([piece async for piece in stream])
