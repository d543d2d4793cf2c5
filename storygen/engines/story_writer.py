"""Text in, text out: several stories at once on one model copy, without threads. On the thread that made it only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storygen.checkpoint import Checkpoint, load
from storygen.engines.prompt_window import PromptWindow, fit_prompt
from storygen.engines.text_stream import TextStream
from storygen.prompt import BOS, EOS, GPT2_END, PAD, clean_text, render_prompt
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason

if TYPE_CHECKING:  # torch takes seconds to import; a writer imports it when it is made.
    from storygen.engines.model_runner import ModelRunner


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Which tokens mean something other than text."""

    ends: list[int]
    """Each of these ends a story: ``<EOS>``, and GPT-2's own end where the vocabulary has it."""
    forbidden: list[int]
    """Never written: the other control tokens, and places in the vocabulary that stand for nothing."""


@dataclass(slots=True, kw_only=True)
class OpenStory:
    """A story that has a row."""

    row: int
    prompt_tokens: int
    prompt_was_cut: bool
    max_new_tokens: int
    stream: TextStream
    new_tokens: int = 0
    """Tokens of text, the end token not counted."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What one step brought to one story."""

    story: OpenStory
    text: str
    """New text; may be empty."""
    ended: FinishReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInput:
    """A prompt and how the model wants it framed."""

    text: str
    frame: Callable[[str], str] = field(default=str)
    """Puts what must never be cut, the genre, in front of the text."""


class StoryWriter:
    """Writes up to ``rows`` stories at once. A story's row is free again when a step says that it has ended."""

    def __init__(self, checkpoint: Checkpoint, *, rows: int, dtype: str = "float32") -> None:
        from storygen.engines.model_runner import ModelRunner

        self.info = checkpoint.info
        self.device = str(checkpoint.model.device)
        self._tokenizer = checkpoint.tokenizer
        self._rules = token_rules(checkpoint)
        self._runner: ModelRunner = ModelRunner(
            checkpoint.model, rows=rows, ends=self._rules.ends, forbidden=self._rules.forbidden, dtype=dtype
        )
        self.dtype = self._runner.dtype
        self._stories: dict[int, OpenStory] = {}

    @property
    def free_rows(self) -> int:
        """How many stories can begin now."""
        return self._runner.free_rows

    @property
    def n_positions(self) -> int:
        """How many tokens prompt and story have together."""
        return self._runner.n_positions

    def genre_input(self, genre: str, prompt: str) -> ModelInput:
        """Frame a person's prompt; what the model would read as a control token goes, whoever let it through."""
        return ModelInput(text=clean_text(prompt, self.info.genres), frame=lambda text: render_prompt(genre, text))

    def encode(self, text: str) -> list[int]:
        """Give the token ids of a whole model input."""
        ids: list[int] = self._tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def window(self, model_input: ModelInput, max_new_tokens: int) -> PromptWindow:
        """Count a prompt in tokens and cut it where it is too long."""

        def encode(text: str) -> list[int]:
            return self.encode(model_input.frame(text))

        return fit_prompt(model_input.text, encode, max_new_tokens=max_new_tokens, n_positions=self.n_positions)

    def begin(self, window: PromptWindow, options: SamplingOptions, seed: int) -> OpenStory:
        """Give a prompt a free row; the next steps read it. Raises ValueError where no row is free."""
        story = OpenStory(
            row=self._runner.add(window.token_ids, options, seed),
            prompt_tokens=len(window.token_ids),
            prompt_was_cut=window.was_cut,
            max_new_tokens=window.max_new_tokens,
            stream=TextStream(self._decode),
        )
        self._stories[story.row] = story
        return story

    def step(self) -> list[Progress]:
        """Write one token of every story whose prompt is read, and say what it brought."""
        progress = [self._take(self._stories[row], token) for row, token in self._runner.step().items()]
        for each in progress:
            if each.ended:
                self.leave(each.story)
        return progress

    def leave(self, story: OpenStory) -> None:
        """Give up a story that has not ended; its row is free."""
        del self._stories[story.row]
        self._runner.remove(story.row)

    def leave_all(self) -> None:
        """Give up every story that has not ended."""
        for story in list(self._stories.values()):
            self.leave(story)

    def _take(self, story: OpenStory, token: int) -> Progress:
        if token in self._rules.ends:
            return Progress(story, "", FinishReason.EOS)
        story.new_tokens += 1
        ended = FinishReason.LENGTH if story.new_tokens >= story.max_new_tokens else None
        return Progress(story, story.stream.add(token), ended)

    def _decode(self, tokens: Sequence[int]) -> str:
        text: str = self._tokenizer.backend_tokenizer.decode(list(tokens), skip_special_tokens=True)
        return text


def load_writer(
    checkpoint: str, *, device: str, rows: int, threads: int, workers: int = 1, dtype: str = "auto"
) -> StoryWriter:
    """Load a checkpoint and put a writer on it.

    ``dtype`` is the number format of the weights, ``auto`` what is fastest on this machine; see ``number_format``.
    Raises CheckpointError, and ValueError for a format that the device has not.
    """
    from storygen.engines.model_runner import choose_device, limit_threads

    limit_threads(threads, workers)
    return StoryWriter(load(checkpoint, choose_device(device)), rows=rows, dtype=dtype)


def token_rules(checkpoint: Checkpoint) -> TokenRules:
    """Read from a checkpoint which tokens end a story and which are never written."""
    known = checkpoint.tokenizer.get_vocab()
    ends = [known[token] for token in (EOS, GPT2_END) if token in known]
    control = [known[token] for token in (BOS, PAD, *(genre.token for genre in checkpoint.info.genres))]
    nothing = set(range(checkpoint.model.lm_head.weight.shape[0])) - set(known.values())
    forbidden = (nothing | set(control) | set(checkpoint.tokenizer.all_special_ids)) - set(ends)
    return TokenRules(ends, sorted(forbidden))
