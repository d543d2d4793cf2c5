"""The call of the original documentation: ``story_generator("<BOS> <superhero> Batman", max_length=100)``.

Synchronous and without threads, for scripts and notebooks. The bot uses an engine instead.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypedDict, Unpack, overload

from storygen.checkpoint import BUILTIN, load
from storygen.engines.story_writer import ModelInput, OpenStory, StoryWriter
from storygen.errors import InvalidOption, UnknownGenre
from storygen.prompt import BOS, EOS, clean_text, parse_prompt, render_prompt, render_title_prompt
from storygen.sampling import Limit, SamplingOptions, SamplingOverrides, check, merge

Generated = dict[str, str]
"""``{"generated_text": prompt and story}``, as transformers' pipeline gives it."""

ROWS = 8
SEED_BITS = 63

_TITLE_OPTIONS = SamplingOptions(max_new_tokens=16, temperature=0.7, top_k=20, repetition_penalty=1.0)
_LONGEST_TITLE = 80  # letters, as in training

POSSIBLE = MappingProxyType(
    {
        "max_new_tokens": Limit(1, 1_000_000, int),
        "do_sample": Limit(0, 1, bool),
        "temperature": Limit(0.001, 1000.0, float),
        "top_k": Limit(0, 1_000_000, int),
        "top_p": Limit(0.000001, 1.0, float),
        "repetition_penalty": Limit(0.001, 1000.0, float),
    }
)
"""What can be computed; ``sampling.LIMITS`` are narrower, they are for people in a chat."""


class _Sampling(TypedDict, total=False):
    max_new_tokens: int | None
    do_sample: bool | None
    temperature: float | None
    top_k: int | None
    top_p: float | None
    repetition_penalty: float | None


class CallOptions(_Sampling, total=False):
    """The options of a call, under transformers' names."""

    max_length: int | None
    num_return_sequences: int
    seed: int | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    place: int
    """Which of the prompts it continues."""
    model_input: ModelInput
    options: SamplingOptions
    seed: int = 0


class StoryGenerator:
    """Loads a checkpoint and continues prompts with it.

    ``checkpoint`` is ``builtin``, a folder or a hub name; ``device`` is ``cpu``, ``cuda`` or ``auto``.
    Raises CheckpointError. For one thread at a time.
    """

    def __init__(self, checkpoint: str = BUILTIN, device: str = "cpu") -> None:
        from storygen.engines.model_runner import choose_device

        self._writer = StoryWriter(load(checkpoint, choose_device(device)), rows=ROWS)

    @overload
    def __call__(self, prompt: str, **options: Unpack[CallOptions]) -> list[Generated]: ...

    @overload
    def __call__(self, prompt: list[str], **options: Unpack[CallOptions]) -> list[list[Generated]]: ...

    def __call__(
        self,
        prompt: str | list[str],
        *,
        max_length: int | None = None,
        num_return_sequences: int = 1,
        seed: int | None = None,
        **overrides: Unpack[_Sampling],
    ) -> list[Generated] | list[list[Generated]]:
        """Continue ``<BOS> <genre> text`` and give prompt and story as one text; for a list of prompts a list of lists.

        Options that are not given are those of SamplingOptions, so it samples unless ``do_sample=False``.
        ``max_length`` counts prompt and new tokens, as in transformers; ``max_new_tokens`` wins over it.
        With ``seed`` the answer is repeatable; of several sequences each has its own seed, counted up from it.
        A prompt without ``<BOS>`` is used as it is. Control tokens are understood, not cleaned away.
        Raises UnknownGenre and InvalidOption.
        """
        given = SamplingOverrides(**overrides)
        _check(given, num_return_sequences, seed)
        prompts = [prompt] if isinstance(prompt, str) else prompt
        wanted = [self._wanted(place, text, given, max_length) for place, text in enumerate(prompts)]
        copies = _with_seeds(wanted, num_return_sequences, secrets.randbits(SEED_BITS) if seed is None else seed)
        answers: list[list[Generated]] = [[] for _ in prompts]
        for want, text in zip(copies, self._write(copies), strict=True):
            answers[want.place].append({"generated_text": prompts[want.place] + text})
        return answers[0] if isinstance(prompt, str) else answers

    def title(self, genre: str, text: str, *, seed: int | None = None) -> str | None:
        """Find a title for a story or for the beginning of one; None where the model has none to give.

        Only a checkpoint that was trained with titles has them. With ``seed`` the answer is repeatable.
        Raises UnknownGenre and InvalidOption.
        """
        known = [one.name for one in self._writer.info.genres]
        if genre not in known:
            raise UnknownGenre(genre, known)
        _check(SamplingOverrides(), 1, seed)
        if not self._writer.info.titles:
            return None
        wanted = ModelInput(
            text=clean_text(text, self._writer.info.genres),
            frame=lambda story: render_title_prompt(f"{render_prompt(genre, story)} {EOS}"),
        )
        drawn = secrets.randbits(SEED_BITS) if seed is None else seed
        first_line = self._write([_Wanted(0, wanted, _TITLE_OPTIONS, drawn)])[0].strip().partition("\n")[0]
        return first_line if 0 < len(first_line) <= _LONGEST_TITLE else None

    def _wanted(self, place: int, prompt: str, given: SamplingOverrides, max_length: int | None) -> _Wanted:
        model_input = self._model_input(prompt)
        return _Wanted(place, model_input, self._options(model_input, given, max_length))

    def _model_input(self, prompt: str) -> ModelInput:
        parsed, known = parse_prompt(prompt), [genre.name for genre in self._writer.info.genres]
        if parsed.genre is not None and parsed.genre not in known:
            raise UnknownGenre(parsed.genre, known)
        opening = prompt.removesuffix(parsed.text) if parsed.text else prompt
        return ModelInput(text=parsed.text, frame=lambda text: opening + text or BOS)

    def _options(
        self, model_input: ModelInput, overrides: SamplingOverrides, max_length: int | None
    ) -> SamplingOptions:
        options = merge(SamplingOptions(), overrides)
        if max_length is None or overrides.max_new_tokens is not None:
            return options
        prompt_tokens = len(self._writer.encode(model_input.frame(model_input.text)))
        if max_length <= prompt_tokens:
            raise InvalidOption("max_length", max_length, prompt_tokens + 1, self._writer.n_positions)
        return replace(options, max_new_tokens=max_length - prompt_tokens)

    def _write(self, wanted: list[_Wanted]) -> list[str]:
        """Write all, as many at once as there are rows, and give the texts in order."""
        texts = [""] * len(wanted)
        waiting = iter(enumerate(wanted))
        opened: dict[int, int] = {}
        try:
            while self._fill_rows(waiting, opened) or opened:
                for progress in self._writer.step():
                    if progress.ended:
                        texts[opened.pop(progress.story.row)] = progress.story.stream.text
        finally:
            self._writer.leave_all()
        return texts

    def _fill_rows(self, waiting: Iterator[tuple[int, _Wanted]], opened: dict[int, int]) -> bool:
        began = False
        while self._writer.free_rows and (following := next(waiting, None)):
            place, want = following
            opened[self._begin(want).row] = place
            began = True
        return began

    def _begin(self, want: _Wanted) -> OpenStory:
        window = self._writer.window(want.model_input, want.options.max_new_tokens)
        return self._writer.begin(window, want.options, want.seed)


def _check(given: SamplingOverrides, num_return_sequences: int, seed: int | None) -> None:
    check(given, POSSIBLE)
    if num_return_sequences < 1:
        raise InvalidOption("num_return_sequences", num_return_sequences, 1, POSSIBLE["max_new_tokens"].maximum)
    if seed is not None and not 0 <= seed < 2**SEED_BITS:
        raise InvalidOption("seed", seed, 0, 2**SEED_BITS - 1)


def _with_seeds(wanted: list[_Wanted], copies: int, first_seed: int) -> list[_Wanted]:
    seeds = [(first_seed + number) % 2**SEED_BITS for number in range(copies)]
    return [replace(want, seed=seed) for want in wanted for seed in seeds]
