"""What an evaluation is given: the checkpoint, the texts and the choices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storygen.checkpoint import read_info
from training.errors import TrainingError
from training.evaluate.labelled import LabelledStory, read_stories
from training.works import read_jsonl


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything that a person can choose for an evaluation."""

    checkpoint: str
    stories: Path
    """Test stories: human, labelled, never trained on."""
    out: Path
    """Folder for the report; made where missing."""
    train_stories: tuple[Path, ...] = ()
    """What the checkpoint was trained on last: plots with genres."""
    other_texts: tuple[Path, ...] = ()
    """More that it was trained on, such as fiction; for words and copying only."""
    held_out: tuple[Path, ...] = ()
    """More human stories to stand beside the generated ones."""
    generate: int = 20
    """Stories a genre."""
    prompts: Path | None = None
    generated: Path | None = None
    """Stories that were told before, to be measured again in place of new ones."""
    beside: tuple[str, ...] = ()
    """Other checkpoints to measure on the same stories."""
    max_new_tokens: int | None = None
    """None for the package's own default, which is the bot's."""
    seed: int = 1
    threads: int = 1
    device: str = "cpu"
    mauve_model: str = "gpt2-large"
    command: str = ""
    """As typed, for the report."""

    @property
    def genres(self) -> list[str]:
        """Names of the checkpoint's genres. Raises CheckpointError where they can't be read."""
        return [genre.name for genre in read_info(self.checkpoint).genres]

    def training_stories(self) -> list[LabelledStory]:
        """Read all stories of ``train_stories``; a genre that the checkpoint lacks is None."""
        return [story for path in self.train_stories for story in read_stories(path, self.genres)]

    def training_texts(self) -> Iterator[str]:
        """Give the text of everything that it was trained on, as far as it is named, one text at a time."""
        for path in self.train_stories:
            yield from (story.text for story in read_stories(path, ()))
        for path in self.other_texts:
            yield from (str(record.get("text", "")) for record in read_jsonl(path))

    def require_files(self) -> None:
        """Raise TrainingError for the first file that is named and missing, and for a folder that can't be made."""
        single = [path for path in (self.prompts, self.generated) if path]
        for path in (self.stories, *self.train_stories, *self.other_texts, *self.held_out, *single):
            if not path.is_file():
                raise TrainingError(f"There is no file {path}.")
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(f"The folder {self.out} can't be made: {error.strerror}.") from error

    def require_unseen(self) -> None:
        """Raise TrainingError where a test story or a held-out one stands whole among the training stories."""
        if not self.train_stories:
            return
        trained = {_squeezed(story.text) for path in self.train_stories for story in read_stories(path, ())}
        for path in (self.stories, *self.held_out):
            seen = sum(_squeezed(story.text) in trained for story in read_stories(path, ()))
            if seen:
                raise TrainingError(f"{seen} stories of {path} stand in the training stories; take them out of either.")

    def as_fields(self) -> dict[str, object]:
        """Give the choices for the report; of a path its name only."""
        chosen = {name: getattr(self, name) for name in ("generate", "seed", "threads", "device", "max_new_tokens")}
        files = {
            "test stories": [self.stories.name],
            "training stories": [path.name for path in self.train_stories],
            "other texts": [path.name for path in self.other_texts],
            "held-out stories": [path.name for path in self.held_out],
            "prompts": [self.prompts.name] if self.prompts else [],
        }
        return {**chosen, "files": files}


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()
