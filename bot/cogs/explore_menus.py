"""The menus below an exploration, one for each option. Their ids carry what was asked, so they work after a restart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Protocol, Self, cast

import discord

from bot.controls.lasting import Lasting
from bot.errors import UnknownButton
from bot.storytelling.exploring import Wish
from storygen.sampling import LIMITS, SamplingOptions, check

COG = "ExploreCog"
"""Under this name the bot has whoever draws anew."""

OFFERED: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "temperature": (0.1, 0.3, 0.5, 0.7, 0.9, 1.0, 1.2, 1.5, 2.0),
        "top_k": (0, 1, 5, 10, 20, 50, 100, 200),
        "top_p": (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0),
        "repetition_penalty": (1.0, 1.05, 1.1, 1.2, 1.3, 1.5, 2.0),
    }
)
"""The values to choose from; the present one is always among them."""

_WORDS = MappingProxyType(
    {
        ("temperature", 0.1): "nearly always the most probable",
        ("temperature", 1.0): "off: as the model says",
        ("temperature", 2.0): "wild",
        ("top_k", 0): "off: all tokens",
        ("top_k", 1): "only the most probable",
        ("top_p", 1.0): "off: all of them",
        ("repetition_penalty", 1.0): "off: repeat at will",
    }
)
_ID_LENGTH = 100
_DECIMAL = r"[0-9]{1,3}(?:\.[0-9]{1,4})?"
_NUMBER = re.compile(_DECIMAL)
_ID = re.compile(
    rf"explore:(?P<option>temperature|top_k|top_p|repetition_penalty)"
    rf":(?P<values>{_DECIMAL}:[0-9]{{1,4}}:{_DECIMAL}:{_DECIMAL}):(?P<seed>[0-9]{{1,16}}):(?P<genre>.+)",
    re.DOTALL,
)


class Redraws(Protocol):
    """Whoever draws an exploration anew."""

    async def redraw(self, interaction: discord.Interaction[Any], wish: Wish) -> None:
        """Draw it; the prompt of ``wish`` is still to be read out of the message."""
        ...


class OptionMenu(Lasting, discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]], template=_ID):
    """A choice of one option's value.

    Its ``custom_id`` is ``explore:<option>:<temperature>:<top_k>:<top_p>:<repetition_penalty>:<seed>:<genre>``.
    """

    def __init__(self, option: str, wish: Wish) -> None:
        super().__init__(
            discord.ui.Select(custom_id=_custom_id(option, wish), placeholder=option, options=_offers(option, wish))
        )
        self._option = option
        self._wish = wish

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - discord.py calls it so
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
    ) -> Self:
        """Make the menu again from its id."""
        return cls(match["option"], _wish_of(match))

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Draw anew with the chosen value."""
        wish = changed(self._wish, self._option, next(iter(self.item.values), ""))
        await cast("Redraws", interaction.client.get_cog(COG)).redraw(interaction, wish)


def explore_view(wish: Wish) -> discord.ui.View | None:
    """Give a menu for each option; None where a genre's name is too long for the ids."""
    if any(len(_custom_id(option, wish)) > _ID_LENGTH for option in OFFERED):
        return None
    view = discord.ui.View(timeout=None)
    for option in OFFERED:
        view.add_item(OptionMenu(option, wish))
    return view


def changed(wish: Wish, option: str, chosen: str) -> Wish:
    """Give the wish with another value of one option. Raises InvalidOption and UnknownButton."""
    if not _NUMBER.fullmatch(chosen) or option not in OFFERED:
        raise UnknownButton
    options = _with(wish.options, {option: float(chosen)})
    check(options)
    return replace(wish, options=options)


def rounded(options: SamplingOptions) -> SamplingOptions:
    """Give the options as the ids carry them: with four decimals at most, which nobody can tell apart."""
    return _with(options, {option: round(getattr(options, option), 4) for option in OFFERED})


def _with(options: SamplingOptions, values: Mapping[str, float]) -> SamplingOptions:
    given: dict[str, Any] = {option: LIMITS[option].kind(value) for option, value in values.items()}
    return replace(options, **given)


def _custom_id(option: str, wish: Wish) -> str:
    values = ":".join(f"{getattr(wish.options, each):.7g}" for each in OFFERED)
    return f"explore:{option}:{values}:{wish.seed}:{wish.genre}"


def _wish_of(match: re.Match[str]) -> Wish:
    numbers = match["values"].split(":")
    options = _with(SamplingOptions(), dict(zip(OFFERED, map(float, numbers), strict=True)))
    return Wish(genre=match["genre"], prompt="", options=options, seed=int(match["seed"]))


def _offers(option: str, wish: Wish) -> list[discord.SelectOption]:
    now = getattr(wish.options, option)
    return [
        discord.SelectOption(
            label=f"{option} {value:g}",
            value=f"{value:g}",
            description=_WORDS.get((option, value)),
            default=value == now,
        )
        for value in sorted({*OFFERED[option], now})
    ]
