"""Our options under the names that completions servers have for them. Plain functions on plain data."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from storygen.prompt import EOS
from storygen.sampling import SamplingOptions

OPTIONAL = frozenset(
    {
        "add_special_tokens",
        "generation_config",
        "min_tokens",
        "repetition_penalty",
        "seed",
        "skip_special_tokens",
        "stop",
        "stream_options",
        "top_k",
    }
)
"""Fields that a server may not know. Without them stories come too, if not quite as they were asked for."""

SEEDS = 2**31 - 1
"""Some servers take a signed number of 32 bits, others an unsigned one whose greatest means "any"."""

MIN_TOKENS = 8
"""A story does not end before this many tokens, as with the local engine."""

_ALL_TOKENS = -1  # 0 means the same to vLLM today; its older versions know -1 only


def request_body(
    *,
    model: str,
    prompt: str,
    max_tokens: int,
    options: SamplingOptions,
    seed: int,
    least: int = MIN_TOKENS,
    without: Collection[str] = (),
) -> dict[str, Any]:
    """Give the JSON of a streamed completion of ``least`` tokens or more, less the fields ``without``.

    ``generation_config``, which only transformers' own server reads, stands in where vLLM's fields are not known.
    """
    fields: dict[str, Any] = {
        "model": model,
        "prompt": prompt,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": max_tokens,
        "min_tokens": min(least, max_tokens),
        **_sampling(options),
        "seed": server_seed(seed),
        "stop": [EOS],
        # The prompt has its <BOS> already, and control tokens in the answer are ours to see: <EOS> ends the story
        # also where the server's own idea of an end token is another one.
        "add_special_tokens": False,
        "skip_special_tokens": False,
    }
    if {"top_k", "repetition_penalty"} & set(without):
        fields["generation_config"] = _generation_config(options, max_tokens, least)
    return {name: value for name, value in fields.items() if name not in without}


def server_seed(seed: int) -> int:
    """Fold a seed into what every server takes: the rest of its division by SEEDS, a prime, so that all bits count."""
    return seed % SEEDS


def refused_fields(answer: str, sent: Collection[str]) -> frozenset[str]:
    """Say which of the fields that were sent and are optional an error message names."""
    # In quotes or behind a colon: "stop" and "seed" are words that a message may have for other reasons.
    return frozenset(
        name for name in OPTIONAL.intersection(sent) if re.search(rf"[\"'`]{name}[\"'`]|: ?{name}\b", answer)
    )


def _sampling(options: SamplingOptions) -> dict[str, Any]:
    # The penalty also works without drawing, as in transformers.
    penalty = {"repetition_penalty": options.repetition_penalty}
    if not options.do_sample:
        return {"temperature": 0.0, **penalty}
    top_k = options.top_k or _ALL_TOKENS
    return {"temperature": options.temperature, "top_p": options.top_p, "top_k": top_k, **penalty}


def _generation_config(options: SamplingOptions, max_tokens: int, least: int) -> str:
    config: dict[str, Any] = {
        "max_new_tokens": max_tokens,
        "min_new_tokens": min(least, max_tokens),
        "do_sample": options.do_sample,
        "repetition_penalty": options.repetition_penalty,
    }
    if options.do_sample:
        config |= {"temperature": options.temperature, "top_k": options.top_k, "top_p": options.top_p}
    return json.dumps(config)
