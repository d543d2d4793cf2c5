"""Discord's markdown as styled text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from rich.style import Style
from rich.text import Text

# A backslash is read in one way only, else a line of them takes hours.
_INLINE = re.compile(
    r"\\(?P<escaped>[^\w\s])"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>(?:\\.|[^\\])+?)\*\*(?!\*)"
    r"|__(?P<underline>(?:\\.|[^\\])+?)__(?!_)"
    r"|~~(?P<strike>(?:\\.|[^\\])+?)~~"
    r"|\|\|(?P<spoiler>(?:\\.|[^\\])+?)\|\|"
    r"|\*(?P<italic>(?!\s)(?:\\.|[^*\\])+?)\*"
    r"|(?<!\w)_(?P<slanted>(?:\\.|[^_\\])+?)_(?!\w)"
    r"|\[(?P<link>[^\]\n]+)\]\(<?(?P<url>https?://[^)\s>\x00-\x1f\x7f-\x9f]+)>?\)"
    r"|<t:(?P<time>[0-9]{1,13})(?::[a-zA-Z])?>"
    r"|<@!?(?P<user>[0-9]{1,20})>"
    r"|<@&(?P<role>[0-9]{1,20})>"
    r"|<#(?P<channel>[0-9]{1,20})>"
    r"|</(?P<command>[^:>]+):[0-9]{1,20}>",
    re.DOTALL,
)
_MENTIONS = {"user": ("@", "unknown-user"), "role": ("@", "unknown-role"), "channel": ("#", "unknown")}
"""The sign before each, and what stands for one that is not there."""
_DEEPEST = 8
"""Marks inside of marks; deeper ones are shown as they are."""
_NESTED = {
    "bold": Style(bold=True),
    "underline": Style(underline=True),
    "strike": Style(strike=True),
    "spoiler": Style(dim=True),
    "italic": Style(italic=True),
    "slanted": Style(italic=True),
}


def styled(source: str, names: Mapping[int, str]) -> Text:
    """Give ``source`` as a person sees it; ``names`` are those of all that it may mention, by id."""
    lines = [_line(line, names) for line in _joined(source)]
    return Text("\n").join(lines)


def _joined(source: str) -> list[str]:
    """Split into lines, but keep together what a bold or other mark spans."""
    lines: list[str] = []
    for line in source.split("\n"):
        if lines and lines[-1].count("**") % 2:
            lines[-1] += "\n" + line
        else:
            lines.append(line)
    return lines


def _line(line: str, names: Mapping[int, str]) -> Text:
    if heading := re.match(r"#{1,3} ", line):
        return _inline(line[heading.end() :], names, Style(bold=True, underline=True))
    if line.startswith("-# "):
        return _inline(line[3:], names, Style(dim=True))
    if line.startswith("> "):
        return Text("▏ ", style="dim").append_text(_inline(line[2:], names, Style()))
    if bullet := re.match(r"(\s*)[-*] ", line):
        return Text(f"{bullet[1]}• ").append_text(_inline(line[bullet.end() :], names, Style()))
    return _inline(line, names, Style())


def _inline(source: str, names: Mapping[int, str], style: Style, depth: int = 0) -> Text:
    if depth > _DEEPEST:
        return Text(source, style)
    text = Text()
    position = 0
    for match in _INLINE.finditer(source):
        text.append(source[position : match.start()], style)
        text.append_text(_marked(match, names, style, depth))
        position = match.end()
    text.append(source[position:], style)
    return text


def _marked(match: re.Match[str], names: Mapping[int, str], style: Style, depth: int) -> Text:
    kind = match.lastgroup or ""
    if kind in _NESTED:
        return _inline(match[kind], names, style + _NESTED[kind], depth + 1)
    if kind == "url":
        return Text(match["link"], style + Style(underline=True, link=match["url"]))
    if kind == "time":
        return Text(_moment(int(match["time"])) or match[0], style)
    if kind in _MENTIONS:
        sign, unknown = _MENTIONS[kind]
        name = names.get(int(match[kind]), unknown).removeprefix(sign)
        return Text(f"{sign}{name}", style + Style(color="bright_blue"))
    if kind == "command":
        return Text(f"/{match['command']}", style + Style(color="bright_blue"))
    return Text(match[kind], style + Style(reverse=True) if kind == "code" else style)


def _moment(seconds: int) -> str:
    """Give a moment as a person reads it; nothing for one beyond all calendars."""
    try:
        return f"{datetime.fromtimestamp(seconds, tz=UTC).astimezone():%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):
        return ""
