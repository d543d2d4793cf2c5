"""A story of every genre now and then while a model is trained, so that one reads how it comes along."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from storygen.checkpoint import Checkpoint, CheckpointInfo
from storygen.engines.story_writer import OpenStory, StoryWriter
from storygen.genre import Genre
from storygen.polish import polish
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason
from training.train.lora import plain_copy

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerBase

SEED = 1
"""The same for every genre and every time: what differs is the model."""


class SampleStories(TrainerCallback):
    """Writes ``samples/step-00300.md``. On the first process only; takes nothing from torch's random numbers."""

    def __init__(
        self, run: Path, tokenizer: PreTrainedTokenizerBase, info: CheckpointInfo, *, every: int, tokens: int
    ) -> None:
        self._folder = run / "samples"
        self._tokenizer = tokenizer
        self._info = info
        self._every = every
        self._options = SamplingOptions(max_new_tokens=tokens)

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002  # Trainer gives it by name
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002  # likewise
        **given: Any,  # noqa: ANN401  # likewise
    ) -> None:
        """Write the stories of this step; Trainer calls this."""
        if state.is_world_process_zero and state.global_step % self._every == 0:
            self._write(plain_copy(given["model"]), state.global_step)

    def _write(self, model: GPT2LMHeadModel, step: int) -> None:
        checkpoint = Checkpoint(self._info, model, self._tokenizer)
        stories = tell_all(checkpoint, self._options)
        parts = [f"## {genre.label}\n\n{story}\n" for genre, story in zip(self._info.genres, stories, strict=True)]
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"step-{step:05}.md"
        path.write_text("\n".join([f"# {self._info.name}, step {step}\n", *parts]), encoding="utf-8")


def tell_all(checkpoint: Checkpoint, options: SamplingOptions) -> list[str]:
    """Give one story for each genre of the checkpoint, all written together, each from nothing but its genre."""
    genres = checkpoint.info.genres
    writer = StoryWriter(checkpoint, rows=len(genres))
    opened = [_begin(writer, genre, options) for genre in genres]
    ends: dict[int, FinishReason] = {}
    while len(ends) < len(opened):
        ends.update((progress.story.row, progress.ended) for progress in writer.step() if progress.ended)
    return [_shown(story, ends[story.row]) for story in opened]


def _begin(writer: StoryWriter, genre: Genre, options: SamplingOptions) -> OpenStory:
    window = writer.window(writer.genre_input(genre.name, ""), options.max_new_tokens)
    return writer.begin(window, options, SEED)


def _shown(story: OpenStory, ended: FinishReason) -> str:
    how = "ended by itself" if ended is FinishReason.EOS else "stopped"
    return f"{polish(story.stream.text).strip()}\n\n*({how} after {story.new_tokens} tokens)*"
