"""Put together transformers' Trainer from a configuration: batches, optimizer, schedule, logs, pictures."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from storygen.checkpoint import CheckpointInfo
from training.errors import TrainingError
from training.prepared import prepared_genres
from training.train.dataset import Batch, Batches, training_batches, validation_batches
from training.train.plan import Plan, stage_starts

if TYPE_CHECKING:
    from transformers import (
        GPT2LMHeadModel,
        PreTrainedTokenizerBase,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    from training.train.config import TrainingConfig

log = logging.getLogger(__name__)


def training_arguments(config: TrainingConfig, run: Path) -> TrainingArguments:
    """Give Trainer's arguments; making them also finds the devices, and the other processes of a launch.

    Raises TrainingError where the devices and the configuration don't fit together.
    """
    from transformers import TrainingArguments

    _require_bf16(config)
    arguments = TrainingArguments(
        output_dir=str(run),
        num_train_epochs=1,
        per_device_train_batch_size=1,  # an item of the data set is a whole micro-batch
        per_device_eval_batch_size=1,
        train_sampling_strategy="sequential",  # the stages have an order, and the batches are shuffled already
        max_grad_norm=config.clip,
        bf16=config.bf16,
        tf32=True if config.tf32 and _has_cuda() else None,
        torch_compile=config.torch_compile,
        activation_checkpointing=config.gradient_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False} if config.gradient_checkpointing else None,
        use_cpu=not has_accelerator(),
        logging_steps=config.log_steps,
        save_steps=config.save_steps,
        save_total_limit=2,
        eval_strategy="steps" if config.evaluate_sources else "no",
        eval_steps=config.evaluate_steps,
        prediction_loss_only=True,
        label_names=["labels"],
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        dataloader_num_workers=config.loader_workers,
        ddp_find_unused_parameters=False,
        seed=config.seed,
        report_to=[],
        disable_tqdm=True,
    )
    _require_one_device_a_process(arguments)
    # Every process takes a part of a step's micro-batches, so a step has batch_tokens whatever their number.
    arguments.gradient_accumulation_steps = _accumulated(config, arguments.world_size)
    return arguments


def build_trainer(
    config: TrainingConfig,
    data: Path,
    run: Path,
    *,
    model: GPT2LMHeadModel,
    tokenizer: PreTrainedTokenizerBase,
    arguments: TrainingArguments,
) -> Trainer:
    """Put together transformers' Trainer with our batches, optimizer, schedule and logs."""
    from transformers import Trainer

    from training.train.optimizer import build_optimizer, build_schedule

    model.set_attn_implementation(attention_for(arguments.device.type))
    batches = training_batches(data, tokenizer, config)
    checks = {source: _checks(data, source, tokenizer, config) for source in config.evaluate_sources}
    plan = Plan.of(config, model, len(batches), attention=attention_for(arguments.device.type))
    if arguments.process_index == 0:
        log.info("%s", plan.in_words())
    optimizer = build_optimizer(model, config)
    return Trainer(
        model=model,
        args=arguments,
        data_collator=_only,
        train_dataset=batches,
        eval_dataset=checks or None,
        optimizers=(optimizer, build_schedule(optimizer, config, plan.steps)),
        callbacks=_callbacks(config, data, run, tokenizer, batches),
    )


def attention_for(device: str) -> str:
    """Give the attention that is fastest on a kind of device: torch's own on a GPU, the plain one on a processor.

    On one core eager was 22 % faster at blocks of 512 and 12 % at 256 (docs/training-log.md). Both give the same.
    """
    return "eager" if device == "cpu" else "sdpa"


def has_accelerator() -> bool:
    """Say whether this machine has a GPU or the like that torch can use."""
    import torch

    return torch.accelerator.is_available()


def _callbacks(
    config: TrainingConfig, data: Path, run: Path, tokenizer: PreTrainedTokenizerBase, batches: Batches
) -> list[TrainerCallback]:
    from training.train.loss_log import LossLog
    from training.train.loss_picture import LossPicture
    from training.train.sample_stories import SampleStories
    from training.train.tensorboard import tensorboard
    from training.train.time_left import TimeLeft

    made: list[TrainerCallback] = [
        LossLog(run / "loss.jsonl"),
        LossPicture(run, config.name, stage_starts(config, batches)),
        TimeLeft(),
        *tensorboard(run),
    ]
    if config.sample_steps:
        info = CheckpointInfo(name=config.name, genres=prepared_genres(data), licence=config.licence)
        made.append(SampleStories(run, tokenizer, info, every=config.sample_steps, tokens=config.sample_tokens))
    return made


def _checks(data: Path, source: str, tokenizer: PreTrainedTokenizerBase, config: TrainingConfig) -> Batches:
    batches = validation_batches(data, source, tokenizer, config)
    if not batches:
        raise TrainingError(f"evaluate_sources names {source}, which has no texts for validation.")
    return batches


def _only(items: list[Batch]) -> Batch:
    (batch,) = items
    return batch


def _accumulated(config: TrainingConfig, processes: int) -> int:
    together = config.micro_batch_tokens * processes
    if config.batch_tokens % together:
        raise TrainingError(
            f"{processes} processes with micro_batch_tokens = {config.micro_batch_tokens} take {together} tokens at "
            f"once, which does not divide batch_tokens = {config.batch_tokens}; lower micro_batch_tokens."
        )
    return config.batch_tokens // together


def _require_one_device_a_process(arguments: TrainingArguments) -> None:
    if arguments.n_gpu > 1:
        raise TrainingError(
            f"There are {arguments.n_gpu} GPUs: use them all with `accelerate launch -m training train …`, "
            "or one by setting CUDA_VISIBLE_DEVICES=0."
        )


def _require_bf16(config: TrainingConfig) -> None:
    import torch

    if config.bf16 and _has_cuda() and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise TrainingError("This GPU does not compute in bfloat16; set bf16 = false in the configuration.")


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()
