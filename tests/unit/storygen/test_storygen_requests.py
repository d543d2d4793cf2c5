"""What a request may bring besides its prompt: a memory, a title, the wish for a title, an end at a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storygen.checkpoint import BUILTIN, checkpoint_path, load
from storygen.engines.local import LocalEngine
from storygen.engines.prompt_window import PromptWindow
from storygen.engines.story_writer import StoryWriter
from storygen.errors import InvalidOption
from storygen.pipeline import StoryGenerator
from storygen.polish import finish_at_sentence, polish, sentence_ends
from storygen.sampling import SamplingOptions
from storygen.story import FINISHING_TOKENS, FinishReason, Story, StoryRequest, Wanted
from storygen.titles import TITLE_LENGTH, TITLE_OPTIONS
from tests.fakes.tiny_model import TinyShape, write_tiny_checkpoint

PROMPT = "The ship left"
ENDLESS = TinyShape(eos_bias=-30.0, titles=True)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_tiny_checkpoint(tmp_path_factory.mktemp("titled") / "m", shape=ENDLESS))


@pytest.fixture(scope="module")
def writer(checkpoint: str) -> StoryWriter:
    return StoryWriter(load(checkpoint), rows=1)


@pytest.fixture
async def engine(checkpoint: str) -> AsyncIterator[LocalEngine]:
    async with LocalEngine(checkpoint, rows=8, threads=1, dtype="float32") as engine:
        yield engine


def request(**fields: Any) -> StoryRequest:
    known = {"genre": "horror", "prompt": PROMPT, "options": SamplingOptions(max_new_tokens=30), "seed": 1}
    return StoryRequest(**{**known, **fields})


def title_request(**fields: Any) -> StoryRequest:
    return request(**{"wants": Wanted.TITLE, "options": TITLE_OPTIONS, **fields})


async def told(engine: LocalEngine, *wanted: StoryRequest) -> list[Story]:
    async with asyncio.timeout(60):
        return list(await asyncio.gather(*(engine.submit(each).story() for each in wanted)))


def read(writer: StoryWriter, asked: StoryRequest) -> str:
    """Give the model input that a request becomes."""
    return str(writer._tokenizer.decode(window(writer, asked).token_ids))


def window(writer: StoryWriter, asked: StoryRequest) -> PromptWindow:
    return writer.window_for(asked, asked.options.max_new_tokens)


def test_memory_and_title_are_read_in_front_of_the_text(writer: StoryWriter) -> None:
    asked = request(memory="Ann is a cat", title=" The \n Harbour ")
    assert read(writer, asked) == "<BOS> <TITLE> The Harbour <horror> Ann is a cat.\nThe ship left"


def test_control_tokens_in_memory_and_title_are_not_read(writer: StoryWriter) -> None:
    asked = request(memory="Ann <EOS> is <BOS> a <horror> cat", title="The <TITLE> Har<EOS>bour")
    assert read(writer, asked) == "<BOS> <TITLE> The Har bour <horror> Ann is a cat.\nThe ship left"


def test_a_title_that_would_fill_the_positions_loses_its_last_words(writer: StoryWriter) -> None:
    found = read(writer, request(title="word " * 100 + "é" * 300))
    assert found.startswith("<BOS> <TITLE> word word")
    assert found.endswith("word <horror> The ship left")
    assert len(window(writer, request(title="🦇" * 100, memory="🦇" * 500)).token_ids) < 256 // 2


def test_a_checkpoint_without_titles_does_not_see_one(tiny_checkpoint: Path) -> None:
    writer = StoryWriter(load(str(tiny_checkpoint)), rows=1)
    assert read(writer, request(title="The Harbour")) == "<BOS> <horror> The ship left"


async def test_memory_and_title_change_the_story(engine: LocalEngine) -> None:
    stories = await told(engine, request(), request(memory="Ann is a cat."), request(title="The Harbour"), request())
    assert stories[0].text == stories[3].text
    assert len({story.text for story in stories}) == 3


async def test_the_scripts_generator_knows_the_same_memory(engine: LocalEngine, checkpoint: str) -> None:
    story = (await told(engine, request(memory="Ann <EOS> is a cat")))[0]
    generator = StoryGenerator(checkpoint)
    prompt = f"<BOS> <horror> {PROMPT}"
    answer = generator(prompt, memory="Ann <EOS> is a cat", max_new_tokens=30, seed=1)
    assert answer == [{"generated_text": prompt + story.text}]
    nothing = generator("<BOS> <horror>", memory="Ann is a cat", max_new_tokens=30, seed=1)[0]["generated_text"]
    assert nothing == "<BOS> <horror>" + (await told(engine, request(memory="Ann is a cat", prompt="")))[0].text


async def test_a_title_comes_back_tidy_and_the_same_every_time(checkpoint: str) -> None:
    soon = str(write_tiny_checkpoint(Path(checkpoint).parent / "soon", shape=TinyShape(titles=True, eos_bias=6.0)))
    async with LocalEngine(soon, rows=8, threads=1, dtype="float32") as brief:
        texts = [f"{PROMPT} number {number}. " * 30 for number in range(8)]
        first, again = [await told(brief, *(title_request(prompt=text) for text in texts)) for _ in range(2)]
    assert [story.text for story in first] == [story.text for story in again]
    ended = [story for story in first if story.finish_reason is FinishReason.EOS]
    assert any(story.text for story in ended)
    assert all(len(story.text) <= TITLE_LENGTH and "\n" not in story.text for story in first)
    assert any(story.new_tokens < 8 for story in ended)  # a story may not end so soon
    generator = StoryGenerator(soon)
    for text, story in zip(texts, first, strict=True):
        if story.finish_reason is FinishReason.EOS:
            assert (generator.title("horror", text) or "") == story.text


async def test_a_title_that_does_not_end_is_none(engine: LocalEngine) -> None:
    story = (await told(engine, title_request()))[0]
    assert (story.text, story.finish_reason) == ("", FinishReason.LENGTH)


async def test_a_checkpoint_without_titles_answers_at_once_with_none(tiny_checkpoint: Path) -> None:
    async with LocalEngine(str(tiny_checkpoint), rows=1, threads=1) as engine:
        engine.pause()
        generation = engine.submit(title_request())
        assert generation.done
        assert (await generation.story()).text == ""
        assert engine.status().waiting == 0


async def test_the_options_of_a_title_have_limits_of_their_own(engine: LocalEngine) -> None:
    for tokens in (0, 65):
        with pytest.raises(InvalidOption):
            engine.submit(title_request(options=replace(TITLE_OPTIONS, max_new_tokens=tokens)))
    with pytest.raises(InvalidOption):
        engine.submit(request(options=TITLE_OPTIONS))


async def test_titles_do_not_change_what_is_known_of_how_long_stories_become(engine: LocalEngine) -> None:
    await told(engine, request())
    lengths = engine._outlook._lengths  # type: ignore[union-attr]
    before = list(lengths._tokens)
    await told(engine, title_request())
    assert lengths._tokens == before
    await told(engine, request())
    assert lengths._tokens != before


@pytest.mark.skipif(
    not Path(checkpoint_path(BUILTIN), "model.safetensors").is_file(),
    reason="this checkout has no built-in model, and a tiny one writes no sentences",
)
async def test_a_story_that_may_finish_its_sentence_ends_with_one_or_has_all_its_tokens() -> None:
    plain = [request(seed=seed) for seed in range(16)]
    async with LocalEngine(BUILTIN, rows=8, threads=1, dtype="float32") as engine:
        short = await told(engine, *plain)
        longer = await told(engine, *(replace(each, finish_sentence=True) for each in plain))
    ended = 0
    for before, after in zip(short, longer, strict=True):
        assert before.new_tokens == 30
        assert after.text.startswith(before.text)
        assert 30 <= after.new_tokens <= 30 + FINISHING_TOKENS
        if after.finish_reason is FinishReason.LENGTH and after.new_tokens < 30 + FINISHING_TOKENS:
            assert len(after.text.rstrip()) in set(sentence_ends(after.text))
            ended += 1
        assert len(polish(after.text)) >= len(polish(finish_at_sentence(before.text)))
    assert ended > 8


async def test_a_story_that_fills_the_positions_does_not_go_on(engine: LocalEngine) -> None:
    options = SamplingOptions(max_new_tokens=800)
    stories = await told(engine, *(request(options=options, finish_sentence=on) for on in (False, True)))
    assert stories[0].text == stories[1].text
    assert stories[0].new_tokens + stories[0].prompt_tokens == 256
    full = (await told(engine, request(prompt="He ran. " * 99, finish_sentence=True)))[0]
    assert full.prompt_tokens + full.new_tokens <= 256


async def test_what_streams_is_what_the_story_is_also_where_a_sentence_is_finished(engine: LocalEngine) -> None:
    async with asyncio.timeout(60):
        for seed in range(12):
            generation = engine.submit(request(seed=seed, finish_sentence=True))
            pieces = [piece async for piece in generation]
            assert "".join(pieces) == (await generation.story()).text == generation.text
