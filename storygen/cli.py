"""``storygen tell superhero "Batman is hunting down" --seed 7``: a story in the terminal, as it comes.

``storygen explore horror "The door" --temperature 0.8``: what could come next, and what each option leaves of it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from storygen.checkpoint import BUILTIN
from storygen.engines.local import MAX_SEED, LocalEngine
from storygen.errors import CheckpointError, InvalidOption, StorygenError, UnknownGenre
from storygen.exploration import ExploreRequest
from storygen.exploration_table import table
from storygen.generation import Generation
from storygen.genre import ORIGINAL_GENRES
from storygen.pictures import draw_exploration
from storygen.polish import drop_broken_characters
from storygen.prompt import clean_text
from storygen.sampling import LIMITS, PRESETS, SamplingOptions, SamplingOverrides, merge
from storygen.story import Story, StoryRequest

MISTAKE = 2
FAILED = 1
INTERRUPTED = 130

_FLAGS = {"max_new_tokens": "--max-length"}
_NO_LIMIT_SECONDS = 86_400.0  # at a terminal, Ctrl-C is the deadline


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code: 0 done, 1 failed, 2 a mistake in what was asked, 130 interrupted."""
    parser = _parser()
    wanted = parser.parse_args(arguments)
    logging.getLogger("storygen").addHandler(logging.StreamHandler() if wanted.verbose else logging.NullHandler())
    try:
        asyncio.run(_COMMANDS[wanted.command](wanted))
    except KeyboardInterrupt:
        print(flush=True)
        return INTERRUPTED
    except BrokenPipeError:  # whoever reads has enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except StorygenError as error:
        print(f"storygen: {drop_broken_characters(_sentence(error))}", file=sys.stderr)
        return MISTAKE if isinstance(error, UnknownGenre | InvalidOption | CheckpointError) else FAILED
    except OSError as error:  # the picture can't be written
        print(f"storygen: {error.filename}: {error.strerror}", file=sys.stderr)
        return MISTAKE
    return 0


async def _tell(wanted: argparse.Namespace) -> None:
    engine = _engine(wanted)
    request = StoryRequest(
        genre=wanted.genre,
        prompt=clean_text(wanted.prompt, engine.genres),
        finish_sentence=True,
        options=_options(wanted),
        seed=secrets.randbelow(MAX_SEED) if wanted.seed is None else wanted.seed,
        deadline_seconds=_NO_LIMIT_SECONDS,
    )
    engine.check(request)  # before seconds go into loading
    async with engine, engine.submit(request) as generation:
        await _print_as_it_comes(generation)
        _print_last_line(await generation.story())


async def _explore(wanted: argparse.Namespace) -> None:
    engine = _engine(wanted)
    request = ExploreRequest(
        genre=wanted.genre,
        prompt=clean_text(wanted.prompt, engine.genres),
        options=_options(wanted),
        deadline_seconds=_NO_LIMIT_SECONDS,
    )
    engine.check(request.as_story())
    async with engine:
        exploration = await engine.explore(request)
    for line in table(exploration):
        print(line)
    if wanted.picture is not None:
        wanted.picture.write_bytes(draw_exploration(exploration))
        print(f"the picture is in {wanted.picture}", file=sys.stderr)


def _engine(wanted: argparse.Namespace) -> LocalEngine:
    # float32, so that a seed tells the same story wherever it is asked for.
    return LocalEngine(wanted.model, device=wanted.device, rows=1, threads=wanted.threads, dtype="float32")


_COMMANDS = MappingProxyType({"tell": _tell, "explore": _explore})


async def _print_as_it_comes(generation: Generation) -> None:
    shown = False
    async for piece in generation:
        # The prompt comes with the first piece: before it, the model may turn out to be missing.
        text = drop_broken_characters(piece)  # a model can write what a terminal obeys
        print(text if shown else (generation.request.prompt + text).lstrip(), end="", flush=True)
        shown = True
    print(flush=True)


def _options(wanted: argparse.Namespace) -> SamplingOptions:
    given = SamplingOverrides(
        max_new_tokens=getattr(wanted, "max_length", None),  # what is explored has no length
        do_sample=wanted.do_sample,
        temperature=wanted.temperature,
        top_k=wanted.top_k,
        top_p=wanted.top_p,
        repetition_penalty=wanted.repetition_penalty,
    )
    preset = PRESETS[wanted.preset.capitalize()] if wanted.preset else SamplingOverrides()
    return merge(SamplingOptions(), preset, given)


def _print_last_line(story: Story) -> None:
    cut = ", prompt cut from the left" if story.prompt_was_cut else ""
    speed = story.new_tokens / story.writing_seconds if story.writing_seconds else 0.0
    line = (
        f"{story.model}, seed {story.seed}: {story.prompt_tokens} + {story.new_tokens} tokens{cut}, "
        f"{story.writing_seconds:.1f} s ({speed:.0f} a second), ended by {story.finish_reason}"
    )
    print(f"\x1b[2m{line}\x1b[0m" if sys.stderr.isatty() else line, file=sys.stderr)


def _sentence(error: StorygenError) -> str:
    match error:
        case UnknownGenre():
            return f"There is no genre {error.genre!r}; this model knows {', '.join(error.known)}."
        case InvalidOption():
            flag = _FLAGS.get(error.field, "--" + error.field.replace("_", "-"))
            return f"{flag} must be between {_number(error.minimum)} and {_number(error.maximum)}, not {error.value}."
        case CheckpointError():
            return f"The model {error.checkpoint!r} can't be loaded: {error.problem}"
        case _:
            return "The model can't finish this; --verbose shows why."


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="storygen", description="Genre stories in the terminal.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    tell = commands.add_parser("tell", help="write a story", description="Write a story, as it comes.")
    _add_prompt(tell)
    most = SamplingOptions().max_new_tokens
    tell.add_argument("--max-length", type=int, help=f"tokens to write, {_limits('max_new_tokens')} ({most})")
    _add_sampling(tell)
    tell.add_argument("--seed", type=int, help="the same seed tells the same story")
    _add_model(tell)
    explore = commands.add_parser(
        "explore",
        help="show what could come next",
        description="Show the most probable next tokens, and what each option leaves of them.",
    )
    _add_prompt(explore)
    _add_sampling(explore)
    explore.add_argument("--picture", type=Path, metavar="FILE", help="save a picture of it, a PNG file")
    _add_model(explore)
    return parser


def _add_prompt(command: argparse.ArgumentParser) -> None:
    names = ", ".join(genre.name for genre in ORIGINAL_GENRES)
    command.add_argument("genre", help=f"one of the model's genres; the built-in one knows {names}")
    command.add_argument("prompt", nargs="?", default="", help="how the story begins")


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", default=BUILTIN, help="builtin, a folder, or a name on the Hugging Face hub")
    command.add_argument("--device", default="cpu", choices=["cpu", "cuda", "auto"], help="where the model runs")
    command.add_argument("--threads", type=int, default=0, help="CPU threads; 0, the default, is all cores but one")
    command.add_argument("--verbose", action="store_true", help="show the log")


def _limits(name: str) -> str:
    return f"{LIMITS[name].minimum:g} to {LIMITS[name].maximum:g}"


def _add_sampling(command: argparse.ArgumentParser) -> None:
    names = [name.lower() for name in PRESETS]
    command.add_argument(
        "--preset", type=str.lower, choices=names, help="a named set of options; single ones win over it"
    )
    command.add_argument(
        "--do-sample", action=argparse.BooleanOptionalAction, help="draw tokens, or always take the most probable one"
    )
    for name, kind in (("temperature", float), ("top_k", int), ("top_p", float), ("repetition_penalty", float)):
        flag, value = "--" + name.replace("_", "-"), getattr(SamplingOptions(), name)
        command.add_argument(flag, type=kind, help=f"{_limits(name)} ({value:g})")
