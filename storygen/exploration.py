"""What a model could say next, and what each sampling option leaves of it: plain data, no tensors."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from storygen.sampling import SamplingOptions
from storygen.story import StoryRequest

SHOWN = 16
"""So many of the most probable tokens are told one by one, unless somebody asks for another number."""

RULES = "rules"
"""In place of an option's name: a token that is never written here. Control tokens, and the end of a story before
its first words; see ``storygen.engines.sampler``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploreRequest:
    """A prompt whose next token is wanted in numbers instead of a story."""

    genre: str
    """Name of a genre of the engine's checkpoint."""
    prompt: str = field(repr=False)
    """The text so far, cleaned as for a story, and cut as for a story of these options where it is too long."""
    options: SamplingOptions
    shown: int = SHOWN
    """How many tokens are told one by one."""
    deadline_seconds: float = 60.0
    """Seconds after which it is given up where its turn has not come."""
    user: Hashable = None
    """Who asks, as any key: people take turns, with stories and explorations alike."""
    group: Hashable = None
    """Where it is asked, as any key: groups take turns too."""

    def as_story(self) -> StoryRequest:
        """Give the story that begins with the token."""
        return StoryRequest(
            genre=self.genre,
            prompt=self.prompt,
            options=self.options,
            seed=0,
            deadline_seconds=self.deadline_seconds,
            user=self.user,
            group=self.group,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOdds:
    """One token that could come next."""

    text: str
    """What it adds to the text, most often with the space before its word. See ``visible``."""
    rank: int | None
    """Its place among all tokens after the repetition penalty: 1 is the most probable; None by RULES."""
    logit: float
    """The number that the model itself gives it."""
    probability: float
    """The softmax of all logits: what the model itself thinks, before any option."""
    after: tuple[float, ...]
    """Its probability after each of the stages; 0 once it is cut off."""
    cut_by: str | None = None
    """Name of the option that cut it off, or RULES."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What one sampling option makes of the probabilities that the ones before it have left."""

    option: str
    value: float | bool
    tokens: int
    """How many tokens are left."""
    choices: float
    """The effective number of choices: so many equally probable tokens would be as uncertain (e to the entropy)."""
    cut: float
    """How much probability it took away from tokens that it cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTokens:
    """The most probable next tokens and the stages in the order in which they act."""

    vocabulary: int
    """How many tokens the model knows."""
    choices: float
    """The effective number of choices before any option."""
    tokens: tuple[TokenOdds, ...]
    """By the model's own probability, the greatest first."""
    edges: tuple[TokenOdds, ...]
    """Where the cuts are, also where ``tokens`` do not reach: for each option that cuts, the most probable token
    that it takes away, and of all the least probable one that is left. By rank; nothing where nothing is cut."""

    def beginning(self, limit: int) -> tuple[TokenOdds, ...]:
        """Give the first of ``tokens``, as many as fit into ``limit`` rows with those at the edges below them."""
        first = self.tokens[:limit]
        while first and len(first) + len(self.beyond(first)) > limit:
            first = first[:-1]
        return first

    def beyond(self, told: Sequence[TokenOdds]) -> tuple[TokenOdds, ...]:
        """Give those at the edges that are not among ``told``."""
        return tuple(token for token in self.edges if token not in told)

    stages: tuple[Stage, ...]
    """Repetition penalty, temperature, top_k, top_p; without sampling, the penalty and the choice of the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What came of an ExploreRequest."""

    genre: str
    """Empty where the prompt names none, which only Python can ask for."""
    prompt: str = field(repr=False)
    options: SamplingOptions
    model: str
    """Name of the checkpoint."""
    prompt_tokens: int
    prompt_was_cut: bool
    next_tokens: NextTokens


def others(told: Iterable[TokenOdds]) -> tuple[float, ...]:
    """Give the probability of all tokens but those that are ``told``: before any option, then after each stage."""
    columns = zip(*((token.probability, *token.after) for token in told), strict=True)
    return tuple(round(max(0.0, 1.0 - sum(column)), 9) for column in columns)  # no dust of adding up


_SIGNS: Mapping[str, str] = MappingProxyType({" ": "␣", "\n": "↵", "\t": "⇥", "\r": "↤"})
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})


def visible(text: str) -> str:
    """Give a token's text so that spaces, line breaks and what has no shape of its own can be seen."""
    return "".join(_SIGNS.get(character) or _shape(character) for character in text)


def _shape(character: str) -> str:
    return f"⟨{ord(character):04X}⟩" if unicodedata.category(character) in _UNSEEN else character
