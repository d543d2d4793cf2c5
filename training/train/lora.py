"""LoRA: train small low-rank matrices beside a base's weights, and fold them in for the checkpoint.

Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models" (arXiv 2106.09685), by ``peft``. Of the
embeddings only the control tokens' are trained: the base has not seen them, and its words it knows already.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from training.errors import TrainingError

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerBase

    from training.train.config import TrainingConfig

_EMBEDDINGS = "transformer.wte"
_STATE_FILE = "adapter_model.safetensors"


def with_low_rank(
    model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerBase, config: TrainingConfig, trained_tokens: Iterable[str]
) -> GPT2LMHeadModel:
    """Freeze ``model`` and put low-rank matrices beside its matrices; raises TrainingError for unknown targets.

    The result is peft's model, which passes everything else on to the one inside.
    """
    from peft import LoraConfig, get_peft_model

    model.config._name_or_path = ""  # noqa: SLF001 - peft would ask the hub about the base at every save
    model.name_or_path = ""
    wanted = LoraConfig(
        r=config.lora_rank,
        lora_alpha=config.lora_alpha,  # type: ignore[arg-type]  # a float is divided by the rank as well
        target_modules=list(config.lora_targets),
        fan_in_fan_out=True,  # GPT-2 keeps its matrices the other way round
        trainable_token_indices={_EMBEDDINGS: sorted(tokenizer.get_vocab()[token] for token in trained_tokens)},
        task_type="CAUSAL_LM",
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        try:
            return cast("GPT2LMHeadModel", get_peft_model(model, wanted))
        except ValueError as error:
            raise TrainingError(f"lora_targets does not fit this model: {error}") from error


def load_low_rank(model: GPT2LMHeadModel, state: Path) -> None:
    """Take the low-rank matrices and embeddings of a saved state into peft's model."""
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    set_peft_model_state_dict(model, load_file(state / _STATE_FILE))


def plain_copy(model: Any) -> GPT2LMHeadModel:  # noqa: ANN401 - a GPT-2 or peft's, which is no subclass
    """Give a copy of the model as a plain GPT-2, low-rank matrices folded in. The model itself stays as it is."""
    from transformers import GPT2LMHeadModel

    copied = copy.deepcopy(model)
    return copied if isinstance(copied, GPT2LMHeadModel) else cast("GPT2LMHeadModel", copied.merge_and_unload())
