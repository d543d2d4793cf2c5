"""Train the tokenizer: byte-level BPE whose control tokens are one token each, also inside rendered text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from storygen.prompt import BOS, EOS, PAD, TITLE

if TYPE_CHECKING:  # transformers takes seconds to import
    from tokenizers.decoders import Decoder
    from transformers import PreTrainedTokenizerFast

LEAST_OCCURRENCES = 2


def train_tokenizer(
    texts: Iterable[str], *, vocabulary: int, positions: int, genres: Sequence[str]
) -> PreTrainedTokenizerFast:
    """Learn a vocabulary of at most ``vocabulary`` tokens, control tokens included, from ``texts``.

    One space before a control token, or at the end, is dropped: it would be a token of its own that
    says nothing. Decoding puts it back before control tokens. Any text can be encoded, byte by byte if need be.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    genre_tokens = [f"<{genre}>" for genre in genres]
    tokenizer = Tokenizer(models.BPE())
    # Control tokens are taken out first, so a text ends before each of them. AddedToken's lstrip would
    # do the same, but is lost when a token is added again by its name.
    tokenizer.normalizer = normalizers.Replace(Regex(r" \z"), "")
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = _decoder([EOS, TITLE, *genre_tokens])
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=LEAST_OCCURRENCES,
        special_tokens=[PAD, BOS, EOS, TITLE, *genre_tokens],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        additional_special_tokens=[TITLE, *genre_tokens],
        model_max_length=positions,
        clean_up_tokenization_spaces=False,
    )


def _decoder(spaced_tokens: Sequence[str]) -> Decoder:
    from tokenizers import decoders

    spaces = [decoders.Replace(token, f" {token}") for token in spaced_tokens]
    return decoders.Sequence([*spaces, decoders.ByteLevel()])
