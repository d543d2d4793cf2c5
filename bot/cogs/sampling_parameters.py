"""The sampling options as parameters of slash commands: their types and words, made from storygen's limits."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine
from types import MappingProxyType
from typing import Any, TypeVar, cast

from discord import app_commands

from bot.sentences.model import OPTION_LABELS
from storygen.sampling import LIMITS, OPTION_NAMES, Limit, SamplingOverrides

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

Function = TypeVar("Function", bound=Callable[..., Coroutine[Any, Any, None]])


def takes_sampling_options(*names: str) -> Callable[[Function], Function]:
    """Let a command have these sampling options as parameters, or all where none is named.

    They take the place of its parameter ``overrides``, in which it gets what was typed.
    """
    parameters = {OPTION_LABELS.get(name, name): name for name in names or OPTION_NAMES}

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        async def command(*args: object, **typed: object) -> None:
            said: dict[str, Any] = {name: typed.pop(parameter, None) for parameter, name in parameters.items()}
            await function(*args, overrides=SamplingOverrides(**said), **typed)

        # discord.py makes a command's options from its function's signature.
        command.__signature__ = _with_options(inspect.signature(function, eval_str=True), parameters)  # type: ignore[attr-defined]
        words = {parameter: PARAMETER_WORDS[parameter] for parameter in parameters}
        return cast("Function", app_commands.describe(**words)(command))

    return decorate


def _with_options(signature: inspect.Signature, parameters: dict[str, str]) -> inspect.Signature:
    options = [
        inspect.Parameter(
            parameter, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_type(LIMITS[name]) | None
        )
        for parameter, name in parameters.items()
    ]
    kept = list(signature.parameters.values())
    place = next(number for number, each in enumerate(kept) if each.name == "overrides")
    return signature.replace(parameters=[*kept[:place], *options, *kept[place + 1 :]])


def _type(limit: Limit) -> Any:  # noqa: ANN401 - whatever discord.py takes for a type
    if limit.kind is bool:
        return bool
    return app_commands.Range[limit.kind, limit.minimum, limit.maximum]
