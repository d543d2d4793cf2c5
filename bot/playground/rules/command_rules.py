"""What Discord refuses in the definition of a command. Pure checks; numbers from interactions/application-commands."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

from bot.playground.refusals import ApiError, Problems
from bot.playground.world import JsonObject

CHAT_INPUT, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10

NAME = 32
DESCRIPTION = 100
OPTIONS = 25
CHOICES = 25
CHOICE_TEXT = 100
STRING_LENGTH = 6000
COMMAND_CHARACTERS = 8000
COMMANDS_BY_TYPE = {CHAT_INPUT: 100, USER_MENU: 15, MESSAGE_MENU: 15}

CONTEXTS, INTEGRATION_TYPES = (0, 1, 2), (0, 1)
LOCALES = frozenset(
    ("ar", "bg", "cs", "da", "de", "el", "en-GB", "en-US", "es-419", "es-ES", "fi", "fr", "he", "hi", "hr", "hu", "id",
     "it", "ja", "ko", "lt", "nl", "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN", "zh-TW")
)  # fmt: skip
"""The languages of Discord's client: the page "Locales" of its reference, and Arabic and Hebrew of its description."""

Path = tuple[str | int, ...]


def check_commands(commands: Sequence[JsonObject]) -> None:
    """Check a whole list of commands that belong together (bulk overwrite).

    Raises:
        ApiError: 50035 with every problem in it, 30032 when there are too many

    """
    problems = Problems()
    seen: set[tuple[int, object]] = set()
    for index, command in enumerate(commands):
        _check_command(command, problems, (index,))
        key = (command.get("type", CHAT_INPUT), command.get("name"))
        if key in seen:
            problems.add((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        seen.add(key)
    problems.raise_if_any()
    for kind, count in Counter(command.get("type", CHAT_INPUT) for command in commands).items():
        if count > COMMANDS_BY_TYPE.get(kind, 100):
            raise ApiError(400, 30032, f"Maximum number of application commands reached ({COMMANDS_BY_TYPE[kind]})")


def check_command(command: JsonObject) -> None:
    """Check one command.

    Raises:
        ApiError: 50035 with every problem in it

    """
    problems = Problems()
    _check_command(command, problems, ())
    problems.raise_if_any()


def _check_command(command: JsonObject, problems: Problems, path: Path) -> None:
    kind = command.get("type", CHAT_INPUT)
    _check_places(command, problems, path)
    if kind == CHAT_INPUT:
        _check_name(command, problems, path)
        _check_description(command, problems, path)
        _check_options(command.get("options"), problems, path, depth=0)
        if command_characters(command) > COMMAND_CHARACTERS:
            problems.add(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({COMMAND_CHARACTERS})")
        return
    problems.length((*path, "name"), command.get("name"), minimum=1, maximum=NAME)
    _check_translations(command, "name", problems, path, maximum=NAME)
    if command.get("description") or command.get("options"):
        problems.add(path, "APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED", "A menu has no description and no options.")


def _check_places(command: JsonObject, problems: Problems, path: Path) -> None:
    """Note what is wrong with where and to whom a command is offered."""
    for name, known in (("contexts", CONTEXTS), ("integration_types", INTEGRATION_TYPES)):
        given = command.get(name)
        if given is None:
            continue
        if not isinstance(given, list) or not given or len(set(given)) != len(given) or not set(given) <= set(known):
            problems.add((*path, name), "BASE_TYPE_CHOICES", f"Value must be some of {known}, each once.")


def _check_name(item: JsonObject, problems: Problems, path: Path) -> None:
    name = item.get("name")
    problems.length((*path, "name"), name, minimum=1, maximum=NAME)
    _refuse_odd_name(name, problems, (*path, "name"))
    translations = _check_translations(item, "name", problems, path, maximum=NAME)
    for locale, translated in translations.items():
        _refuse_odd_name(translated, problems, (*path, "name_localizations", locale))


def _refuse_odd_name(name: object, problems: Problems, path: Path) -> None:
    if isinstance(name, str) and not is_command_name(name):
        problems.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_description(item: JsonObject, problems: Problems, path: Path) -> None:
    problems.length((*path, "description"), item.get("description"), minimum=1, maximum=DESCRIPTION)
    _check_translations(item, "description", problems, path, maximum=DESCRIPTION)


def _check_translations(
    item: JsonObject, field: str, problems: Problems, path: Path, *, maximum: int
) -> dict[str, object]:
    """Note what is wrong with a name's or description's translations, and give them by language."""
    at = (*path, f"{field}_localizations")
    translations = item.get(f"{field}_localizations") or {}
    if not isinstance(translations, dict):
        problems.add(at, "DICT_TYPE_CONVERT", "Only a dictionary is allowed here.")
        return {}
    for locale, text in translations.items():
        if locale not in LOCALES:
            problems.add((*at, locale), "BASE_TYPE_CHOICES", f"{locale} is no language of Discord.")
        problems.length((*at, locale), text, minimum=1, maximum=maximum)
    return translations


def is_command_name(name: str) -> bool:
    """Whether a slash command or option may have this name: letters, digits, ``-_'``, nothing in upper case."""
    return name == name.lower() and all(
        letter in "-_'" or unicodedata.category(letter)[0] in "LN" or _is_mark(letter) for letter in name
    )


def _is_mark(letter: str) -> bool:
    # Devanagari and Thai write vowels as marks; Discord lets these two scripts through whole.
    return unicodedata.category(letter)[0] == "M" and unicodedata.name(letter, "").startswith(("DEVANAGARI", "THAI"))


def _check_options(options: object, problems: Problems, path: Path, *, depth: int) -> None:
    names: set[object] = set()
    optional_seen = False
    for index, option in enumerate(problems.items((*path, "options"), options, maximum=OPTIONS)):
        at = (*path, "options", index)
        _check_option(option, problems, at, depth)
        if option.get("name") in names:
            problems.add((*at, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name is used twice")
        names.add(option.get("name"))
        if option.get("type") in (SUBCOMMAND, GROUP):
            continue
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            problems.add(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_seen = optional_seen or not option.get("required")
    _refuse_mixture(options, problems, path)


def _refuse_mixture(options: object, problems: Problems, path: Path) -> None:
    kinds = {item.get("type") in (SUBCOMMAND, GROUP) for item in options or []} if isinstance(options, list) else set()
    if len(kinds) > 1:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        problems.add((*path, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)


def _check_option(option: JsonObject, problems: Problems, path: Path, depth: int) -> None:
    kind = option.get("type")
    _check_name(option, problems, path)
    _check_description(option, problems, path)
    if kind in (SUBCOMMAND, GROUP):
        # A group stands at the top only, a subcommand there or in a group.
        if (kind == GROUP and depth > 0) or (kind == SUBCOMMAND and depth > 1):
            problems.add((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Nested too deep")
            return
        _check_options(option.get("options"), problems, path, depth=depth + 1 if kind == GROUP else 2)
        return
    _check_choices(option, problems, path)
    _check_limits(option, problems, path)


def _check_choices(option: JsonObject, problems: Problems, path: Path) -> None:
    choices = problems.items((*path, "choices"), option.get("choices"), maximum=CHOICES)
    if choices and option.get("autocomplete"):
        message = "Autocomplete cannot be enabled for options with choices"
        problems.add((*path, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES", message)
    if option.get("autocomplete") and option.get("type") not in (STRING, INTEGER, NUMBER):
        problems.add((*path, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "This type has none")
    check_choices(choices, problems, path, option.get("type"))


def check_choices(choices: Sequence[JsonObject], problems: Problems, path: Path, kind: object) -> None:
    """Note what is wrong with choices, of an option or of an autocomplete answer."""
    for index, choice in enumerate(choices):
        at = (*path, "choices", index)
        problems.length((*at, "name"), choice.get("name"), minimum=1, maximum=CHOICE_TEXT)
        _check_translations(choice, "name", problems, at, maximum=CHOICE_TEXT)
        value = choice.get("value")
        if kind == STRING:
            problems.length((*at, "value"), value, minimum=1, maximum=CHOICE_TEXT)
        elif not isinstance(value, int | float) or isinstance(value, bool):
            problems.add((*at, "value"), "NUMBER_TYPE_COERCE", "Value is not a number.")


def _check_limits(option: JsonObject, problems: Problems, path: Path) -> None:
    problems.number((*path, "min_length"), option.get("min_length"), 0, STRING_LENGTH)
    problems.number((*path, "max_length"), option.get("max_length"), 1, STRING_LENGTH)
    low, high = option.get("min_value"), option.get("max_value")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        problems.add((*path, "min_value"), "NUMBER_TYPE_MAX", "The minimum is above the maximum.")


def command_characters(item: JsonObject) -> int:
    """Count what the limit of 8000 counts: names, descriptions and choice values, the longest translation of each."""
    count = _longest(item, "name") + _longest(item, "description")
    value = item.get("value")
    count += len(value) if isinstance(value, str) else 0
    parts = [*(item.get("options") or []), *(item.get("choices") or [])]
    return count + sum(command_characters(part) for part in parts)


def _longest(item: JsonObject, field: str) -> int:
    translations = item.get(f"{field}_localizations")
    texts = [item.get(field) or "", *(translations.values() if isinstance(translations, dict) else ())]
    return max(len(str(text)) for text in texts)
