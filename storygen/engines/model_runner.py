"""The tensors of one model copy: add a row, step all rows, remove a row. Built, used and freed on one worker's thread.

The engine files with torch are this one and what it imports from beside it; import this one where it is used.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import GPT2LMHeadModel

from storygen.engines.choice_file import ChoiceFile
from storygen.engines.forward import Chunk, Forward
from storygen.engines.gpt2_forward import Gpt2Forward
from storygen.engines.native.forward import NativeForward
from storygen.engines.number_choice import choose_number_format
from storygen.engines.number_format import FLOAT32, INT8, NumberFormat
from storygen.engines.out_of_memory import free_what_is_idle, is_out_of_memory
from storygen.engines.row_independence import BatchRule
from storygen.engines.sampler import MIN_NEW_TOKENS, Look, Sampler
from storygen.engines.static_step import StaticStep
from storygen.errors import OutOfMemory
from storygen.sampling import SamplingOptions

PROMPT_CHUNK = 32
"""Prompts are read in pieces of this many tokens, a piece between two steps, so that nobody who writes waits long.

Pieces begin at multiples of it in each prompt, so that a prompt is always read with the same arithmetic.
With 124 million weights in int8, eight rows and one core a step took 44 ms, with a piece of 32 tokens 85, of 64 150.
"""
PIECES_OF_A_CROWD = 4
"""So many pieces between two steps where more rows wait for their prompts to be read than write.

With 124 million weights in int8, one core, and 32 prompts of 17 tokens that came together, 100 tokens each were
written at 407 and 426 tokens/s; at 337 and 371 with one piece a step and one prompt joining in each.
"""


@dataclass(slots=True, kw_only=True)
class _Row:
    prompt: Sequence[int]
    options: SamplingOptions
    seed: int
    least: int
    """How many tokens it writes at least."""
    token: int
    """The newest token, not yet read by the model; at first the prompt's last."""
    read: int = 0
    """How many positions are in the cache, so also the position of ``token`` once the prompt is read."""

    @property
    def unread(self) -> int:
        """How much of the prompt must be read before its last token."""
        return max(0, len(self.prompt) - 1 - self.read)


class ModelRunner:
    """A GPT-2 that writes up to ``rows`` texts at once, each with its own options, joining and leaving at any step.

    ``dtype`` is ``auto``, or a format of ``number_format``. ``static`` computes all rows in every step, over a cache
    of full size; None does so on a GPU. ``choice_file`` remembers what ``auto`` has chosen.
    Raises ValueError for a number format that is none.
    """

    def __init__(
        self,
        model: GPT2LMHeadModel,
        *,
        rows: int,
        ends: Sequence[int],
        forbidden: Sequence[int],
        dtype: str = FLOAT32,
        static: bool | None = None,
        choice_file: ChoiceFile | None = None,
    ) -> None:
        self.n_positions: int = model.config.n_positions
        numbers = choose_number_format(model, dtype, rows=rows, choice_file=choice_file)
        self.dtype: str = numbers.name
        with torch.inference_mode():
            is_static = model.device.type == "cuda" if static is None else static
            self._forward = forward_for(model, numbers, is_static=is_static)
            self._cache = self._forward.cache
            self._static = self._new_static_step(rows) if is_static else None
            self._rule = (
                BatchRule(least_rows=rows, prompts_join=False)
                if is_static
                else self._forward.batch_rule(rows=rows, chunk=PROMPT_CHUNK * PIECES_OF_A_CROWD)
            )
        self._sampler = Sampler(
            rows=rows,
            vocabulary=model.lm_head.weight.shape[0],
            ends=ends,
            forbidden=forbidden,
            device=self._forward.device,
        )
        self._rows: list[_Row | None] = [None] * rows
        self._reading: list[int] = []

    @property
    def free_rows(self) -> int:
        """How many texts can be added now."""
        return self._rows.count(None)

    @property
    def cache_bytes(self) -> int:
        """Memory that keys and values take now; 0 when no row is in use, unless the shapes are static."""
        return self._cache.bytes_held

    def add(self, prompt: Sequence[int], options: SamplingOptions, seed: int, *, least: int | None = None) -> int:
        """Give a free row to a prompt and say which. The following steps read it, piece by piece.

        It does not end before ``least`` tokens are written; None stands for MIN_NEW_TOKENS.
        Raises ValueError where no row is free, or the prompt is empty or fills all positions, and OutOfMemory.
        """
        if not 0 < len(prompt) < self.n_positions:
            raise ValueError(f"a prompt of {len(prompt)} tokens does not fit {self.n_positions} positions")
        number = self._rows.index(None)
        least = MIN_NEW_TOKENS if least is None else least
        row = _Row(prompt=list(prompt), options=options, seed=seed, least=least, token=prompt[-1])
        try:
            self._cache.reserve(number + 1, len(prompt))
        except (RuntimeError, MemoryError) as error:
            raise (OutOfMemory() if is_out_of_memory(error) else error) from error
        self._rows[number] = row
        self._reading.append(number)
        return number

    def step(self) -> dict[int, int]:
        """Write one token in every row whose prompt is read, and give them by row; in at least one, if any is in use.

        Reads a piece of the prompts that are new along the way. Removing rows that have ended is the caller's.
        Raises ValueError where a row has no position left, and OutOfMemory, after which the rows are as they were.
        """
        if self.free_rows == len(self._rows):
            return {}
        if max(row.read for row in self._rows if row) >= self.n_positions:
            raise ValueError(f"a row has used all {self.n_positions} positions")
        unread = {number: self._row(number).read for number in self._reading}
        try:
            drawn = self._drawn()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            self._take_back(unread)
            raise OutOfMemory from error
        for number, token in drawn.items():
            row = self._row(number)
            row.token, row.read = token, row.read + 1
        return drawn

    def _drawn(self) -> dict[int, int]:
        with torch.inference_mode():
            chunks = self._next_chunks()
            while len(self._reading) + self.free_rows == len(self._rows):  # nobody can write yet
                self._read(chunks)
                chunks = self._next_chunks()
            return self._sampler.draw(self._logits(chunks))

    def _take_back(self, unread: dict[int, int]) -> None:
        """Let prompts count as read only up to where they were before a step that failed."""
        for number, read in unread.items():
            self._row(number).read = read
            if number not in self._reading:
                self._sampler.remove(number)
        self._reading = list(unread)

    def look_at(self, row: int, look: Look) -> None:
        """Have ``look`` called once, by the step that writes the row's next token, before that is drawn."""
        self._sampler.look_at(row, look)

    def remove(self, row: int) -> None:
        """Free a row, between steps; with the last one its memory goes too. Raises ValueError for one not in use."""
        self._row(row)
        self._rows[row] = None
        self._sampler.look_away(row)
        if row in self._reading:
            self._reading.remove(row)
        else:
            self._sampler.remove(row)
        if self.free_rows == len(self._rows) and self._static is None:
            self._cache.release()

    def give_back(self) -> None:
        """Give back the memory of rows that are not in use, where the shapes are not static."""
        if self._static is None:
            self._cache.keep_rows(1 + max((number for number, row in enumerate(self._rows) if row), default=-1))
        free_what_is_idle()

    def _row(self, number: int) -> _Row:
        row = self._rows[number]
        if row is None:
            raise ValueError(f"row {number} is not in use")
        return row

    def _next_chunks(self) -> list[Chunk]:
        """Take the next piece of each prompt that is being read, as many as fit, and count them read; oldest first."""
        chunks: list[Chunk] = []
        room = self._prompt_room()
        for number in list(self._reading):
            row = self._row(number)
            piece = row.prompt[row.read : row.read + min(row.unread, PROMPT_CHUNK)]
            if len(piece) > room:
                continue
            if piece:
                chunks.append(Chunk(row=number, start=row.read, token_ids=piece))
            row.read += len(piece)
            room -= len(piece)
            if not row.unread:
                self._reading.remove(number)
                self._sampler.add(number, row.prompt, row.options, row.seed, row.least)
        return chunks

    def _prompt_room(self) -> int:
        """Say how many tokens of prompts may be read now: more where few are kept waiting by it and many gain."""
        writing = len(self._rows) - self.free_rows - len(self._reading)
        return PROMPT_CHUNK * (PIECES_OF_A_CROWD if len(self._reading) > writing else 1)

    def _logits(self, chunks: list[Chunk]) -> Tensor:
        """Step the rows up to the last one in use; free ones between may be computed along, their result unused.

        A row whose prompt is still being read is one of them: what it writes is overwritten by its next piece.
        """
        if chunks and not self._rule.prompts_join:
            self._read(chunks)
            chunks = []
        rows = self._lines()
        tokens, positions = [row.token if row else 0 for row in rows], [row.read if row else 0 for row in rows]
        if self._static is not None:
            return self._static(tokens, positions)
        length = max(positions) + 1
        self._cache.reserve(len(rows), length)
        device = self._forward.device
        writing = [number for number, row in enumerate(self._rows) if row and number not in self._reading]
        return self._forward.step(
            torch.tensor(tokens, device=device), torch.tensor(positions, device=device), length, chunks, wanted=writing
        )

    def _read(self, chunks: list[Chunk]) -> None:
        """Read pieces of prompts without a step of the rows that write."""
        self._cache.reserve(len(self._lines()), max(chunk.start + len(chunk.token_ids) for chunk in chunks))
        together = [chunks] if self._rule.prompts_join else [[chunk] for chunk in chunks]
        for some in together:
            self._forward.read(some)

    def _lines(self) -> list[_Row | None]:
        """Give the rows up to the last one in use, and beyond it as many as make a batch in which rows don't differ."""
        used = 1 + max((number for number, row in enumerate(self._rows) if row), default=-1)
        lines = self._rows[: max(used, self._rule.least_rows)]
        return lines + [None] * (self._rule.least_rows - len(lines))

    def _new_static_step(self, rows: int) -> StaticStep:
        self._cache.reserve(rows, self.n_positions)
        return StaticStep(self._forward, rows=rows, length=self.n_positions)


def forward_for(model: GPT2LMHeadModel, numbers: NumberFormat, *, is_static: bool) -> Forward:
    """Give the compiled kernels where they serve: they are much faster, and have int8 only."""
    if numbers.name == INT8 and not is_static and NativeForward.serves(model):
        return NativeForward(model)
    return Gpt2Forward(model, numbers)


def choose_device(device: str) -> str:
    """Give ``cuda`` or ``cpu`` for ``auto``, anything else as it is."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return device


def limit_threads(threads: int, workers: int = 1) -> None:
    """Set how many CPU threads the calling thread's tensors use; 0 shares all cores but one among the workers."""
    if threads < 1:
        affinity = getattr(os, "sched_getaffinity", None)
        cores = len(affinity(0)) if affinity else os.cpu_count() or 1
        threads = max(1, (cores - 1) // workers)
    torch.set_num_threads(threads)
