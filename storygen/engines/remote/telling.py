"""One story on its way through the engine. On the event loop only."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from storygen.engines.sentence_finish import SentenceFinish
from storygen.generation import Event, Generation
from storygen.story import FINISHING_TOKENS, FinishReason, Story, StoryRequest
from storygen.titles import answer_for

LONGEST_TOKEN = 32
"""Letters that a token has at most when a story's length is counted; four are usual."""


@dataclass(slots=True, eq=False, kw_only=True)
class RemoteTelling:
    """A request, the stream that answers it, and what is counted on the way."""

    request: StoryRequest
    generation: Generation = field(init=False)
    """Set by the engine before anybody else sees the telling."""
    model: str = ""
    """Name of the model that writes it, or would."""
    submitted_at: float = field(default_factory=time.monotonic)
    started_at: float | None = None
    """When it left the queue."""
    prompt_tokens: int = 0
    new_tokens: int = 0
    """As the server counts; before it has told, one for each event with text."""
    prompt_was_cut: bool = False
    finished_for: FinishReason = FinishReason.EOS
    max_new_tokens: int = 0
    """How many tokens of text it has at most, save for what finishes a sentence."""
    finish: SentenceFinish | None = None
    """Where it may go on beyond that to the end of a sentence."""

    @property
    def letters_left(self) -> int:
        """How much more text is taken of it. A server may send without end, whatever it was asked for."""
        most = (self.max_new_tokens + FINISHING_TOKENS) * LONGEST_TOKEN
        return max(most - len(self.generation.text), 0)

    @property
    def deadline(self) -> float:
        """When its time is over, by ``time.monotonic``."""
        return self.submitted_at + self.request.deadline_seconds

    @property
    def has_begun(self) -> bool:
        """Whether some of it was shown."""
        return bool(self.generation.text)

    def receive(self, event: Event) -> None:
        """Tell the reader."""
        self.generation.receive(event)

    def story(self, reason: FinishReason) -> Story:
        """Give the story as it stands, ended for ``reason``."""
        now = time.monotonic()
        started_at = now if self.started_at is None else self.started_at
        return Story(
            text=answer_for(self.request, self.generation.text, reason),
            finish_reason=reason,
            seed=self.request.seed,
            model=self.model,
            prompt_tokens=self.prompt_tokens,
            new_tokens=self.new_tokens,
            prompt_was_cut=self.prompt_was_cut,
            waiting_seconds=started_at - self.submitted_at,
            writing_seconds=now - started_at,
        )
