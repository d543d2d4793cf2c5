"""Text in, text out: several stories at once on one model copy, without threads. On the thread that made it only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from storygen.checkpoint import Checkpoint
from storygen.engines.choice_file import ChoiceFile
from storygen.engines.model_input import ModelInput, genre_input, input_for
from storygen.engines.prompt_window import PromptWindow, fit_prompt
from storygen.engines.sentence_finish import SentenceFinish
from storygen.engines.text_stream import TextStream
from storygen.exploration import NextTokens
from storygen.prompt import BOS, EOS, GPT2_END, PAD
from storygen.sampling import SamplingOptions
from storygen.story import FinishReason, StoryRequest, Wanted
from storygen.titles import LEAST_TITLE_TOKENS

if TYPE_CHECKING:  # torch takes seconds to import; a writer imports it when it is made.
    from torch import Tensor

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
    finishing_tokens: int
    """How many more it may have to finish a sentence."""
    stream: TextStream
    finish: SentenceFinish = field(default_factory=SentenceFinish)
    new_tokens: int = 0
    """Tokens of text, the end token not counted."""
    next_tokens: NextTokens | None = None
    """What could come first, where that was to be explored; known after the first step."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What one step brought to one story."""

    story: OpenStory
    text: str
    """New text; may be empty."""
    ended: FinishReason | None


class StoryWriter:
    """Writes up to ``rows`` stories at once. A story's row is free again when a step says that it has ended."""

    def __init__(
        self, checkpoint: Checkpoint, *, rows: int, dtype: str = "float32", choice_file: ChoiceFile | None = None
    ) -> None:
        from storygen.engines.model_runner import ModelRunner

        self.info = checkpoint.info
        self.device = str(checkpoint.model.device)
        self._tokenizer = checkpoint.tokenizer
        self._rules = token_rules(checkpoint)
        self._runner: ModelRunner = ModelRunner(
            checkpoint.model,
            rows=rows,
            ends=self._rules.ends,
            forbidden=self._rules.forbidden,
            dtype=dtype,
            choice_file=choice_file,
        )
        self.dtype = self._runner.dtype
        self.rehearsed: Sequence[tuple[int, float]] = ()
        """Rows and seconds of the steps that it has tried out."""
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
        return genre_input(genre, prompt, self.info)

    def encode(self, text: str) -> list[int]:
        """Give the token ids of a whole model input."""
        ids: list[int] = self._tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def window(self, model_input: ModelInput, max_new_tokens: int, *, n_positions: int | None = None) -> PromptWindow:
        """Count a prompt in tokens and cut it where it is too long for the model, or for ``n_positions``."""

        def encode(text: str) -> list[int]:
            return self.encode(model_input.frame(text))

        return fit_prompt(
            model_input.text,
            encode,
            max_new_tokens=max_new_tokens,
            n_positions=n_positions or self.n_positions,
            memory=model_input.memory,
            finishing_tokens=model_input.finishing_tokens,
        )

    def window_for(self, request: StoryRequest, max_new_tokens: int, *, shorter: bool = False) -> PromptWindow:
        """Frame all that a request brings, and cut of it what is too long; ``shorter``: as if half had room."""
        positions = self.n_positions // 2 if shorter else self.n_positions
        new_tokens = max(max_new_tokens // 2, 1) if shorter else max_new_tokens
        model_input = input_for(request, self.info, self.encode, positions)
        return self.window(model_input, new_tokens, n_positions=positions)

    def begin_for(self, window: PromptWindow, request: StoryRequest) -> OpenStory:
        """Give a request's prompt a free row, as ``begin`` does."""
        least = LEAST_TITLE_TOKENS if request.wants is Wanted.TITLE else None
        return self.begin(window, request.options, request.seed, least=least)

    def begin(
        self, window: PromptWindow, options: SamplingOptions, seed: int, *, least: int | None = None
    ) -> OpenStory:
        """Give a prompt a free row; the next steps read it. Raises ValueError where no row is free.

        It does not end before ``least`` tokens; None stands for what holds for stories.
        """
        story = OpenStory(
            row=self._runner.add(window.token_ids, options, seed, least=least),
            prompt_tokens=len(window.token_ids),
            prompt_was_cut=window.was_cut,
            max_new_tokens=window.max_new_tokens,
            finishing_tokens=window.finishing_tokens,
            stream=TextStream(self._decode),
        )
        self._stories[story.row] = story
        return story

    def explore(self, window: PromptWindow, options: SamplingOptions, shown: int) -> OpenStory:
        """Give a prompt a row for one token, whose odds are then in ``next_tokens``; they cost no more than a token.

        Raises ValueError where no row is free.
        """
        from storygen.engines.explorer import next_tokens

        story = self.begin(replace(window, max_new_tokens=1, finishing_tokens=0), options, seed=0)

        def look(logits: Tensor, scores: Tensor) -> None:
            story.next_tokens = next_tokens(logits, scores, options, shown=shown, text_of=self._text_of)

        self._runner.look_at(story.row, look)
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

    def give_back(self) -> None:
        """Give back the memory of rows that are free: the device has none left."""
        self._runner.give_back()

    def leave_all(self) -> None:
        """Give up every story that has not ended."""
        for story in list(self._stories.values()):
            self.leave(story)

    def _take(self, story: OpenStory, token: int) -> Progress:
        if token in self._rules.ends:
            return Progress(story, "", FinishReason.EOS)
        if story.new_tokens >= story.max_new_tokens:
            return _finish(story, token)
        story.new_tokens += 1
        is_last = story.new_tokens >= story.max_new_tokens and not story.finishing_tokens
        return Progress(story, story.stream.add(token), FinishReason.LENGTH if is_last else None)

    def _text_of(self, token: int) -> str:
        from storygen.engines.explorer import text_of_token

        backend = self._tokenizer.backend_tokenizer
        return text_of_token(backend.id_to_token(token) or "", backend.decode([token], skip_special_tokens=False))

    def _decode(self, tokens: Sequence[int]) -> str:
        text: str = self._tokenizer.backend_tokenizer.decode(list(tokens), skip_special_tokens=True)
        return text


def _finish(story: OpenStory, token: int) -> Progress:
    """Take a token beyond the story's length: with it, the sentence may turn out to have ended."""
    before = story.stream.text
    piece = story.stream.add(token)
    kept = story.finish.kept(before, piece)
    if kept is not None:
        story.stream.keep(kept)
        story.new_tokens += bool(kept)
        return Progress(story, piece[:kept], FinishReason.LENGTH)
    story.new_tokens += 1
    is_last = story.new_tokens >= story.max_new_tokens + story.finishing_tokens
    return Progress(story, piece, FinishReason.LENGTH if is_last else None)


def token_rules(checkpoint: Checkpoint) -> TokenRules:
    """Read from a checkpoint which tokens end a story and which are never written."""
    backend = checkpoint.tokenizer.backend_tokenizer
    ends = [number for number in map(backend.token_to_id, (EOS, GPT2_END)) if number is not None]
    control = [backend.token_to_id(token) for token in (BOS, PAD, *(genre.token for genre in checkpoint.info.genres))]
    places = range(checkpoint.model.lm_head.weight.shape[0])
    nothing = {number for number in places if backend.id_to_token(number) is None}
    forbidden = (nothing | set(control) | set(checkpoint.tokenizer.all_special_ids)) - set(ends)
    return TokenRules(ends, sorted(forbidden))
