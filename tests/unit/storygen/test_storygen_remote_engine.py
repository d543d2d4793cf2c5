"""The remote engine against a server that does what a test says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from storygen.checkpoint import BUILTIN
from storygen.engine import Engine, EngineState
from storygen.engines.remote import RemoteEngine, RemoteOptions
from storygen.engines.remote.errors import (
    RemoteFailed,
    RequestRefused,
    ServerRefused,
    ServerUnavailable,
    StoryBroken,
)
from storygen.engines.remote.waiting_times import WaitingTimes
from storygen.errors import EngineFailed, EngineStopped, InvalidOption, QueueFull, ShareFull, UnknownGenre
from storygen.generation import Generation
from storygen.sampling import SamplingOptions
from storygen.story import FINISHING_TOKENS, FinishReason, Story, StoryRequest, Wanted
from storygen.titles import TITLE_OPTIONS
from tests.fakes.completions_server import (
    DONE,
    MODEL,
    Answer,
    CompletionsServer,
    dead_url,
    event,
    hang,
    raw,
    status,
    story,
    unknown_fields,
)

PROMPT = "The lighthouse keeper Zebulon"
QUICK = {"backoff_seconds": 0.001, "first_seconds": 20.0, "between_seconds": 20.0}


def request(prompt: str = PROMPT, *, deadline: float = 60.0, seed: int = 7, **options: Any) -> StoryRequest:
    return StoryRequest(
        genre="horror",
        prompt=prompt,
        options=SamplingOptions(**{"max_new_tokens": 40, **options}),
        seed=seed,
        deadline_seconds=deadline,
    )


def title_request() -> StoryRequest:
    return replace(request(), wants=Wanted.TITLE, options=TITLE_OPTIONS)


@asynccontextmanager
async def engine_on(
    *servers: CompletionsServer | str, queue_limit: int = 8, **options: Any
) -> AsyncIterator[RemoteEngine]:
    urls = tuple(server if isinstance(server, str) else server.url for server in servers)
    made = RemoteEngine(BUILTIN, RemoteOptions(base_urls=urls, **{**QUICK, **options}), queue_limit=queue_limit)
    async with asyncio.timeout(30), made as engine:
        yield engine


async def told(*answers: Answer, wanted: StoryRequest | None = None, **options: Any) -> tuple[Story, CompletionsServer]:
    async with CompletionsServer(*answers) as server, engine_on(server, **options) as engine:
        return await engine.submit(wanted or request()).story(), server


async def failed(*answers: Answer, **options: Any) -> tuple[RemoteFailed, str, CompletionsServer]:
    """Give the error that a story ends with, and what of it was shown."""
    async with CompletionsServer(*answers) as server, engine_on(server, **options) as engine:
        generation = engine.submit(request())
        with pytest.raises(RemoteFailed) as caught:
            await generation.story()
        return caught.value, generation.text, server


async def test_a_story_comes_piece_by_piece_and_is_whole_at_the_end() -> None:
    async with CompletionsServer(story(" saw", " a ship.")) as server, engine_on(server) as engine:
        generation = engine.submit(request(seed=2**62 + 5))
        pieces = [piece async for piece in generation]
        found = await generation.story()
    assert "".join(pieces) == found.text == " saw a ship."
    assert (found.finish_reason, found.seed, found.model) == (FinishReason.EOS, 2**62 + 5, MODEL)
    assert (found.prompt_tokens, found.new_tokens, found.prompt_was_cut) == (7, 2, False)
    assert found.waiting_seconds >= 0
    assert found.writing_seconds > 0


async def test_the_server_gets_the_rendered_prompt_and_the_options_under_its_names() -> None:
    wanted = request(temperature=1.2, top_k=30, top_p=0.9, repetition_penalty=1.3, max_new_tokens=77)
    _, server = await told(story(" a"), wanted=wanted, api_key="secret-key")
    assert server.bodies == [
        {
            "model": MODEL,
            "prompt": f"<BOS> <horror> {PROMPT}",
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": 77,
            "min_tokens": 8,
            "temperature": 1.2,
            "top_p": 0.9,
            "top_k": 30,
            "repetition_penalty": 1.3,
            "seed": 7,
            "stop": ["<EOS>"],
            "add_special_tokens": False,
            "skip_special_tokens": False,
        }
    ]
    assert server.asked[0].request.headers["Authorization"] == "Bearer secret-key"


async def test_control_tokens_that_a_person_typed_do_not_reach_the_server() -> None:
    _, server = await told(wanted=request("<EOS> once < BOS > upon <horror>"))
    assert server.bodies[0]["prompt"] == "<BOS> <horror> once upon"


async def test_a_long_prompt_is_cut_from_the_left_with_the_checkpoints_tokenizer() -> None:
    found, server = await told(wanted=request("The moon rose over the hill. " * 200 + "Then it came."))
    assert found.prompt_was_cut
    assert server.bodies[0]["prompt"].startswith("<BOS> <horror> The moon")
    assert server.bodies[0]["prompt"].endswith("Then it came.")
    assert len(server.bodies[0]["prompt"]) < 3000


async def test_a_server_that_says_how_many_positions_it_has_is_believed() -> None:
    models = [{"id": MODEL, "max_model_len": 128}]
    async with CompletionsServer(models=models) as server, engine_on(server) as engine:
        found = await engine.submit(request("word " * 200)).story()
    assert found.prompt_was_cut
    assert len(server.bodies[0]["prompt"].split()) < 100


async def test_a_prompt_that_the_server_finds_too_long_is_cut_further() -> None:
    too_long = status(400, "This model's maximum context length is 64 tokens, however you requested 90 tokens")
    found, server = await told(too_long, too_long, story(" a"), wanted=request("word " * 400))
    lengths = [len(body["prompt"]) for body in server.bodies]
    assert found.prompt_was_cut
    assert lengths == sorted(lengths, reverse=True)
    assert len(set(lengths)) == 3


async def test_length_is_told_apart_from_an_end() -> None:
    found, _ = await told(story(" a", " b", reason="length"))
    assert (found.finish_reason, found.new_tokens) == (FinishReason.LENGTH, 3)


async def test_control_tokens_in_the_answer_are_taken_out_also_where_a_border_cuts_them() -> None:
    found, _ = await told(story(" a", " <hor", "ror> b <", " c <PA", "D>"))
    assert found.text == " a  b < c "


async def test_an_end_token_in_the_text_ends_the_story_and_lets_the_server_go() -> None:
    async with CompletionsServer(hang(event(" a <E"), event("OS> junk"))) as server, engine_on(server) as engine:
        found = await engine.submit(request()).story()
        await server.asked[0].left.wait()
    assert (found.text, found.finish_reason) == (" a ", FinishReason.EOS)


async def test_submit_refuses_what_the_local_engine_refuses() -> None:
    async with CompletionsServer() as server, engine_on(server) as engine:
        with pytest.raises(UnknownGenre):
            engine.submit(StoryRequest(genre="western", prompt="", options=SamplingOptions(), seed=1))
        with pytest.raises(InvalidOption):
            engine.submit(request(temperature=9.0))
        with pytest.raises(InvalidOption):
            engine.submit(request(seed=-1))
    assert server.asked == []


async def test_the_operators_genres_win_over_the_checkpoints() -> None:
    async with CompletionsServer() as server, engine_on(server, genres=("western", "film_noir")) as engine:
        assert [(genre.name, genre.label) for genre in engine.genres] == [
            ("western", "Western"),
            ("film_noir", "Film Noir"),
        ]


async def test_before_the_start_and_after_the_stop_nothing_is_taken() -> None:
    engine = RemoteEngine(BUILTIN, RemoteOptions(base_urls=(dead_url(),)))
    assert engine.status().state is EngineState.STOPPED
    with pytest.raises(EngineStopped):
        engine.submit(request())
    async with engine:
        pass
    with pytest.raises(EngineStopped):
        engine.submit(request())


async def test_the_engine_satisfies_the_protocol_and_says_how_it_is() -> None:
    async with CompletionsServer(hang(event(" a"))) as server, engine_on(server, at_once=1) as made:
        engine: Engine = made
        running, waiting = engine.submit(request()), engine.submit(request())
        await server.was_asked()
        await running.changed()
        found = engine.status()
    assert (found.state, found.model, found.waiting, found.running) == (EngineState.READY, MODEL, 1, 1)
    assert found.device.startswith("http://127.0.0.1:")
    assert (await running.story()).finish_reason is FinishReason.CANCELLED
    assert (await waiting.story()).finish_reason is FinishReason.CANCELLED


async def test_only_so_many_are_with_the_server_at_once_and_the_rest_see_their_places() -> None:
    async with CompletionsServer(hang(event(" a"))) as server, engine_on(server, at_once=1) as engine:
        first, second, third = (engine.submit(request()) for _ in range(3))
        assert [each.position for each in (first, second, third)] == [0, 1, 2]
        await server.was_asked()
        first.cancel()
        await second.story()
        assert (await third.story()).text
        assert len(server.asked) == 3


async def test_a_full_queue_is_said_at_once() -> None:
    async with CompletionsServer(hang()) as server, engine_on(server, at_once=1, queue_limit=1) as engine:
        engine.submit(request())
        engine.submit(request())
        with pytest.raises(QueueFull):
            engine.submit(request())


async def test_one_group_can_not_fill_the_whole_queue() -> None:
    options = RemoteOptions(base_urls=(dead_url(),), at_once=1)
    async with RemoteEngine(BUILTIN, options, queue_limit=2, queue_share=0.5) as engine:
        engine.pause()
        engine.submit(request())
        with pytest.raises(ShareFull):
            engine.submit(request())


async def test_cancelling_closes_the_connection_and_keeps_what_there_is() -> None:
    async with CompletionsServer(hang(event(" a ship"))) as server, engine_on(server) as engine:
        async with engine.submit(request()) as generation:
            while not generation.text:
                await generation.changed()
        found = await generation.story()
        await server.asked[0].left.wait()
    assert (found.text, found.finish_reason, found.new_tokens) == (" a ship", FinishReason.CANCELLED, 1)


async def test_cancelling_in_the_same_breath_as_submitting_ends_the_story_too() -> None:
    async with CompletionsServer() as server, engine_on(server) as engine:
        generation = engine.submit(request())
        generation.cancel()
        assert (await generation.story()).finish_reason is FinishReason.CANCELLED


async def test_a_request_that_is_cancelled_while_it_waits_never_reaches_a_server() -> None:
    async with CompletionsServer(hang()) as server, engine_on(server, at_once=1) as engine:
        engine.submit(request())
        waiting, last = engine.submit(request("never sent")), engine.submit(request())
        waiting.cancel()
        assert (await waiting.story()).finish_reason is FinishReason.CANCELLED
        await until_position(last, 1)
        await server.was_asked()
    assert "never sent" not in str(server.bodies)


@pytest.mark.parametrize("parts", [(), (event(" a"),)], ids=["before the first word", "in the middle"])
async def test_a_deadline_ends_a_story_with_what_it_has(parts: tuple[bytes, ...]) -> None:
    async with CompletionsServer(hang(*parts)) as server, engine_on(server) as engine:
        found = await engine.submit(request(deadline=1.0)).story()
        await server.asked[0].left.wait()
    assert (found.text, found.finish_reason) == (" a" if parts else "", FinishReason.DEADLINE)


async def test_a_deadline_ends_a_request_that_waits() -> None:
    async with CompletionsServer(hang()) as server, engine_on(server, at_once=1) as engine:
        engine.submit(request())
        assert (await engine.submit(request(deadline=0.05)).story()).finish_reason is FinishReason.DEADLINE


async def test_a_paused_engine_takes_requests_and_begins_none_until_it_goes_on() -> None:
    async with CompletionsServer() as server, engine_on(server) as engine:
        engine.pause()
        generation = engine.submit(request())
        assert generation.position == 1
        engine.resume()
        assert (await generation.story()).text == " and then."


async def test_draining_takes_nothing_more_and_waits_for_what_there_is() -> None:
    async with CompletionsServer() as server, engine_on(server, at_once=1) as engine:
        generations = [engine.submit(request()) for _ in range(3)]
        assert await engine.drain(20.0)
        assert all(generation.done for generation in generations)
        assert engine.status().state is EngineState.DRAINING
        with pytest.raises(EngineStopped):
            engine.submit(request())


async def test_draining_says_when_the_time_was_too_short() -> None:
    async with CompletionsServer(hang()) as server, engine_on(server) as engine:
        engine.submit(request())
        assert not await engine.drain(0.05)


@pytest.mark.parametrize(
    "trouble",
    [
        status(500),
        status(502),
        status(503),
        raw(cut=True),
        raw(b"data: {garbage\n\n"),
        raw(b'data: {"error": "out of memory"}\n\n'),
        raw(b"data: [1, 2]\n\n"),
        raw(b'data: {"choices": [7]}\n\n'),
        raw(event("")),
        raw(event("")[:-9], cut=True),
        raw(b"<html>hello</html>"),
        raw(event("", "abort")),
        raw(b"data: \xff\xfe\n\n"),
    ],
    ids=[
        "500", "502", "503", "cut at once", "garbage", "error event", "no object", "other form", "ends early",
        "cut in an event", "html", "aborted", "no text",
    ],
)  # fmt: skip
async def test_a_failure_before_the_first_word_is_tried_again(trouble: Answer) -> None:
    found, server = await told(trouble, story(" all", " well"))
    assert found.text == " all well"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "trouble",
    [
        raw(event(" a"), cut=True),
        raw(event(" a"), event(" b")[:-9], cut=True),
        raw(event(" a"), b"data: {garbage\n\n"),
        raw(event(" a"), b'data: {"error": {"message": "out of memory"}}\n\n'),
        raw(event(" a")),
    ],
    ids=["cut", "cut in an event", "garbage", "error event", "ends early"],
)
async def test_a_failure_after_the_first_word_is_never_tried_again(trouble: Answer) -> None:
    failure, shown, server = await failed(trouble)
    assert isinstance(failure, StoryBroken)
    assert shown == " a"
    assert len(server.asked) == 1


async def test_a_server_that_hangs_before_the_first_word_is_left_for_another_try() -> None:
    found, server = await told(hang(), story(" late"), first_seconds=1.0)
    assert found.text == " late"
    await server.asked[0].left.wait()


async def test_a_server_that_hangs_between_two_words_breaks_the_story() -> None:
    failure, shown, _ = await failed(hang(event(" a")), between_seconds=0.2)
    assert (type(failure), shown) == (StoryBroken, " a")
    assert "no answer in time" in failure.problem


async def test_a_server_that_closes_behind_the_finish_reason_has_told_the_story() -> None:
    found, _ = await told(raw(event(" a"), event("", "stop"), cut=True))
    assert (found.text, found.finish_reason, found.new_tokens) == (" a", FinishReason.EOS, 1)


async def test_done_alone_ends_a_story_too() -> None:
    found, _ = await told(raw(event(" a"), b": still here\n\n", DONE))
    assert (found.text, found.finish_reason) == (" a", FinishReason.EOS)


async def test_after_so_many_tries_a_story_is_given_up() -> None:
    failure, shown, server = await failed(*[status(500)] * 9, tries=3)
    assert isinstance(failure, ServerUnavailable)
    assert isinstance(failure, EngineFailed)
    assert shown == ""
    assert len(server.asked) == 3


@pytest.mark.parametrize("code", [401, 403, 404, 301])
async def test_a_server_that_does_not_want_us_is_asked_once(code: int) -> None:
    failure, _, server = await failed(*[status(code)] * 5)
    assert isinstance(failure, ServerRefused)
    assert str(code) in failure.problem
    assert len(server.asked) == 1


async def test_a_request_that_is_wrong_is_asked_once() -> None:
    failure, _, server = await failed(*[status(400, "prompt is not to my liking")] * 5)
    assert isinstance(failure, RequestRefused)
    assert len(server.asked) == 1


@pytest.mark.parametrize("code", [429, 503])
async def test_a_server_that_says_when_to_come_back_is_left_alone_until_then(code: int) -> None:
    loop = asyncio.get_running_loop()
    times: list[float] = []

    async def busy(asked: Any) -> Any:
        times.append(loop.time())
        return await status(code, Retry_After="0.3")(asked)

    async def well(asked: Any) -> Any:
        times.append(loop.time())
        return await story(" a")(asked)

    found, server = await told(busy, busy, well, tries=1)
    assert found.text == " a"
    assert [later - earlier >= 0.29 for earlier, later in pairwise(times)] == [True, True]
    assert len(server.asked) == 3


async def test_a_wait_beyond_the_deadline_is_not_waited_for() -> None:
    async with CompletionsServer(status(429, Retry_After="100")) as server, engine_on(server) as engine:
        generation = engine.submit(request(deadline=20.0))
        with pytest.raises(ServerUnavailable, match="429"):
            await generation.story()
    assert len(server.asked) == 1


async def test_fields_that_a_server_does_not_know_are_left_out_and_it_is_remembered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refusal = unknown_fields("top_k", "repetition_penalty", "skip_special_tokens", "add_special_tokens", "min_tokens")
    async with CompletionsServer(refusal) as server, engine_on(server) as engine:
        for _ in range(2):
            assert (await engine.submit(request(top_k=30)).story()).text == " and then."
    first, second, third = server.bodies
    assert "top_k" in first
    assert second == third
    assert not {"top_k", "repetition_penalty", "skip_special_tokens", "min_tokens"} & set(second)
    assert '"top_k": 30' in second["generation_config"]
    assert sum("is sent them no more" in line for line in caplog.messages) == 1


async def test_a_server_that_names_one_unknown_field_at_a_time_is_satisfied_step_by_step() -> None:
    refusals = [
        status(400, f"Unrecognized request argument supplied: {name}")
        for name in ("top_k", "generation_config", "min_tokens", "seed")
    ]
    found, server = await told(*refusals, story(" a"))
    assert found.text == " a"
    assert not {"top_k", "generation_config", "min_tokens", "seed"} & set(server.bodies[-1])


async def test_a_refusal_that_only_repeats_the_request_is_not_remembered() -> None:
    echo = status(422, str({"loc": ["body", "prompt"], "input": {"top_k": 5, "seed": 7}}))
    async with CompletionsServer(*[echo] * 2) as server, engine_on(server) as engine:
        with pytest.raises(RequestRefused):
            await engine.submit(request()).story()
        await engine.submit(request()).story()
    assert server.bodies[-1].keys() == server.bodies[0].keys()


async def test_of_two_servers_a_dead_one_is_passed_over() -> None:
    async with CompletionsServer() as server, engine_on(dead_url(), server) as engine:
        stories = [await engine.submit(request()).story() for _ in range(4)]
    assert {each.text for each in stories} == {" and then."}


async def test_a_server_that_refuses_us_is_passed_over_for_the_other() -> None:
    async with (
        CompletionsServer(*[status(401)] * 9) as locked,
        CompletionsServer() as open_to_us,
        engine_on(locked, open_to_us) as engine,
    ):
        for _ in range(3):
            assert (await engine.submit(request()).story()).text == " and then."
    assert len(open_to_us.asked) == 3


async def test_two_servers_share_the_stories() -> None:
    async with (
        CompletionsServer(*[hang()] * 4) as one,
        CompletionsServer(*[hang()] * 4) as other,
        engine_on(one, other, at_once=4) as engine,
    ):
        for _ in range(4):
            engine.submit(request())
        await asyncio.gather(one.was_asked(2), other.was_asked(2))
    assert (len(one.asked), len(other.asked)) == (2, 2)


async def test_with_all_servers_dead_the_engine_says_so_and_each_story_fails() -> None:
    async with engine_on(dead_url(), dead_url(), tries=3) as engine:
        with pytest.raises(ServerUnavailable, match="no connection"):
            await engine.submit(request()).story()
        assert engine.status().state is EngineState.FAILED


async def test_a_model_that_the_operator_names_need_not_be_listed() -> None:
    async with CompletionsServer(models=[]) as server, engine_on(server, model="/models/my-own/") as engine:
        found = await engine.submit(request()).story()
    assert server.bodies[0]["model"] == "/models/my-own/"
    assert found.model == "my-own"


async def test_a_server_without_a_model_is_a_clear_error() -> None:
    async with CompletionsServer(models=[]) as server, engine_on(server) as engine:
        with pytest.raises(ServerRefused, match="REMOTE_MODEL"):
            await engine.submit(request()).story()


async def test_neither_the_key_nor_a_prompt_nor_a_story_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ["secret-key", "Zebulon", "grimoire"]
    troubles = [
        status(500, f"failed on {PROMPT}"),
        raw(f"data: {{{PROMPT} grimoire\n\n".encode()),
        raw(event(" grimoire"), cut=True),
        status(400, f"bad prompt: {PROMPT}"),
        status(401, "secret-key is wrong"),
    ]
    async with CompletionsServer(*troubles) as server, engine_on(server, api_key="secret-key") as engine:
        errors = []
        for _ in range(3):
            with pytest.raises(RemoteFailed) as caught:
                await engine.submit(request()).story()
            errors.append(f"{caught.value!r} {caught.value.__cause__!r}")
    assert len(server.asked) == len(troubles)
    said = caplog.text + str(errors) + repr(RemoteOptions(base_urls=(), api_key="secret-key"))
    assert [secret for secret in secrets if secret in said] == []


async def until_position(generation: Generation, position: int) -> None:
    async with asyncio.timeout(10):
        while generation.position != position:
            await generation.changed()


async def test_a_crowd_that_comes_at_once_is_told_its_places_in_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    waits = WaitingTimes.waits

    def counted(self: WaitingTimes, running: Any, waiting: Any) -> list[float | None]:
        looks.append(len(waiting))
        return waits(self, running, waiting)

    async with (
        CompletionsServer(story(*[" a"] * 9), *[hang()] * 9) as server,
        engine_on(server, at_once=1, queue_limit=64) as engine,
    ):
        await engine.submit(request()).story()
        monkeypatch.setattr(WaitingTimes, "waits", counted)
        crowd = [engine.submit(request()) for _ in range(50)]
        async with asyncio.timeout(10):
            while crowd[-1].waiting_seconds is None:
                await crowd[-1].changed()
        engine.status()
    assert [waiting for waiting in looks if waiting] == [49]


async def test_places_come_with_a_probable_wait_once_stories_have_ended() -> None:
    async with CompletionsServer(story(*[" a"] * 9), *[hang()] * 3) as server, engine_on(server, at_once=1) as engine:
        assert engine.status().waiting_seconds is None
        await engine.submit(request()).story()
        engine.submit(request())
        waiting = engine.submit(request())
        await waiting.changed()
        assert waiting.waiting_seconds is not None
        assert engine.status().waiting_seconds is not None


async def test_a_story_that_may_finish_its_sentence_ends_there_and_leaves_the_server() -> None:
    pieces = [" He", " ran", ".", *([" Word"] * 37), " more", ".", " She", " slept", "."]
    wanted = replace(request(), finish_sentence=True)
    async with CompletionsServer(hang(*(event(piece) for piece in pieces))) as server, engine_on(server) as engine:
        generation = engine.submit(wanted)
        told = await generation.story()
        await (await server.was_asked()).left.wait()
    assert (told.text, told.finish_reason) == (" He ran." + " Word" * 37 + " more.", FinishReason.LENGTH)
    assert (told.new_tokens, generation.text) == (42, told.text)
    assert server.bodies[0]["max_tokens"] == 40 + FINISHING_TOKENS


async def test_a_story_that_need_not_finish_its_sentence_has_no_more_tokens() -> None:
    _, server = await told(story(" He ran."))
    assert server.bodies[0]["max_tokens"] == 40


async def test_a_title_comes_back_tidy_and_memory_is_not_read_for_it() -> None:
    wanted = replace(title_request(), memory="Ann is a cat.")
    found, server = await told(story(' "the', " lamp", '."', "<EOS>"), wanted=wanted)
    assert found.text == "The lamp"
    assert server.bodies[0]["prompt"] == f"<BOS> <horror> {PROMPT} <EOS> <TITLE>"
    assert (server.bodies[0]["min_tokens"], server.bodies[0]["temperature"]) == (1, 0.0)


async def test_a_title_that_was_cut_off_is_none() -> None:
    found, _ = await told(story(" The lamp of the", reason="length"), wanted=title_request())
    assert found.text == ""


async def test_servers_with_genres_of_their_own_are_not_asked_for_titles() -> None:
    async with CompletionsServer() as server, engine_on(server, genres=("western",)) as engine:
        generation = engine.submit(replace(title_request(), genre="western"))
        assert generation.done
        assert (await generation.story()).text == ""
    assert server.bodies == []
