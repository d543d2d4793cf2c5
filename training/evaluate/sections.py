"""The sections of an evaluation: each takes the material and gives figures, or says why it has none."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any

from storygen.errors import CheckpointError
from storygen.sampling import SamplingOptions
from training.errors import TrainingError
from training.evaluate import mauve_distance, ngram
from training.evaluate.adherence import measure_adherence
from training.evaluate.copying import measure_copying
from training.evaluate.diversity import distinct, self_bleu
from training.evaluate.endings import measure_endings
from training.evaluate.generated import (
    STORIES_FILE,
    Wish,
    prompted_wishes,
    read_told,
    tell,
    wishes,
    write_told,
)
from training.evaluate.invented import measure_invented
from training.evaluate.labelled import LabelledStory, read_stories
from training.evaluate.loops import is_loop, repeated_share
from training.evaluate.material import CUT, GENERATED, PROMPTED, TEST, Material
from training.evaluate.perplexity import Measured, by_genre, measure, total
from training.evaluate.running_words import first_words, words_of
from training.evaluate.samples import SAMPLES_FILE, write_samples
from training.evaluate.shuffled_genres import measure_shuffled

Section = dict[str, Any]

_EVERY = 10
_NO_TRAINING = "no training stories were named (--train-stories)"
_NO_STORIES = "no stories were generated (--generate 0)"

log = logging.getLogger(__name__)


def not_measured(reason: str) -> Section:
    """Give a section that has only the reason why it has nothing."""
    return {"not_measured": reason}


def sampling_options(material: Material) -> SamplingOptions:
    """Give the options that stories are told with: the package's own, but for the length where one was chosen."""
    length = material.inputs.max_new_tokens
    return SamplingOptions() if length is None else replace(SamplingOptions(), max_new_tokens=length)


def tell_stories(material: Material) -> None:
    """Tell the stories, or read them again, and keep them in the material and beside the report."""
    chosen = material.inputs
    if chosen.generated:
        told = read_told(chosen.generated, chosen.genres)
    else:
        options = sampling_options(material)
        wanted, device, threads = _wanted(material), chosen.device, chosen.threads
        told = tell(chosen.checkpoint, wanted, options, _log_told, device=device, threads=threads) if wanted else []
    if told:
        write_told(chosen.out / STORIES_FILE, told)
        write_samples(chosen.out / SAMPLES_FILE, material.checkpoint.info.name, told)
    groups = {GENERATED: [s for s in told if not s.prompt], PROMPTED: [s for s in told if s.prompt]}
    material.told = {name: stories for name, stories in groups.items() if stories}


def prediction(material: Material) -> tuple[list[Measured], Section]:
    """Measure the test stories one by one, and sum up."""
    measured = []
    for number, story in enumerate(material.stories, start=1):
        measured.append(measure(material.checkpoint, story))
        if number % 100 == 0:
            log.info("%d of %d test stories measured", number, len(material.stories))
    return measured, {"overall": total(measured).figures(), "by_genre": by_genre(material.stories, measured)}


def shuffled(material: Material, measured: list[Measured]) -> Section:
    """Measure the same network with shuffled genre tokens."""
    if len(material.inputs.genres) == 1:
        return not_measured("this checkpoint has one genre only")
    if not any(story.genre for story in material.stories):
        return not_measured("the test stories have no genres")
    return measure_shuffled(material.checkpoint, material.stories, measured, material.inputs.seed)


def ngram_baseline(material: Material) -> Section:
    """Measure the n-gram model that has read the training stories."""
    if not material.inputs.train_stories:
        return not_measured(_NO_TRAINING)
    if reason := ngram.missing():
        return not_measured(reason)
    return ngram.measure_ngram([story.text for story in material.inputs.training_stories()], material.stories)


def beside(material: Material) -> list[Section]:
    """Measure the other checkpoints on the test stories; one that can't be loaded has a reason instead."""
    return [_beside(name, material) for name in material.inputs.beside]


def adherence(material: Material) -> Section:
    """Measure how well generated and human stories keep to their genres."""
    if not material.inputs.train_stories:
        return not_measured(_NO_TRAINING)
    generated = {
        name: [LabelledStory(story.genre, story.shown) for story in stories] for name, stories in material.told.items()
    }
    groups = {**generated, **material.human}
    if GENERATED in generated:
        length = round(median(len(words_of(story.text)) for story in generated[GENERATED]))
        groups[f"{TEST}{CUT} to {length} words"] = [
            LabelledStory(story.genre, first_words(story.text, length)) for story in material.stories
        ]
    sources = {
        path.name.split(".jsonl")[0]: read_stories(path, material.inputs.genres)
        for path in material.inputs.train_stories
    }
    try:
        return measure_adherence(sources, groups, material.inputs.seed)
    except TrainingError as error:
        return not_measured(str(error))


def endings(material: Material) -> Section:
    """Measure how the generated stories end."""
    return _of_told(material, lambda: {name: measure_endings(told) for name, told in material.told.items()})


def loops(material: Material) -> Section:
    """Measure how many stories repeat themselves."""
    return _of_told(
        material,
        lambda: {
            name: {
                "stories": len(texts),
                "loops": round(sum(map(is_loop, texts)) / len(texts), 4),
                "repeated_runs_of_4": round(sum(map(repeated_share, texts)) / len(texts), 5),
            }
            for name, texts in material.comparable().items()
            if texts
        },
    )


def invented(material: Material) -> Section:
    """Measure how many words are in no human text at hand."""
    if not material.inputs.train_stories:
        return not_measured(_NO_TRAINING)
    human = {name: [story.text for story in stories] for name, stories in material.human.items()}
    return measure_invented({**material.shown(), **human}, material.inputs.training_texts())


def diversity(material: Material) -> Section:
    """Measure how varied the stories are, all together and of one genre."""

    def figures() -> Section:
        groups = {name: _variety(texts) for name, texts in material.comparable().items() if texts}
        told = material.told.get(GENERATED, [])
        genres = {genre: [story.shown for story in told if story.genre == genre] for genre in material.inputs.genres}
        return {"groups": groups, "by_genre": {genre: _variety(texts) for genre, texts in genres.items() if texts}}

    return _of_told(material, figures, named=False)


def copying(material: Material) -> Section:
    """Measure what stands word for word in the training texts."""
    if not material.inputs.train_stories:
        return not_measured(_NO_TRAINING)
    if not material.told:
        return not_measured(_NO_STORIES)
    groups = {**material.shown(), **material.all_cut()}
    return measure_copying(groups, material.inputs.training_texts(), material.inputs.seed)


def mauve(material: Material) -> Section:
    """Measure MAUVE between generated and human stories of the same lengths."""
    if GENERATED not in material.told:
        return not_measured(_NO_STORIES)
    generated, human = material.shown()[GENERATED], material.cut()[TEST + CUT]
    model = material.inputs.mauve_model
    if reason := mauve_distance.missing(model, min(len(generated), len(human))):
        return not_measured(reason)
    return mauve_distance.measure_mauve(generated, human, model, material.inputs.seed)


def _wanted(material: Material) -> list[Wish]:
    chosen = material.inputs
    prompted = prompted_wishes(chosen.prompts, chosen.genres, chosen.seed) if chosen.prompts else []
    return [*wishes(chosen.genres, chosen.generate, chosen.seed), *prompted]


def _log_told(number: int) -> None:
    if number % _EVERY == 0:
        log.info("%d stories told", number)


def _beside(name: str, material: Material) -> Section:
    from storygen.checkpoint import load

    try:
        other = load(name, material.inputs.device)
    except CheckpointError as error:
        return {"checkpoint": name, **not_measured(f"it can't be loaded: {error.problem}")}
    measured = [measure(other, story) for story in material.stories]
    return {
        "checkpoint": other.info.name,
        "weights": other.model.num_parameters(),
        "overall": total(measured).figures(),
        "by_genre": by_genre(material.stories, measured),
    }


def _of_told(material: Material, figures: Callable[[], Section], *, named: bool = True) -> Section:
    if not material.told:
        return not_measured(_NO_STORIES)
    return {"groups": figures()} if named else figures()


def _variety(texts: list[str]) -> Section:
    return {
        "stories": len(texts),
        "words": sum(len(words_of(text)) for text in texts),
        **{f"distinct_{length}": round(distinct(texts, length), 4) for length in (1, 2, 3)},
        "self_bleu": round(self_bleu(texts), 4),
    }
