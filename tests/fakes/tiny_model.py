"""A checkpoint of some 100 KB that runs the real code paths in milliseconds: random weights, a small vocabulary.

Its stories are nonsense in readable letters. The same seed gives the same weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storygen.checkpoint import CheckpointInfo, without_progress_bars, write_info
from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import BOS, EOS, PAD, TITLE

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast

CONTROL_TOKENS = (BOS, EOS, PAD, *(genre.token for genre in ORIGINAL_GENRES))

_WORDS_TO_MERGE = """
Batman is hunting down the thief who took the moon. The ship left the station before the crew could wake.
In the old house a child heard the walls breathe, and nobody came. The captain said that the war was over.
She opened the letter; her brother had written it the night he died. They ran through the rain to the river.
"""
_MERGES = 120
_BIAS_FEATURE = 0
_BYTE_BIAS = -12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TinyShape:
    """How a tiny model is built; the defaults are enough for nearly every test."""

    n_positions: int = 256
    n_embd: int = 32
    n_layer: int = 2
    n_head: int = 4
    eos_bias: float = 0.0
    """Added to the logit of ``<EOS>``: -30 gives stories that never end by themselves, 8 very short ones."""
    any_bytes: bool = False
    """Write bytes of any kind, so that characters span several tokens and many are broken."""
    scale_attn_by_inverse_layer_idx: bool = False
    reorder_and_upcast_attn: bool = False
    activation_function: str = "gelu_new"
    titles: bool = False
    """Whether it knows the token before a title, as if it were trained with titles."""


def write_tiny_checkpoint(
    folder: Path, *, seed: int = 0, n_positions: int = 256, eos_bias: float = 0.0, shape: TinyShape | None = None
) -> Path:
    """Write a whole checkpoint into ``folder`` (made where missing) and give the folder back."""
    shape = shape or TinyShape(n_positions=n_positions, eos_bias=eos_bias)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tiny_tokenizer(shape.n_positions, titles=shape.titles)
    with without_progress_bars():
        tiny_gpt2(tokenizer, seed, shape).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    info = CheckpointInfo(name=f"tiny-{seed}", genres=ORIGINAL_GENRES, licence="CC0-1.0", titles=shape.titles)
    write_info(folder, info)
    return folder


def tiny_tokenizer(n_positions: int = 256, *, titles: bool = False) -> PreTrainedTokenizerFast:
    """Give a byte-level BPE tokenizer that can write any text and knows the control tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    size = len(alphabet) + _MERGES
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    bpe.train_from_iterator([_WORDS_TO_MERGE], trainer)
    make: type[Any] = PreTrainedTokenizerFast  # its __init__ has no types
    tokenizer: PreTrainedTokenizerFast = make(tokenizer_object=bpe, model_max_length=n_positions)
    tokenizer.add_special_tokens(
        {
            "bos_token": BOS,
            "eos_token": EOS,
            "pad_token": PAD,
            "additional_special_tokens": [*(genre.token for genre in ORIGINAL_GENRES), *([TITLE] if titles else [])],
        }
    )
    return tokenizer


def tiny_gpt2(tokenizer: PreTrainedTokenizerFast, seed: int, shape: TinyShape) -> GPT2LMHeadModel:
    """Give a random GPT-2 whose stories wander instead of repeating one token."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=shape.n_positions,
        n_embd=shape.n_embd,
        n_layer=shape.n_layer,
        n_head=shape.n_head,
        activation_function=shape.activation_function,
        scale_attn_by_inverse_layer_idx=shape.scale_attn_by_inverse_layer_idx,
        reorder_and_upcast_attn=shape.reorder_and_upcast_attn,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = GPT2LMHeadModel(config)
        _make_lively(model)
        _bias_tokens(model, tokenizer, shape)
    return model.requires_grad_(requires_grad=False)


def _make_lively(model: GPT2LMHeadModel) -> None:
    """Draw the weights wide, so that logits differ and depend on what was read."""
    import torch

    for name, weight in model.named_parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=0.6 if "wpe" in name else 0.35)


def _bias_tokens(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast, shape: TinyShape) -> None:
    """Give single tokens a constant bias in the logits.

    GPT-2 has none: one feature of the last layer norm is made constant, and each token's embedding
    holds its bias there.
    """
    import torch

    norm, embedding = model.transformer.ln_f, model.transformer.wte.weight
    with torch.no_grad():
        norm.weight[_BIAS_FEATURE] = 0.0
        norm.bias[_BIAS_FEATURE] = 1.0
        embedding[:, _BIAS_FEATURE] = 0.0
        if not shape.any_bytes:
            embedding[_unreadable(tokenizer), _BIAS_FEATURE] = _BYTE_BIAS
        embedding[tokenizer.eos_token_id, _BIAS_FEATURE] = shape.eos_bias


def _unreadable(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    texts = ((token, tokenizer.backend_tokenizer.decode([token])) for token in range(len(tokenizer)))
    return [token for token, text in texts if not (text.isascii() and text.isprintable())]
