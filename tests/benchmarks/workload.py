"""What is asked for: prompts, options and seeds of a case's stories."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from storygen.prompt import render_prompt
from storygen.sampling import PRESETS, SamplingOptions, merge
from tests.benchmarks.case import Case

GENRES = ("superhero", "sci_fi", "horror", "action", "thriller", "drama")
PROMPT = "Batman is hunting down the thief who took the moon, and nobody"
SAME = SamplingOptions(temperature=1.2, top_k=50, top_p=0.95, repetition_penalty=1.1)
"""The example of the original model's documentation."""
MIXED = (
    *(merge(SamplingOptions(), preset) for preset in PRESETS.values()),
    SamplingOptions(do_sample=False),
    SamplingOptions(temperature=0.5, top_k=20, top_p=1.0, repetition_penalty=1.0),
    SamplingOptions(temperature=1.0, top_k=0, top_p=0.9, repetition_penalty=1.2),
    SamplingOptions(temperature=1.1, top_k=200, top_p=0.8, repetition_penalty=1.3),
)
"""Each preset, the most probable token, and what a person may type: one of eight sorts the whole vocabulary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One story that is asked for."""

    genre: str
    prompt: str
    options: SamplingOptions
    seed: int

    @property
    def text(self) -> str:
        """Give what the model reads."""
        return render_prompt(self.genre, self.prompt)


def asks(case: Case) -> list[Ask]:
    """Give the stories of a case; other rounds have other seeds."""
    random = Random(f"{case.key} {case.round}")  # noqa: S311 - a repeatable measurement
    return [
        Ask(
            genre=GENRES[number % len(GENRES)] if case.mixed else GENRES[0],
            prompt=PROMPT,
            options=replace(MIXED[number % len(MIXED)] if case.mixed else SAME, max_new_tokens=case.tokens),
            seed=random.randrange(2**31),
        )
        for number in range(case.stories)
    ]
