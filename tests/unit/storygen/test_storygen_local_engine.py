"""The engine in this process, with a tiny model: queue, streams, cancel, deadline, failure, stop."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from storygen.engine import Engine, EngineState
from storygen.engines.loading import load_writer
from storygen.engines.local import LocalEngine
from storygen.engines.model_input import ModelInput
from storygen.engines.prompt_window import PromptWindow
from storygen.engines.story_writer import Progress, StoryWriter
from storygen.errors import (
    CheckpointError,
    EngineFailed,
    EngineStopped,
    InvalidOption,
    QueueFull,
    ShareFull,
    UnknownGenre,
)
from storygen.generation import Generation
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason, Story, StoryRequest
from tests.fakes.tiny_model import write_tiny_checkpoint

SECONDS = 30.0
"""How long a test waits for what must come; it comes in a fraction of this."""


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a model that never ends a story by itself."""
    return str(write_tiny_checkpoint(tmp_path_factory.mktemp("endless") / "m", n_positions=1024, eos_bias=-30.0))


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a model that ends a story after a few words."""
    return str(write_tiny_checkpoint(tmp_path_factory.mktemp("brief") / "m", eos_bias=8.0))


def request(
    prompt: str = "The ship left",
    *,
    tokens: int = 30,
    seed: int = 1,
    genre: str = "horror",
    deadline: float = 300.0,
    user: str | None = None,
    group: str | None = None,
) -> StoryRequest:
    options = SamplingOptions(max_new_tokens=tokens)
    return StoryRequest(
        genre=genre, prompt=prompt, options=options, seed=seed, deadline_seconds=deadline, user=user, group=group
    )


async def told(generation: Generation) -> Story:
    return await asyncio.wait_for(generation.story(), SECONDS)


async def first_piece(generation: Generation) -> str:
    return await asyncio.wait_for(anext(aiter(generation)), SECONDS)


async def reached(engine: LocalEngine, state: EngineState) -> None:
    """Wait until the engine says so; a state has no event of its own."""
    async with asyncio.timeout(SECONDS):
        while engine.status().state is not state:  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.001)


class Gate:
    """Holds a worker where a test wants it: loading, or before a step."""

    def __init__(self) -> None:
        self.open = threading.Event()

    def wait(self) -> None:
        if not self.open.wait(SECONDS):
            raise TimeoutError("the test forgot to open its gate")


class SteppedWriter(StoryWriter):
    """A real writer with something that happens before each step."""

    before_step: Callable[[], object]

    def step(self) -> list[Progress]:
        if self._stories:
            self.before_step()
        return super().step()


def loader(
    checkpoint: str,
    *,
    rows: int = 2,
    before_load: Callable[[], object] = bool,
    before_step: Callable[[], object] = bool,
) -> Callable[[], StoryWriter]:
    def load() -> StoryWriter:
        before_load()
        writer = load_writer(checkpoint, device="cpu", rows=rows, threads=1)
        stepped = object.__new__(SteppedWriter)
        stepped.__dict__.update(writer.__dict__)
        stepped.before_step = before_step
        return stepped

    return load


def slow(checkpoint: str, *, rows: int = 2) -> Callable[[], StoryWriter]:
    """Give a writer that is still at it when a test wants to interrupt it, however fast the machine."""
    return loader(checkpoint, rows=rows, before_step=lambda: time.sleep(0.005))


async def test_the_pieces_together_are_the_story(tiny_checkpoint: Path) -> None:
    async with LocalEngine(str(tiny_checkpoint), threads=1) as engine, engine.submit(request(tokens=60)) as generation:
        pieces = [piece async for piece in generation]
        story = await told(generation)
    assert "".join(pieces) == story.text == generation.text
    assert len(pieces) > 1
    assert story.new_tokens <= 60
    assert (story.seed, story.model, story.prompt_was_cut) == (1, "tiny-0", False)
    assert story.waiting_seconds >= 0
    assert story.writing_seconds > 0


async def test_text_that_comes_faster_than_anybody_reads_is_sent_in_larger_pieces(
    endless: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storygen.engines.worker.NEWS_SECONDS", 3600.0)
    async with LocalEngine(endless) as engine, engine.submit(request(tokens=60)) as generation:
        pieces = [piece async for piece in generation]
        story = await generation.story()
    assert len(pieces) <= 2  # the first text, or all of it, comes with the end at the latest
    assert "".join(pieces) == story.text
    assert story.new_tokens >= 60


async def test_a_seed_repeats_its_story_alone_and_among_others(tiny_checkpoint: Path) -> None:
    async with LocalEngine(str(tiny_checkpoint), rows=4, threads=1) as engine:
        alone = await told(engine.submit(request(seed=7)))
        others = [engine.submit(request("In the old house", seed=seed)) for seed in (1, 2, 7, 9)]
        again = await told(engine.submit(request(seed=7)))
        texts = {(await told(generation)).text for generation in others}
    assert again.text == alone.text
    assert len(texts) == 4


async def test_genres_are_known_before_the_model_is_loaded(tiny_checkpoint: Path) -> None:
    engine: Engine = LocalEngine(str(tiny_checkpoint))
    assert [genre.name for genre in engine.genres][:2] == ["superhero", "sci_fi"]
    assert engine.status().state is EngineState.STOPPED
    with pytest.raises(EngineStopped):
        engine.submit(request())


async def test_what_can_not_be_written_is_refused_at_once(tiny_checkpoint: Path) -> None:
    async with LocalEngine(str(tiny_checkpoint), threads=1) as engine:
        with pytest.raises(UnknownGenre):
            engine.submit(request(genre="romance"))
        with pytest.raises(InvalidOption):
            engine.submit(request(tokens=5))
        with pytest.raises(InvalidOption):
            engine.submit(request(seed=-1))


async def test_requests_are_taken_while_the_model_loads(endless: str) -> None:
    gate = Gate()
    async with LocalEngine(endless, load=loader(endless, before_load=gate.wait)) as engine:
        generations = [engine.submit(request(seed=seed)) for seed in range(3)]
        assert engine.status().state is EngineState.LOADING
        assert engine.status().waiting == 3
        assert [generation.position for generation in generations] == [1, 2, 3]
        gate.open.set()
        stories = [await told(generation) for generation in generations]
        assert engine.status().state is EngineState.READY
    assert [story.new_tokens for story in stories] == [30, 30, 30]


async def test_a_second_story_waits_until_the_first_ends_and_sees_its_place(endless: str) -> None:
    async with LocalEngine(endless, load=slow(endless, rows=1)) as engine:
        first, second, third = (engine.submit(request(tokens=tokens)) for tokens in (800, 30, 30))
        await first_piece(first)
        assert [each.position for each in (first, second, third)] == [0, 1, 2]
        assert engine.status().running == 1
        second.cancel()
        assert (await told(second)).finish_reason is FinishReason.CANCELLED
        assert third.position == 1
        first.cancel()
        assert (await told(third)).finish_reason is FinishReason.LENGTH
        assert third.position == 0


async def test_a_full_queue_says_so_and_loses_nobody(endless: str) -> None:
    gate = Gate()
    async with LocalEngine(endless, queue_limit=2, load=loader(endless, before_load=gate.wait)) as engine:
        taken = [engine.submit(request(seed=seed)) for seed in range(2)]
        with pytest.raises(QueueFull) as raised:
            engine.submit(request())
        assert raised.value.limit == 2
        gate.open.set()
        assert [(await told(generation)).new_tokens for generation in taken] == [30, 30]


async def test_a_group_that_fills_its_share_leaves_room_for_others(endless: str) -> None:
    gate = Gate()
    load = loader(endless, before_load=gate.wait)
    async with LocalEngine(endless, queue_limit=4, queue_share=0.5, load=load) as engine:
        taken = [engine.submit(request(group="G")) for _ in range(2)]
        with pytest.raises(ShareFull):
            engine.submit(request(group="G"))
        taken.append(engine.submit(request(group="H")))
        gate.open.set()
        assert [(await told(generation)).new_tokens for generation in taken] == [30, 30, 30]


def note_turn(turns: list[str], asked: StoryRequest, _story: Story | None) -> None:
    turns.append(str(asked.user))


async def order_of_turns(engine: LocalEngine, gate: Gate, requests: list[StoryRequest]) -> list[str]:
    """Give who asked, in the order in which their stories ended; with one row, that is the order of turns."""
    turns: list[str] = []
    generations = [engine.submit(each) for each in requests]
    for generation in generations:
        generation.when_done(partial(note_turn, turns, generation.request))
    gate.open.set()
    for generation in generations:
        await told(generation)
    return turns


async def test_one_person_with_a_hundred_requests_delays_nobody_else_by_more_than_one_turn(brief: str) -> None:
    ten = [request(user=f"guest {number}", group="G") for number in range(10)]
    turns: list[list[int]] = []
    for asked_by_the_hog in (0, 1, 100):
        gate = Gate()
        load = loader(brief, rows=1, before_load=gate.wait)
        async with LocalEngine(brief, queue_limit=200, load=load) as engine:
            hog = [request(user="hog", group="G") for _ in range(asked_by_the_hog)]
            order = await order_of_turns(engine, gate, hog + ten)
        turns.append([turn for turn, user in enumerate(order, start=1) if user != "hog"])
    assert turns == [list(range(1, 11)), list(range(2, 12)), list(range(2, 12))]


async def test_a_server_with_many_people_and_one_with_few_take_turns(brief: str) -> None:
    gate = Gate()
    many = [request(user=f"many {number}", group="big") for number in range(20)]
    few = [request(user=f"few {number}", group="small") for number in range(2)]
    async with LocalEngine(brief, load=loader(brief, rows=1, before_load=gate.wait)) as engine:
        order = await order_of_turns(engine, gate, many + few)
    assert [turn for turn, user in enumerate(order, start=1) if user.startswith("few")] == [2, 4]


async def test_who_waits_learns_how_long(endless: str) -> None:
    async with LocalEngine(endless, load=slow(endless, rows=1)) as engine:
        first, second, third = (engine.submit(request(tokens=tokens)) for tokens in (800, 100, 30))
        assert engine.status().waiting_seconds is None  # nothing was seen yet
        await first_piece(first)
        async with asyncio.timeout(SECONDS):
            while second.waiting_seconds is None or third.waiting_seconds is None:
                await second.changed()
        # Before any story has ended, the running one is taken to be of usual length, and 800 tokens are more than that.
        assert 0 < second.waiting_seconds < third.waiting_seconds
        assert (engine.status().waiting_seconds or 0) >= third.waiting_seconds
        assert first.waiting_seconds == 0.0


async def test_a_full_queue_says_how_long_another_would_wait(endless: str) -> None:
    async with LocalEngine(endless, queue_limit=1, load=slow(endless, rows=1)) as engine:
        running = engine.submit(request(tokens=800))
        await first_piece(running)
        waiting = engine.submit(request(tokens=100))
        async with asyncio.timeout(SECONDS):
            while waiting.waiting_seconds is None:
                await waiting.changed()
        with pytest.raises(QueueFull) as raised:
            engine.submit(request())
        assert (raised.value.waiting_seconds or 0) > waiting.waiting_seconds


async def test_while_it_pauses_what_runs_goes_on_and_what_comes_waits(endless: str) -> None:
    async with LocalEngine(endless, threads=1) as engine:
        running = engine.submit(request(tokens=300))
        await first_piece(running)
        engine.pause()
        waiting = engine.submit(request())
        assert engine.status().state is EngineState.PAUSED
        assert (await told(running)).new_tokens == 300
        assert (engine.status().waiting, waiting.position) == (1, 1)
        assert waiting.waiting_seconds is None
        engine.resume()
        assert (await told(waiting)).new_tokens == 30


async def test_who_waits_in_a_pause_can_leave_and_is_ended_when_the_engine_stops(endless: str) -> None:
    async with LocalEngine(endless, threads=1) as engine:
        engine.pause()
        impatient, patient = engine.submit(request()), engine.submit(request())
        impatient.cancel()
        assert (await told(impatient)).finish_reason is FinishReason.CANCELLED
    assert (await told(patient)).finish_reason is FinishReason.CANCELLED


async def test_draining_finishes_what_there_is_and_takes_nothing_more(endless: str) -> None:
    async with LocalEngine(endless, rows=1, threads=1) as engine:
        engine.pause()
        generations = [engine.submit(request()) for _ in range(3)]
        assert await engine.drain(SECONDS)
        assert engine.status().state is EngineState.DRAINING
        assert [(await told(generation)).new_tokens for generation in generations] == [30, 30, 30]
        with pytest.raises(EngineStopped):
            engine.submit(request())


async def test_draining_takes_no_longer_than_it_may_and_stops_nothing(endless: str) -> None:
    async with LocalEngine(endless, load=slow(endless)) as engine:
        generation = engine.submit(request(tokens=800))
        await first_piece(generation)
        assert not await engine.drain(0.01)
        assert not generation.done
        generation.cancel()
        assert await engine.drain(SECONDS)


async def test_an_engine_that_was_not_started_can_not_be_paused_or_drained(endless: str) -> None:
    engine = LocalEngine(endless)
    with pytest.raises(EngineStopped):
        engine.pause()
    with pytest.raises(EngineStopped):
        engine.resume()
    with pytest.raises(EngineStopped):
        await engine.drain(1)


async def test_cancel_stops_before_the_next_step_and_keeps_what_was_written(endless: str) -> None:
    steps = []
    load = loader(endless, before_step=lambda: steps.append(1))
    async with LocalEngine(endless, load=load) as engine:
        generation = engine.submit(request(tokens=800))
        await first_piece(generation)
        generation.cancel()
        at_cancel = len(steps)
        story = await told(generation)
        at_end = len(steps)
    assert story.finish_reason is FinishReason.CANCELLED
    assert 0 < story.new_tokens <= at_end
    assert at_end - at_cancel <= 2  # the step under way, and one that may begin while the flag is being set
    assert story.text == generation.text != ""


async def test_leaving_the_block_stops_the_model(endless: str) -> None:
    async with LocalEngine(endless, load=slow(endless)) as engine:
        async with engine.submit(request(tokens=800)) as generation:
            await first_piece(generation)
        assert (await told(generation)).finish_reason is FinishReason.CANCELLED
        assert engine.status().running == 0


async def test_a_deadline_ends_a_story_that_is_being_written(endless: str) -> None:
    async with LocalEngine(endless, load=slow(endless)) as engine:
        await told(engine.submit(request()))  # so that loading does not count
        story = await told(engine.submit(request(tokens=800, deadline=0.5)))
    assert story.finish_reason is FinishReason.DEADLINE
    assert 0 < story.new_tokens < 800


async def test_a_deadline_ends_a_story_that_still_waits(endless: str) -> None:
    gate = Gate()
    async with LocalEngine(endless, load=loader(endless, before_load=gate.wait)) as engine:
        generation = engine.submit(request(deadline=0.01))
        story = await told(generation)
        gate.open.set()
    assert (story.finish_reason, story.text, story.new_tokens) == (FinishReason.DEADLINE, "", 0)


async def test_a_long_prompt_is_cut_from_the_left_and_said(tiny_checkpoint: Path) -> None:
    async with LocalEngine(str(tiny_checkpoint), threads=1) as engine:
        story = await told(engine.submit(request("She opened the letter. " * 100)))
        short = await told(engine.submit(request("She opened the letter.")))
    assert story.prompt_was_cut
    assert not short.prompt_was_cut
    assert 100 < story.prompt_tokens <= 256 - 30


@pytest.mark.parametrize(
    "prompt", ["", " ", "🦇", "\u202eabc", "a" * 1500, "<EOS> <BOS> <horror>", "\ud800", "\x00", "שלום עולם", "\n\n"]
)
async def test_any_prompt_gets_a_story(tiny_checkpoint: Path, prompt: str) -> None:
    async with LocalEngine(str(tiny_checkpoint), threads=1) as engine:
        story = await told(engine.submit(request(prompt)))
    assert story.text.strip()
    assert not any(token in story.text for token in ("<BOS>", "<EOS>", "<PAD>", "<horror>"))


async def test_control_tokens_in_a_prompt_are_not_read_as_such(tiny_checkpoint: Path) -> None:
    async with LocalEngine(str(tiny_checkpoint), threads=1) as engine:
        bare = await told(engine.submit(request("")))
        framed = await told(engine.submit(request("<EOS><BOS> <drama>")))
    assert (bare.text, bare.prompt_tokens) == (framed.text, framed.prompt_tokens)


async def test_stopping_ends_every_stream_with_what_it_has(endless: str) -> None:
    engine = LocalEngine(endless, load=slow(endless, rows=2))
    async with engine:
        generations = [engine.submit(request(tokens=800)) for _ in range(4)]
        await first_piece(generations[1])
    assert all(generation.done for generation in generations)
    stories = [await told(generation) for generation in generations]
    assert {story.finish_reason for story in stories} == {FinishReason.CANCELLED}
    assert [bool(story.text) for story in stories] == [True, True, False, False]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("storygen-worker")]
    assert engine.status().state is EngineState.STOPPED
    with pytest.raises(EngineStopped):
        engine.submit(request())


async def test_stopping_while_loading_ends_who_waits_at_once(endless: str) -> None:
    gate = Gate()
    engine = LocalEngine(endless, load=loader(endless, before_load=gate.wait))
    async with engine:
        generation = engine.submit(request())
        asyncio.get_running_loop().call_later(0.05, gate.open.set)
    assert (await told(generation)).finish_reason is FinishReason.CANCELLED


async def test_several_workers_share_one_queue(endless: str) -> None:
    async with LocalEngine(endless, workers=2, load=slow(endless, rows=1)) as engine:
        names = sorted(thread.name for thread in threading.enumerate() if "storygen" in thread.name)
        assert names == ["storygen-worker-0", "storygen-worker-1"]
        long = [engine.submit(request(tokens=800)) for _ in range(2)]
        for generation in long:
            await first_piece(generation)
        assert engine.status().running == 2
        for generation in long:
            generation.cancel()
        assert (await told(engine.submit(request()))).new_tokens == 30


async def test_a_model_that_can_not_be_loaded_fails_who_waits_and_who_comes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_tiny_checkpoint(tmp_path / "x")
    (folder / "model.safetensors").write_bytes(b"broken")
    gate = Gate()
    with caplog.at_level(logging.CRITICAL, logger="storygen"):
        async with LocalEngine(str(folder), load=loader(str(folder), before_load=gate.wait)) as engine:
            generation = engine.submit(request())
            gate.open.set()
            with pytest.raises(CheckpointError):
                await told(generation)
            await reached(engine, EngineState.FAILED)
            with pytest.raises(CheckpointError):
                engine.submit(request())


async def test_a_worker_that_dies_fails_its_stories_and_starts_again(
    endless: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storygen.engines.trial.STEPS", 0)
    deaths = [0]

    def die_once() -> None:
        if deaths[0] == 0:
            deaths[0] += 1
            raise MemoryError("no more")

    async with LocalEngine(endless, load=loader(endless, rows=1, before_step=die_once)) as engine:
        struck, waiting = engine.submit(request(prompt="secret words")), engine.submit(request())
        with pytest.raises(EngineFailed) as raised:
            await told(struck)
        assert isinstance(raised.value.__cause__, MemoryError)
        assert (await told(waiting)).new_tokens == 30
        assert (await told(engine.submit(request()))).new_tokens == 30
    assert "MemoryError" in caplog.text
    assert "secret words" not in caplog.text


async def test_a_worker_that_dies_in_its_trial_starts_again_and_nobody_is_told(endless: str) -> None:
    deaths = [0]

    def die_once() -> None:
        deaths[0] += 1
        if deaths[0] == 1:
            raise MemoryError("no more")

    async with LocalEngine(endless, load=loader(endless, rows=1, before_step=die_once)) as engine:
        assert (await told(engine.submit(request()))).new_tokens == 30
    assert deaths[0] > 1


async def test_the_stories_of_a_trial_are_nobodys(endless: str) -> None:
    gate = Gate()
    async with LocalEngine(endless, load=loader(endless, before_step=gate.wait)) as engine:
        waiting = engine.submit(request())
        status = engine.status()
        assert (status.state, status.running, status.waiting) == (EngineState.LOADING, 0, 1)
        gate.open.set()
        await told(waiting)


async def test_a_worker_that_dies_too_often_leaves_the_engine_failed(
    endless: str, caplog: pytest.LogCaptureFixture
) -> None:
    loads = []

    def die() -> None:
        raise RuntimeError("broken for good")

    load = loader(endless, rows=1, before_load=lambda: loads.append(1), before_step=die)
    with caplog.at_level(logging.CRITICAL, logger="storygen"):
        async with LocalEngine(endless, load=load) as engine:
            generations = [engine.submit(request(seed=seed)) for seed in range(10)]
            for generation in generations:
                with pytest.raises(EngineFailed):
                    await told(generation)
            await reached(engine, EngineState.FAILED)
            with pytest.raises(EngineFailed):
                engine.submit(request())
    assert len(loads) == 4


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # that is what this test makes
async def test_a_thread_that_is_ended_from_outside_fails_its_stories_and_who_waits(endless: str) -> None:
    def leave() -> None:
        raise SystemExit

    async with LocalEngine(endless, load=loader(endless, rows=1, before_step=leave)) as engine:
        generations = [engine.submit(request(seed=seed)) for seed in range(3)]
        for generation in generations:
            with pytest.raises(EngineFailed):
                await told(generation)
        with pytest.raises(EngineFailed):
            engine.submit(request())


async def test_one_prompt_that_can_not_be_read_does_not_harm_the_others(
    endless: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Picky(StoryWriter):
        def window(
            self, model_input: ModelInput, max_new_tokens: int, *, n_positions: int | None = None
        ) -> PromptWindow:
            if "poison" in model_input.text:
                raise ValueError("unreadable")
            return super().window(model_input, max_new_tokens, n_positions=n_positions)

    def load() -> StoryWriter:
        picky = object.__new__(Picky)
        picky.__dict__.update(load_writer(endless, device="cpu", rows=3, threads=1).__dict__)
        return picky

    with caplog.at_level(logging.CRITICAL, logger="storygen"):
        async with LocalEngine(endless, load=load) as engine:
            good, bad = engine.submit(request(tokens=200)), engine.submit(request("poison"))
            with pytest.raises(EngineFailed):
                await told(bad)
            assert (await told(good)).new_tokens == 200
            assert engine.status().state is EngineState.READY


async def test_the_event_loop_stays_free_while_stories_are_written(endless: str) -> None:
    loop = asyncio.get_running_loop()
    async with LocalEngine(endless, rows=8, threads=1) as engine:
        generations = [engine.submit(request(tokens=150, seed=seed)) for seed in range(8)]
        longest, before = 0.0, loop.time()
        while not all(generation.done for generation in generations):
            await asyncio.sleep(0)
            longest, before = max(longest, loop.time() - before), loop.time()
    assert longest < 2.0  # Discord grants three seconds; in practice this is some milliseconds
