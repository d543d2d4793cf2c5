"""The commands as they are, all of them, in every language that the bot speaks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from discord import Locale, app_commands

from bot.app import StoryBot
from bot.config import Config
from bot.playground.rules.command_rules import (
    CHOICE_TEXT,
    COMMAND_CHARACTERS,
    DESCRIPTION,
    NAME,
    check_commands,
    command_characters,
    is_command_name,
)
from bot.store import StoryStore
from bot.sync import commands_hash, definitions
from bot.translations.translator import LANGUAGES, UNTRANSLATED, CommandTranslator, place_of
from bot.translations.wordbook import Place, parse_wordbook, read_wordbook
from tests.fakes.openapi import load_openapi, violations
from tests.fakes.scripted_engine import ScriptedEngine

FILES = sorted(set(LANGUAGES.values()))
LIMITS = {Place.OPTION_NAME: NAME, Place.DESCRIPTION: DESCRIPTION, Place.CHOICE: CHOICE_TEXT, Place.MENU: NAME}
EMPTY = "".join(f"[{place}]\n" for place in Place)


class Asked(CommandTranslator):
    """Notes what is looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[Place, set[str]] = {place: set() for place in Place}

    async def translate(
        self, string: app_commands.locale_str, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        place = place_of(string.message, context)
        if place is not None:
            self.texts[place].add(string.message)
        return await super().translate(string, locale, context)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[StoryBot]:
    config = Config(database_path=tmp_path / "stories.sqlite3")
    async with (
        StoryStore.open(config.database_path) as store,
        StoryBot(config, store, ScriptedEngine(), only_registers=True) as bot,
    ):
        await bot.build_commands()
        yield bot


@pytest.fixture
async def texts(bot: StoryBot) -> dict[Place, set[str]]:
    asked = Asked()
    await bot.tree.set_translator(asked)
    await definitions(bot.tree)
    return asked.texts


@pytest.mark.parametrize("language", FILES)
@pytest.mark.parametrize("place", Place)
async def test_every_text_of_every_command_has_a_translation(
    texts: dict[Place, set[str]], language: str, place: Place
) -> None:
    assert sorted(texts[place] - set(read_wordbook(language)[place])) == []


@pytest.mark.parametrize("language", FILES)
@pytest.mark.parametrize("place", Place)
async def test_no_file_keeps_a_text_that_no_command_has_any_more(
    texts: dict[Place, set[str]], language: str, place: Place
) -> None:
    assert sorted(set(read_wordbook(language)[place]) - texts[place]) == []


@pytest.mark.parametrize("language", FILES)
@pytest.mark.parametrize("place", Place)
def test_every_translation_is_as_long_as_discord_allows(language: str, place: Place) -> None:
    too_long = {words: len(words) for words in read_wordbook(language)[place].values() if len(words) > LIMITS[place]}
    assert too_long == {}


@pytest.mark.parametrize("language", FILES)
def test_every_translated_name_of_an_option_is_one_that_discord_takes(language: str) -> None:
    names = read_wordbook(language)[Place.OPTION_NAME].values()
    assert [name for name in names if not is_command_name(name)] == []


@pytest.mark.parametrize("language", FILES)
def test_names_of_options_differ_in_a_language_where_they_differ_in_english(language: str) -> None:
    names = read_wordbook(language)[Place.OPTION_NAME]
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize("language", FILES)
def test_translations_keep_the_commands_and_options_that_the_english_names(language: str) -> None:
    for english, words in read_wordbook(language)[Place.DESCRIPTION].items():
        for name in (part for part in english.split() if part.startswith("/") or "_" in part):
            assert name.strip(".,;:") in words, english


@pytest.mark.parametrize("language", FILES)
def test_no_description_is_left_in_english(language: str) -> None:
    assert [text for text, words in read_wordbook(language)[Place.DESCRIPTION].items() if words == text] == []


async def test_discord_takes_the_translated_commands(bot: StoryBot) -> None:
    told = await definitions(bot.tree)
    check_commands(told)
    assert {command["name"]: command_characters(command) for command in told if is_too_large(command)} == {}


def is_too_large(command: dict[str, Any]) -> bool:
    return command_characters(command) > COMMAND_CHARACTERS


async def test_discords_own_description_takes_the_translated_commands(bot: StoryBot) -> None:
    description = load_openapi()
    if description is None:
        pytest.skip("STORYBOT_TEST_DATA does not say where Discord's description is")
    told = json.loads(json.dumps(await definitions(bot.tree)))
    put = SimpleNamespace(method="PUT", path="/applications/1/commands", json=told, status=200, answer=[])
    assert violations([put], description) == []
    told[0]["description_localizations"] = {"de": "x" * (DESCRIPTION + 1)}
    assert violations([put], description) != []


async def test_a_changed_translation_is_a_reason_to_register_the_commands_again(
    bot: StoryBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await commands_hash(bot.tree)
    await bot.tree.set_translator(CommandTranslator())
    assert await commands_hash(bot.tree) == before

    monkeypatch.setattr("bot.translations.translator.read_wordbook", lambda _: parse_wordbook(EMPTY))
    await bot.tree.set_translator(CommandTranslator())
    assert await commands_hash(bot.tree) != before


async def test_a_text_that_a_language_lacks_stays_english(bot: StoryBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.translations.translator.read_wordbook", lambda _: parse_wordbook(EMPTY))
    await bot.tree.set_translator(CommandTranslator())
    assert {words for command in await definitions(bot.tree) for words in localized(command)} == set()


async def test_every_text_that_discord_is_told_is_told_in_every_language(bot: StoryBot) -> None:
    told = await definitions(bot.tree)
    assert [text for command in told for text in english_only(command, is_command=True)] == []


def english_only(item: dict[str, Any], *, is_command: bool = False) -> Iterator[str]:
    """Give the texts of a command, option or choice that lack a language, but for the names that stay English."""
    languages = {locale.value for locale in LANGUAGES}
    if item.get("description") and set(item.get("description_localizations") or {}) != languages:
        yield item["description"]
    is_menu = is_command and item["type"] != 1
    stays = item["name"] in UNTRANSLATED or (item.get("type") in {1, 2} and not is_menu)
    if not stays and set(item.get("name_localizations") or {}) != languages:
        yield item["name"]
    for part in [*(item.get("options") or []), *(item.get("choices") or [])]:
        yield from english_only(part)


def localized(item: dict[str, Any]) -> Iterator[str]:
    for field in ("name_localizations", "description_localizations"):
        yield from (item.get(field) or {}).values()
    for part in [*(item.get("options") or []), *(item.get("choices") or [])]:
        yield from localized(part)


@pytest.mark.parametrize(
    "text",
    [
        "[menus]\n",
        f"{EMPTY}[answers]\n",
        EMPTY.replace("[menus]\n", "menus = 1\n", 1) if EMPTY.startswith("[menus]") else f"menus = 1\n{EMPTY[:-8]}",
        f'{EMPTY}"Continue" = ""\n',
        f'{EMPTY}"Continue" = 3\n',
        f'{EMPTY}"Continue" = "a"\n"Continue" = "b"\n',
    ],
)
def test_a_file_with_a_missing_or_strange_table_or_an_empty_or_double_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_wordbook(text)
