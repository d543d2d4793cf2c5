"""The presets that Discord suggests while somebody types the name of one."""

from __future__ import annotations

from discord import app_commands

from bot.storytelling.sampling_choice import Presets, tidy_name
from storygen.sampling import PRESETS

CHOICE_LIMIT = 25
"""Discord shows at most so many; the bot's own presets and a person's are fewer."""


def suggested_presets(own: Presets, typed: str, *, built_in: bool = True) -> list[app_commands.Choice[str]]:
    """Give the presets whose names contain what was typed, a person's own first."""
    own_names = {name: f"{name} (yours)" if built_in else name for name in own}
    names = {**own_names, **{name: name for name in PRESETS}} if built_in else own_names
    wanted = tidy_name(typed).casefold()
    fitting = [(name, shown) for name, shown in names.items() if wanted in name.casefold()]
    return [app_commands.Choice(name=shown, value=name) for name, shown in fitting[:CHOICE_LIMIT]]
