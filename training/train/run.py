"""Train a checkpoint with transformers' Trainer, in stages, from where a stopped run left off if asked to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from storygen.checkpoint import checkpoint_path
from training.errors import TrainingError
from training.train.export import export
from training.train.memory import naming_the_setting
from training.train.starting_point import TOKENIZER, saved_model, starting_model, starting_tokenizer
from training.train.trainer import build_trainer, training_arguments

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerBase, Trainer, TrainingArguments

    from training.train.config import TrainingConfig


def train(config: TrainingConfig, data: Path, run: Path, out: Path, *, resume: bool = False) -> dict[str, Any] | None:
    """Train on the splits in ``data``, keep states and logs in ``run``, write the checkpoint to ``out``.

    Gives what Trainer says of the run; None in all processes of a launch but the first, which writes.
    Raises TrainingError for data that does not fit, for a full memory, or when there is
    nothing to resume, or when ``run`` holds an earlier run and ``resume`` is not asked for.
    """
    state = _state_to_resume(run, resume=resume)
    with naming_the_setting(config, run):
        trainer, tokenizer = _prepare(config, data, run, resume=resume)
        result = trainer.train(resume_from_checkpoint=state)
    if not trainer.is_world_process_zero():
        return None
    export(cast("GPT2LMHeadModel", trainer.model), tokenizer, out, config=config, data=data)
    return dict(result.metrics)


def dry_run(config: TrainingConfig, data: Path, run: Path) -> None:
    """Do all that comes before the first step, so that the log says how large the run is; ``run`` may be resumed."""
    with naming_the_setting(config, run):
        _prepare(config, data, run, resume=True)


def export_state(config: TrainingConfig, data: Path, run: Path, out: Path) -> None:
    """Write the last saved state of a run, also of one that still goes on, as a checkpoint to ``out``.

    Raises TrainingError where the run has not saved a state yet.
    """
    from transformers import AutoTokenizer, set_seed

    state = _state_to_resume(run, resume=True)
    set_seed(config.seed)
    tokenizer = AutoTokenizer.from_pretrained(checkpoint_path(config.base) if config.base else run / TOKENIZER)
    model = saved_model(config, tokenizer, data, Path(str(state)))
    export(model, tokenizer, out, config=config, data=data)


def _prepare(config: TrainingConfig, data: Path, run: Path, *, resume: bool) -> tuple[Trainer, PreTrainedTokenizerBase]:
    import torch
    from transformers import set_seed

    torch.set_num_threads(config.threads)
    run.mkdir(parents=True, exist_ok=True)
    arguments = training_arguments(config, run)
    set_seed(config.seed)
    tokenizer = _tokenizer(config, data, run, arguments, resume=resume)
    model = starting_model(config, tokenizer, data)
    return build_trainer(config, data, run, model=model, tokenizer=tokenizer, arguments=arguments), tokenizer


def _tokenizer(
    config: TrainingConfig, data: Path, run: Path, arguments: TrainingArguments, *, resume: bool
) -> PreTrainedTokenizerBase:
    with arguments.main_process_first(desc="tokenizer"):
        again = resume or arguments.local_process_index > 0
        return starting_tokenizer(config, data, run, again=again)


def _state_to_resume(run: Path, *, resume: bool) -> str | None:
    states = sorted(run.glob("checkpoint-*"), key=_step, reverse=True)
    if not resume:
        if states:
            raise TrainingError(f"{run} holds a run already; resume it or name another folder.")
        return None
    whole = next((state for state in states if _is_whole(state)), None)
    if whole is None:
        raise TrainingError(f"There is no state to resume in {run}.")
    return str(whole)


def _step(state: Path) -> int:
    number = state.name.removeprefix("checkpoint-")
    return int(number) if number.isdecimal() else -1


def _is_whole(state: Path) -> bool:
    """Say whether a state was saved to its end: Trainer writes this file last, and a kill may come before."""
    try:
        json.loads((state / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
