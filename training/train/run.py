"""Train a checkpoint with transformers' Trainer, in stages, from where a stopped run left off if asked to."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storygen.checkpoint import add_control_tokens
from training.errors import TrainingError
from training.prepared import TRAIN, load_split, prepared_genres
from training.train.dataset import Batch, training_batches, validation_batches
from training.train.export import export
from training.train.tokenizer import train_tokenizer

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerBase, Trainer

    from training.train.config import TrainingConfig

log = logging.getLogger(__name__)


def train(config: TrainingConfig, data: Path, run: Path, out: Path, *, resume: bool = False) -> dict[str, Any]:
    """Train on the splits in ``data``, keep states and the loss log in ``run``, write the checkpoint to ``out``.

    Gives what Trainer says of the run. Raises TrainingError for data that does not fit, or when there is
    nothing to resume, or when ``run`` holds an earlier run and ``resume`` is not asked for.
    """
    import torch
    from transformers import set_seed

    state = _state_to_resume(run, resume=resume)
    torch.set_num_threads(config.threads)
    set_seed(config.seed)
    run.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(config, data, run, resume=resume)
    model = _model(config, tokenizer, data)
    trainer = build_trainer(config, data, run, model, tokenizer)
    result = trainer.train(resume_from_checkpoint=state)
    export(model, tokenizer, out, config=config, data=data)
    return dict(result.metrics)


def export_state(config: TrainingConfig, data: Path, run: Path, out: Path) -> None:
    """Write the last saved state of a run, also of one that still goes on, as a checkpoint to ``out``.

    Raises TrainingError where the run has not saved a state yet.
    """
    from transformers import AutoTokenizer, GPT2LMHeadModel

    state = _state_to_resume(run, resume=True)
    tokenizer = AutoTokenizer.from_pretrained(config.base or run / "tokenizer")
    model = GPT2LMHeadModel.from_pretrained(state, use_safetensors=True)
    if config.base:
        add_control_tokens(model, tokenizer, prepared_genres(data))
    export(model, tokenizer, out, config=config, data=data)


def build_trainer(
    config: TrainingConfig, data: Path, run: Path, model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerBase
) -> Trainer:
    """Put together transformers' Trainer with our batches, optimizer, schedule and loss log."""
    from transformers import Trainer, TrainingArguments

    from training.train.loss_log import LossLog
    from training.train.optimizer import build_optimizer, build_schedule

    batches = training_batches(data, tokenizer, config)
    checks = {source: validation_batches(data, source, tokenizer, config) for source in config.evaluate_sources}
    accumulated = config.batch_tokens // config.micro_batch_tokens
    steps = -(-len(batches) // accumulated)
    tokens = sum(batch["input_ids"].numel() for batch in batches)
    log.info("%d steps, %d tokens, %d weights", steps, tokens, model.num_parameters())
    optimizer = build_optimizer(model, config)
    arguments = TrainingArguments(
        output_dir=str(run),
        num_train_epochs=1,
        per_device_train_batch_size=1,  # an item of the data set is a whole micro-batch
        per_device_eval_batch_size=1,
        gradient_accumulation_steps=accumulated,
        train_sampling_strategy="sequential",  # the stages have an order, and the batches are shuffled already
        max_grad_norm=config.clip,
        bf16=config.bf16,
        use_cpu=not _has_accelerator(),
        logging_steps=config.log_steps,
        save_steps=config.save_steps,
        save_total_limit=2,
        eval_strategy="steps" if checks else "no",
        eval_steps=config.evaluate_steps,
        prediction_loss_only=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        seed=config.seed,
        report_to=[],
        disable_tqdm=True,
    )
    return Trainer(
        model=model,
        args=arguments,
        data_collator=_only,
        train_dataset=batches,
        eval_dataset=checks or None,
        optimizers=(optimizer, build_schedule(optimizer, config, steps)),
        callbacks=[LossLog(run / "loss.jsonl")],
    )


def _only(items: list[Batch]) -> Batch:
    return items[0]


def _has_accelerator() -> bool:
    import torch

    return torch.accelerator.is_available()


def _state_to_resume(run: Path, *, resume: bool) -> str | None:
    from transformers.trainer_utils import get_last_checkpoint

    last: str | None = get_last_checkpoint(str(run)) if run.is_dir() else None  # type: ignore[no-untyped-call]
    if resume and last is None:
        raise TrainingError(f"There is no state to resume in {run}.")
    if last is not None and not resume:
        raise TrainingError(f"{run} holds a run already; resume it or name another folder.")
    return last


def _tokenizer(config: TrainingConfig, data: Path, run: Path, *, resume: bool) -> PreTrainedTokenizerBase:
    from transformers import AutoTokenizer

    folder = run / "tokenizer"
    if config.base:
        return AutoTokenizer.from_pretrained(config.base)
    if resume and folder.is_dir():
        return AutoTokenizer.from_pretrained(folder)
    texts = (
        work.text
        for source, times in config.tokenizer_sources.items()
        for work in load_split(data, source, TRAIN) * times
    )
    genres = [genre.name for genre in prepared_genres(data)]
    tokenizer = train_tokenizer(texts, vocabulary=config.vocabulary, positions=config.positions, genres=genres)
    tokenizer.save_pretrained(folder)
    return tokenizer


def _model(config: TrainingConfig, tokenizer: PreTrainedTokenizerBase, data: Path) -> GPT2LMHeadModel:
    from transformers import GPT2Config, GPT2LMHeadModel

    if config.base:
        model = GPT2LMHeadModel.from_pretrained(config.base, use_safetensors=True)
        add_control_tokens(model, tokenizer, prepared_genres(data))
    else:
        model = GPT2LMHeadModel(
            GPT2Config(
                vocab_size=len(tokenizer),
                n_positions=config.positions,
                n_embd=config.embedding,
                n_layer=config.layers,
                n_head=config.heads,
                activation_function="gelu_pytorch_tanh",  # the same function as gelu_new, computed in one piece
                resid_pdrop=0.0,
                embd_pdrop=0.0,
                attn_pdrop=0.0,
                bos_token_id=tokenizer.bos_token_id,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.pad_token_id,
            )
        )
    for ours in (model.config, model.generation_config):
        ours.bos_token_id = tokenizer.bos_token_id
        ours.eos_token_id = tokenizer.eos_token_id
        ours.pad_token_id = tokenizer.pad_token_id
    return model
