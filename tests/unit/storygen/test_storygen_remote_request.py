"""What a server is asked, what its refusals mean, and how long it is left alone."""

from __future__ import annotations

import json
from email.utils import formatdate
from pathlib import Path
from time import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storygen.checkpoint import BUILTIN, CheckpointInfo
from storygen.engines.remote.answer import LONGEST_WAIT, error_for, wait_seconds
from storygen.engines.remote.errors import (
    FieldsRefused,
    PromptRefused,
    RequestRefused,
    ServerRefused,
    ServerUnavailable,
)
from storygen.engines.remote.prompt_fitting import DEFAULT_POSITIONS, PromptFitter, load_fitter
from storygen.engines.remote.request_body import MIN_TOKENS, OPTIONAL, SEEDS, request_body, server_seed
from storygen.engines.remote.server import LONGEST_BACKOFF, Server, next_server, seconds_until_free
from storygen.engines.sampler import MIN_NEW_TOKENS
from storygen.sampling import SamplingOptions
from storygen.story import FINISHING_TOKENS, StoryRequest, Wanted

LONG = " ".join(["The moon rose over the hill."] * 300)
TITLED, UNTITLED = (CheckpointInfo(name="m", titles=titles) for titles in (True, False))


def request(prompt: str, tokens: int, **more: Any) -> StoryRequest:
    return StoryRequest(genre="horror", prompt=prompt, options=SamplingOptions(max_new_tokens=tokens), seed=1, **more)


def body(without: frozenset[str] = frozenset(), least: int = MIN_TOKENS, **options: object) -> dict[str, object]:
    complete = SamplingOptions(**options)  # type: ignore[arg-type]
    return request_body(model="m", prompt="p", max_tokens=50, options=complete, seed=1, least=least, without=without)


def test_without_drawing_the_temperature_is_zero_and_the_penalty_stays() -> None:
    found = body(do_sample=False, temperature=1.5, top_k=5, repetition_penalty=1.4)
    assert (found["temperature"], found["repetition_penalty"]) == (0.0, 1.4)
    assert not {"top_k", "top_p"} & set(found)


def test_among_all_tokens_is_minus_one() -> None:
    assert body(top_k=0)["top_k"] == -1


def test_where_the_options_names_are_unknown_transformers_own_stand_in() -> None:
    found = body(frozenset({"top_k"}), top_k=0, temperature=1.5, top_p=0.5)
    assert json.loads(str(found["generation_config"])) == {
        "max_new_tokens": 50,
        "min_new_tokens": 8,
        "do_sample": True,
        "temperature": 1.5,
        "top_k": 0,
        "top_p": 0.5,
        "repetition_penalty": 1.1,
    }
    assert json.loads(str(body(frozenset({"top_k"}), do_sample=False)["generation_config"]))["do_sample"] is False


def test_what_is_left_without_the_optional_fields_is_in_openais_own_documentation() -> None:
    assert set(body(OPTIONAL)) == {"model", "prompt", "stream", "max_tokens", "temperature", "top_p"}


def test_a_story_has_as_many_tokens_as_with_the_local_engine_before_it_may_end() -> None:
    assert MIN_TOKENS == MIN_NEW_TOKENS


@given(st.integers(0, 2**63 - 1))
def test_every_seed_becomes_one_that_every_server_takes(seed: int) -> None:
    assert 0 <= server_seed(seed) < SEEDS < 2**31
    assert seed >= SEEDS or server_seed(seed) == seed


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, "Unrecognized request argument supplied: top_k", FieldsRefused),
        (422, "Unexpected fields in the request: {'seed', 'stop'}", FieldsRefused),
        (400, "please stop; the seed of doubt", RequestRefused),
        (400, "This model's maximum context length is 1024 tokens", PromptRefused),
        (400, '{"code": "context_length_exceeded"}', PromptRefused),
        (400, "no", RequestRefused),
        (413, "", RequestRefused),
        (302, "", ServerRefused),
        (401, "", ServerRefused),
        (404, "", ServerRefused),
        (408, "", ServerUnavailable),
        (429, "", ServerUnavailable),
        (500, "", ServerUnavailable),
        (529, "", ServerUnavailable),
    ],
)
def test_each_status_means_what_can_be_done_about_it(status: int, answer: str, kind: type[Exception]) -> None:
    assert type(error_for("s", status, answer, {"top_k", "seed", "stop"})) is kind


def test_a_refused_field_that_was_not_sent_is_no_reason_to_leave_it_out() -> None:
    assert type(error_for("s", 400, "unknown 'top_k'", {"seed"})) is RequestRefused


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("3", 3.0), ("0.5", 0.5), ("-4", 0.0), ("99999", LONGEST_WAIT), ("soon", None), ("nan", None)],
)
def test_a_wait_is_read_from_the_header(header: str | None, seconds: float | None) -> None:
    assert wait_seconds(header) == seconds


def test_a_wait_can_be_a_date() -> None:
    assert wait_seconds(formatdate(time() + 60, usegmt=True)) == pytest.approx(60, abs=2)


def test_a_server_that_fails_again_is_left_alone_for_longer_up_to_a_limit() -> None:
    server = Server("http://a/v1", backoff_seconds=1.0)
    waits = [server.failed(100.0) for _ in range(9)]
    for doubling, seconds in enumerate(waits):
        longest = min(2.0**doubling, LONGEST_BACKOFF)
        assert longest / 2 <= seconds <= longest
    assert next_server([server], 100.0) is None
    assert seconds_until_free([server], 100.0) == pytest.approx(max(waits))
    server.worked()
    assert next_server([server], 100.0) is server


def test_servers_that_were_told_to_come_back_later_do_not_come_back_together() -> None:
    waits = {Server("http://a/v1", backoff_seconds=1.0).failed(0.0) for _ in range(20)}
    assert len(waits) > 10


def test_the_server_with_the_fewest_stories_is_next_and_one_that_failed_is_last() -> None:
    busy, idle, failing = (Server(f"http://{name}/v1", backoff_seconds=0.1) for name in "abc")
    busy.running = 3
    failing.failed(0.0)
    assert next_server([busy, idle, failing], 50.0) is idle
    assert next_server([busy, idle, failing], 50.0, {idle}) is busy
    assert next_server([busy, idle, failing], 50.0, {idle, busy}) is failing
    assert seconds_until_free([busy], 0.0, {busy}) is None


def test_a_servers_name_for_the_log_has_no_path_and_no_password() -> None:
    assert Server("http://me:secret@host:8000/v1?key=secret").name == "http://host:8000"


def test_a_long_prompt_is_cut_at_a_sentence_with_the_tokenizer() -> None:
    fitter = load_fitter(BUILTIN)
    found = fitter.fit(request(LONG, 100), UNTITLED)
    assert fitter.positions == 512
    assert found.was_cut
    assert found.text.startswith("<BOS> <horror> The moon rose")
    assert found.tokens is not None
    assert 200 < found.tokens <= 412
    assert fitter.encode is not None
    assert len(fitter.encode(found.text)) == found.tokens


def test_a_short_prompt_stays_as_it_is() -> None:
    found = load_fitter(BUILTIN).fit(request("Batman", 100), UNTITLED)
    assert (found.text, found.max_new_tokens, found.was_cut) == ("<BOS> <horror> Batman", 100, False)


@pytest.mark.parametrize("prompt", [LONG, "x" * 9000, "é🦇" * 3000], ids=["sentences", "one word", "other scripts"])
def test_without_a_tokenizer_a_prompt_is_cut_by_its_letters(prompt: str) -> None:
    found = PromptFitter().fit(request(prompt, 200), UNTITLED)
    assert found.was_cut
    assert found.tokens is None
    kept = found.text.removeprefix("<BOS> <horror> ")
    assert kept
    assert prompt.endswith(kept)
    assert len(found.text.encode()) <= 3 * (DEFAULT_POSITIONS - 200)


@pytest.mark.parametrize("fitter", [PromptFitter(), load_fitter(BUILTIN)], ids=["letters", "tokenizer"])
def test_memory_and_title_stand_in_front_and_are_not_cut_with_the_text(fitter: PromptFitter) -> None:
    asked = request(LONG, 100, memory="Ann is a <EOS> cat", title="The Harbour", finish_sentence=True)
    found = fitter.fit(asked, TITLED)
    assert found.text.startswith("<BOS> <TITLE> The Harbour <horror> Ann is a cat.\n")
    assert found.was_cut
    assert found.text.endswith("over the hill.")
    assert (found.max_new_tokens, found.finishing_tokens) == (100, FINISHING_TOKENS)
    assert fitter.fit(asked, UNTITLED).text.startswith("<BOS> <horror> Ann is a cat.\n")


def test_a_title_is_asked_for_behind_the_story() -> None:
    found = load_fitter(BUILTIN).fit(request("He ran.", 24, wants=Wanted.TITLE, memory="Ann is a cat."), TITLED)
    assert found.text == "<BOS> <horror> He ran. <EOS> <TITLE>"


def test_a_title_may_be_shorter_than_a_story() -> None:
    assert (body()["min_tokens"], body(least=1)["min_tokens"]) == (8, 1)
    own = str(body(frozenset({"top_k"}), least=1)["generation_config"])
    assert json.loads(own)["min_new_tokens"] == 1


@pytest.mark.parametrize("damage", ["", "{}", "not json"])
def test_a_folder_with_no_or_broken_files_is_guessed_about(tmp_path: Path, damage: str) -> None:
    if damage:
        (tmp_path / "tokenizer.json").write_text(damage)
        (tmp_path / "config.json").write_text(damage)
    fitter = load_fitter(str(tmp_path))
    assert (fitter.encode, fitter.positions) == (None, DEFAULT_POSITIONS)
