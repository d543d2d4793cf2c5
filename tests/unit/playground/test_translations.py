"""Commands in other languages: what may be registered, and how a person types them; and where commands are offered."""

from __future__ import annotations

from typing import Any

import pytest
from discord import Locale, app_commands

from bot.playground import Playground, PlaygroundRefused
from bot.playground.refusals import ApiError
from bot.playground.rules.command_rules import LOCALES, check_command
from bot.playground.rules.component_rules import check_modal
from tests.unit.playground.small_bot import Asked, SmallBot


def _command(**fields: Any) -> dict[str, Any]:
    return {"type": 1, "name": "a", "description": "a"} | fields


def _option(**fields: Any) -> dict[str, Any]:
    return _command(options=[{"type": 3, "name": "a", "description": "a"} | fields])


def test_the_languages_are_those_that_discord_py_knows() -> None:
    assert {str(locale) for locale in Locale} - {"ar", "he"} <= LOCALES | {"es-419"}


@pytest.mark.parametrize(
    "command",
    [
        _command(name_localizations={"de": "geschichte", "hi": "कहानी"}, description_localizations={"de": "Ü" * 100}),
        _command(name_localizations=None, contexts=[0, 1, 2], integration_types=[1]),
        {"type": 3, "name": "Report story", "name_localizations": {"fr": "Signaler l'histoire"}},
        _option(name_localizations={"fr": "début"}),
        _option(choices=[{"name": "Horror", "value": "horror", "name_localizations": {"de": "Horror & Grusel"}}]),
    ],
)
def test_what_discord_takes_is_taken(command: dict[str, Any]) -> None:
    check_command(command)


@pytest.mark.parametrize(
    "command",
    [
        _command(name_localizations={"klingon": "lut"}),
        _command(name_localizations={"de": "Geschichte"}),
        _command(name_localizations={"de": "g" * 33}),
        _command(name_localizations={"de": ""}),
        _command(name_localizations=["de"]),
        _command(description_localizations={"de": "x" * 101}),
        {"type": 3, "name": "Report", "name_localizations": {"fr": "x" * 33}},
        _option(name_localizations={"fr": "le début"}),
        _option(choices=[{"name": "a", "value": "a", "name_localizations": {"de": "x" * 101}}]),
        _command(contexts=[3]),
        _command(contexts=[0, 0]),
        _command(contexts=[]),
        _command(integration_types=[2]),
    ],
)
def test_what_discord_refuses_is_refused(command: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as caught:
        check_command(command)
    assert caught.value.code == 50035


def _group(kind: int, count: int, **fields: Any) -> dict[str, Any]:
    options = [{"label": "a", "value": str(number)} for number in range(count)]
    field = {"type": kind, "custom_id": "a", "options": options} | fields
    return {"title": "a", "custom_id": "b", "components": [{"type": 18, "label": "a", "component": field}]}


@pytest.mark.parametrize("modal", [_group(21, 2), _group(21, 10), _group(22, 1), _group(22, 10, max_values=10)])
def test_groups_of_fields_within_the_limits_are_taken(modal: dict[str, Any]) -> None:
    check_modal(modal)


@pytest.mark.parametrize(
    "modal", [_group(21, 1), _group(21, 11), _group(22, 0), _group(22, 11), _group(22, 3, max_values=11)]
)
def test_groups_of_fields_beyond_the_limits_are_refused(modal: dict[str, Any]) -> None:
    with pytest.raises(ApiError):
        check_modal(modal)


class _German(app_commands.Translator):
    async def translate(
        self,
        string: app_commands.locale_str,
        locale: Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 -- discord.py calls it so
    ) -> str | None:
        words = {"say": "sage", "text": "worte", "tone": "ton", "Loud": "Laut", "Quote": "Zitieren", "read": "lies"}
        return words.get(string.message) if locale is Locale.german else None


async def test_a_person_types_commands_in_their_own_language(playground: Playground, bot: SmallBot) -> None:
    await bot.tree.set_translator(_German())
    await bot.tree.sync()
    emil = playground.add_user("Emil", locale="de")
    for name, options in (("sage", {"worte": "Hallo", "ton": "Laut"}), ("say", {"text": "Hallo", "tone": "loud"})):
        asked = await playground.slash(emil, name, options)
        await asked.acknowledged()
        assert asked.message is not None
        assert asked.message.content == "HALLO"
    await (await playground.slash(emil, "books lies", {"title": "a"})).acknowledged()
    await (await playground.menu(emil, "Zitieren", playground.say(emil, "a"))).acknowledged()
    with pytest.raises(PlaygroundRefused, match="no command /sage"):
        await playground.slash(playground.add_user("Ada"), "sage", {"worte": "Hallo"})


async def test_the_bot_is_told_the_language_of_the_person(playground: Playground, bot: SmallBot) -> None:
    told: list[Locale] = []

    async def tell(asked: Asked) -> None:
        told.append(asked.locale)
        await asked.response.send_message("ja")

    bot.ask = tell
    await playground.slash(playground.add_user("Emil", locale="de"), "do")
    await bot.done.wait()
    assert told == [Locale.german]
