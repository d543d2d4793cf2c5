"""The sampling options as parameters of slash commands: their types and words, made from storygen's limits."""

from __future__ import annotations

from types import MappingProxyType

from discord import app_commands

from storygen.sampling import LIMITS

_MAX_LENGTH = LIMITS["max_new_tokens"]
_TEMPERATURE = LIMITS["temperature"]
_TOP_K = LIMITS["top_k"]
_TOP_P = LIMITS["top_p"]
_REPETITION_PENALTY = LIMITS["repetition_penalty"]

MaxLength = app_commands.Range[int, _MAX_LENGTH.minimum, _MAX_LENGTH.maximum]
Temperature = app_commands.Range[float, _TEMPERATURE.minimum, _TEMPERATURE.maximum]
TopK = app_commands.Range[int, _TOP_K.minimum, _TOP_K.maximum]
TopP = app_commands.Range[float, _TOP_P.minimum, _TOP_P.maximum]
RepetitionPenalty = app_commands.Range[float, _REPETITION_PENALTY.minimum, _REPETITION_PENALTY.maximum]

PARAMETER_WORDS = MappingProxyType(
    {
        "max_length": "How many tokens to write at most (a token is about three quarters of a word)",
        "do_sample": "False: always the most probable next word, so the same story every time",
        "temperature": "Below 1 calmer, above 1 wilder",
        "top_k": "Choose only among this many most probable words; 0: among all",
        "top_p": "Choose only among the most probable words that together reach this probability",
        "repetition_penalty": "Above 1: what was said already becomes less probable",
    }
)
"""What Discord shows beside each parameter."""
