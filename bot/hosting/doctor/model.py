"""The model: loaded as the bot loads it, and asked for a sentence."""

from __future__ import annotations

import asyncio
import time

from bot.config import Config
from bot.engine import CHOICE_FILE
from bot.hosting.doctor.finding import Finding, doubtful, fine, wrong
from storygen.checkpoint import CheckpointInfo, read_info
from storygen.engines.choice_file import ChoiceFile
from storygen.engines.loading import load_writer
from storygen.engines.local import LocalEngine
from storygen.engines.story_writer import StoryWriter
from storygen.errors import CheckpointError, StorygenError
from storygen.sampling import SamplingOptions
from storygen.story import StoryRequest

TOKENS = 30
SLOW = 5.0
"""Tokens a second below which a story of the usual length takes longer than a minute."""
ANOTHER_MODEL = "STORY_MODEL takes builtin, the folder of a checkpoint with safetensors, or a name on the hub."


async def look_at_model(config: Config) -> list[Finding]:
    """Read what the checkpoint says of itself, load it, and write. For STORY_ENGINE=local."""
    try:
        info = read_info(config.story_model)
    except CheckpointError as error:
        return [wrong("model", f"{error}.", ANOTHER_MODEL)]
    findings = [_licence(info), fine("genres", ", ".join(genre.label for genre in info.genres) + ".")]
    began = time.monotonic()
    try:
        writer = await asyncio.to_thread(_load, config)
    except (StorygenError, ValueError, RuntimeError, AssertionError) as error:
        # The last two are torch's: a device that is not there, or too little memory on it.
        reason = str(error).partition("\n")[0]
        return [
            wrong("model", f"It can't be loaded: {reason}.", f"{ANOTHER_MODEL} STORY_DEVICE=cpu runs anywhere."),
            *findings,
        ]
    seconds = time.monotonic() - began
    loaded = fine("model", f"{info.name} loads in {seconds:.1f} s on {writer.device}, its numbers are {writer.dtype}.")
    return [loaded, *findings, await _written(config, writer, info)]


def _load(config: Config) -> StoryWriter:
    choice = config.database_path.with_name(CHOICE_FILE)
    return load_writer(
        config.story_model,
        device=config.story_device,
        rows=1,
        threads=config.story_threads,
        dtype=config.story_dtype,
        choice_file=ChoiceFile(choice) if choice.exists() else None,
    )


def _licence(info: CheckpointInfo) -> Finding:
    if info.licence == "unknown":
        mend = "Find it out before others read its stories; storytrain export writes it into story.json."
        return doubtful("licence", "The checkpoint does not say under which licence it is.", mend)
    return fine("licence", f"The weights are under {info.licence}.")


async def _written(config: Config, writer: StoryWriter, info: CheckpointInfo) -> Finding:
    about = "writing speed"
    request = StoryRequest(
        genre=info.genres[0].name, prompt="The door opened", options=SamplingOptions(max_new_tokens=TOKENS), seed=1
    )
    try:
        async with LocalEngine(config.story_model, load=lambda: writer) as engine, engine.submit(request) as generation:
            story = await generation.story()
    except StorygenError as error:
        return wrong(about, f"It can't write: {error}.", ANOTHER_MODEL)
    speed = story.new_tokens / max(story.writing_seconds, 1e-6)
    if not story.text.strip():
        return doubtful(about, "It wrote nothing after three words.", "Look whether it was trained for stories.")
    if speed < SLOW:
        mend = "Use a smaller model, a GPU (STORY_DEVICE=cuda), or servers (STORY_ENGINE=remote)."
        return doubtful(about, f"{speed:.1f} tokens a second.", mend)
    return fine(about, f"{story.new_tokens} tokens written, {speed:,.0f} a second for one story.")
