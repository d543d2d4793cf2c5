"""Stories that a worker writes for nobody before its first, so that it knows how fast it is in its own loop."""

from __future__ import annotations

from storygen.engines.submission import Submission
from storygen.generation import Generation
from storygen.sampling import SamplingOptions
from storygen.story import StoryRequest

STEPS = 40
SECONDS = 0.2
"""It takes no longer than one of the two, but for its last step."""
_PROMPT = "The lighthouse keeper sees a ship come out of the fog, although nobody has sailed here for a hundred years."


def trials(rows: int, genre: str) -> list[Submission]:
    """Give a story for each row. On the event loop; nobody reads them, and they end when somebody ends them."""
    options = SamplingOptions(max_new_tokens=10 * STEPS)
    submissions = [
        Submission(StoryRequest(genre=genre, prompt=_PROMPT, options=options, seed=row)) for row in range(rows)
    ]
    for submission in submissions:
        submission.generation = Generation(submission.request, 1, lambda: None)
    return submissions
