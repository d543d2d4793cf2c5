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
from storygen.engines.model_input import ModelInput, title_input
from storygen.engines.story_writer import OpenStory, StoryWriter
from storygen.errors import InvalidOption, UnknownGenre
from storygen.exploration import SHOWN, Exploration
from storygen.prompt import BOS, as_facts, clean_text, parse_prompt, with_memory
from storygen.sampling import Limit, SamplingOptions, SamplingOverrides, check, merge
from storygen.titles import DRAWN_TITLE_OPTIONS, LEAST_TITLE_TOKENS, TITLE_OPTIONS, tidy_title

Generated = dict[str, str]
"""``{"generated_text": prompt and story}``, as transformers' pipeline gives it."""

ROWS = 8
SEED_BITS = 63

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
    memory: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    place: int
    """Which of the prompts it continues."""
    model_input: ModelInput
    options: SamplingOptions
    seed: int = 0
    least: int | None = None
    """How many tokens it has at least, where that is not what holds for stories."""


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
        memory: str = "",
        **overrides: Unpack[_Sampling],
    ) -> list[Generated] | list[list[Generated]]:
        """Continue ``<BOS> <genre> text`` and give prompt and story as one text; for a list of prompts a list of lists.

        Options that are not given are those of SamplingOptions, so it samples unless ``do_sample=False``.
        ``max_length`` counts prompt and new tokens, as in transformers; ``max_new_tokens`` wins over it.
        With ``seed`` the answer is repeatable; of several sequences each has its own seed, counted up from it.
        A prompt without ``<BOS>`` is used as it is. Control tokens are understood, not cleaned away.
        ``memory`` are facts that the model reads in front of the text, whatever is cut of that; they are cleaned,
        and what does not fit into a quarter of the positions is left out. They are not in the answer.
        Raises UnknownGenre and InvalidOption.
        """
        given = SamplingOverrides(**overrides)
        _check(given, num_return_sequences, seed)
        prompts = [prompt] if isinstance(prompt, str) else prompt
        facts = clean_text(memory, self._writer.info.genres)
        wanted = [self._wanted(place, text, given, max_length, facts) for place, text in enumerate(prompts)]
        copies = _with_seeds(wanted, num_return_sequences, secrets.randbits(SEED_BITS) if seed is None else seed)
        answers: list[list[Generated]] = [[] for _ in prompts]
        for want, text in zip(copies, self._write(copies), strict=True):
            answers[want.place].append({"generated_text": prompts[want.place] + text})
        return answers[0] if isinstance(prompt, str) else answers

    def explore(self, prompt: str, *, shown: int = SHOWN, **overrides: Unpack[_Sampling]) -> Exploration:
        """Give the most probable next tokens of ``<BOS> <genre> text`` and what each option leaves of them.

        Options that are not given are those of SamplingOptions. Raises UnknownGenre and InvalidOption.
        """
        given = SamplingOverrides(**overrides)
        check(given, POSSIBLE)
        if not 1 <= shown <= POSSIBLE["top_k"].maximum:
            raise InvalidOption("shown", shown, 1, POSSIBLE["top_k"].maximum)
        wanted = self._wanted(0, prompt, given, None)
        window = self._writer.window(wanted.model_input, wanted.options.max_new_tokens)
        try:
            story = self._writer.explore(window, wanted.options, shown)
            while story.next_tokens is None:
                self._writer.step()
        finally:
            self._writer.leave_all()
        return Exploration(
            genre=parse_prompt(prompt).genre or "",
            prompt=wanted.model_input.text,
            options=wanted.options,
            model=self._writer.info.name,
            prompt_tokens=story.prompt_tokens,
            prompt_was_cut=story.prompt_was_cut,
            next_tokens=story.next_tokens,
        )

    def title(self, genre: str, text: str, *, seed: int | None = None) -> str | None:
        """Find a title for a story or for the beginning of one; None where the model has none to give.

        Only a checkpoint that was trained with titles has them. It is the most probable one, or with ``seed`` one that
        is drawn; both are repeatable.
        Raises UnknownGenre and InvalidOption.
        """
        known = [one.name for one in self._writer.info.genres]
        if genre not in known:
            raise UnknownGenre(genre, known)
        _check(SamplingOverrides(), 1, seed)
        if not self._writer.info.titles:
            return None
        options = TITLE_OPTIONS if seed is None else DRAWN_TITLE_OPTIONS
        wanted = _Wanted(0, title_input(genre, text, self._writer.info), options, seed or 0, LEAST_TITLE_TOKENS)
        return tidy_title(self._write([wanted])[0]) or None

    def _wanted(
        self, place: int, prompt: str, given: SamplingOverrides, max_length: int | None, memory: str = ""
    ) -> _Wanted:
        model_input = self._model_input(prompt, memory)
        return _Wanted(place, model_input, self._options(model_input, given, max_length))

    def _model_input(self, prompt: str, memory: str) -> ModelInput:
        parsed, known = parse_prompt(prompt), [genre.name for genre in self._writer.info.genres]
        if parsed.genre is not None and parsed.genre not in known:
            raise UnknownGenre(parsed.genre, known)
        opening = prompt.removesuffix(parsed.text) if parsed.text else prompt
        if memory and opening and not opening[-1].isspace():
            opening += " "
        return ModelInput(text=parsed.text, frame=lambda text: opening + text or BOS, memory=memory)

    def _options(
        self, model_input: ModelInput, overrides: SamplingOverrides, max_length: int | None
    ) -> SamplingOptions:
        options = merge(SamplingOptions(), overrides)
        if max_length is None or overrides.max_new_tokens is not None:
            return options
        text = with_memory(as_facts(model_input.memory), model_input.text)
        prompt_tokens = len(self._writer.encode(model_input.frame(text)))
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
        return self._writer.begin(window, want.options, want.seed, least=want.least)


def _check(given: SamplingOverrides, num_return_sequences: int, seed: int | None) -> None:
    check(given, POSSIBLE)
    if num_return_sequences < 1:
        raise InvalidOption("num_return_sequences", num_return_sequences, 1, POSSIBLE["max_new_tokens"].maximum)
    if seed is not None and not 0 <= seed < 2**SEED_BITS:
        raise InvalidOption("seed", seed, 0, 2**SEED_BITS - 1)


def _with_seeds(wanted: list[_Wanted], copies: int, first_seed: int) -> list[_Wanted]:
    seeds = [(first_seed + number) % 2**SEED_BITS for number in range(copies)]
    return [replace(want, seed=seed) for want in wanted for seed in seeds]
