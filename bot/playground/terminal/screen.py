"""How messages look in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.playground.client.pressing import button_name
from bot.playground.rules.component_rules import BUTTON, LINK_STYLE, SELECTS, TEXT_DISPLAY, walk
from bot.playground.terminal.harmless import Harmless
from bot.playground.terminal.markdown import styled
from bot.playground.world import JsonObject, Message, World

EMBED_GREY = 0x4F545C
# primary, secondary, success, danger, link
BUTTON_STYLES = {1: "bold white on blue", 2: "bold white on grey30", 3: "bold white on green", 4: "bold white on red"}


class LeftBar:
    """Something with a coloured bar at its left, as Discord draws embeds."""

    def __init__(self, inner: RenderableType, colour: int) -> None:
        self._inner = inner
        self._bar = Segment("▌ ", Style(color=f"#{colour:06x}"))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self._inner, options.update(width=options.max_width - 2), pad=False):
            yield self._bar
            yield from line
            yield Segment.line()


def controls_of(messages: Iterable[Message]) -> list[tuple[Message, JsonObject]]:
    """Give the buttons and selects of messages, in the order in which they are numbered from 1."""
    kinds = (BUTTON, *SELECTS)
    return [(message, item) for message in messages for item in walk(message.components) if item.get("type") in kinds]


def draw(world: World, messages: Sequence[Message]) -> RenderableType:
    """Draw messages below one another, their controls numbered through."""
    numbers = {id(item): number for number, (_, item) in enumerate(controls_of(messages), 1)}
    names = world.names()
    return Harmless(Group(*(_draw_message(message, names, numbers) for message in messages)))


def _draw_message(message: Message, names: Mapping[int, str], numbers: Mapping[int, int]) -> RenderableType:
    parts: list[RenderableType] = [_headline(message)]
    if message.loading:
        parts.append(Text(f"{message.author.name} is thinking…", style="italic dim"))
    if message.content:
        parts.append(styled(message.content, names))
    parts += [_draw_embed(embed, names) for embed in message.embeds]
    shown = (item for item in walk(message.components) if item.get("type") == TEXT_DISPLAY)
    parts += [styled(str(item.get("content", "")), names) for item in shown]
    parts += [Text(f"📎 {file.filename} ({len(file.data):,} bytes)", style="cyan") for file in message.attachments]
    if (controls := _draw_controls(message, numbers)) is not None:
        parts.append(controls)
    return Group(*parts)


def _headline(message: Message) -> Text:
    line = Text(message.author.name, style="bold")
    if message.author.bot:
        line.append(" APP ", style="bold white on blue").append("")
    if message.edited is not None:
        line.append(" (edited)", style="dim")
    if message.ephemeral:
        line.append(" · only you can see this", style="dim italic")
    return line


def _draw_embed(embed: JsonObject, names: Mapping[int, str]) -> RenderableType:
    parts: list[RenderableType] = []
    if author := (embed.get("author") or {}).get("name"):
        parts.append(Text(author, style="bold dim"))
    if title := embed.get("title"):
        parts.append(Text.assemble((styled(title, names).plain, "bold underline")))
    if description := embed.get("description"):
        parts.append(styled(description, names))
    for field in embed.get("fields") or []:
        parts += [Text(str(field["name"]), style="bold"), styled(str(field["value"]), names)]
    if image := (embed.get("image") or {}).get("url"):
        parts.append(Text(f"🖼 {image}", style="cyan"))
    if footer := (embed.get("footer") or {}).get("text"):
        parts.append(Text(footer, style="dim"))
    return LeftBar(Group(*parts), embed.get("color") or EMBED_GREY)


def _draw_controls(message: Message, numbers: Mapping[int, int]) -> RenderableType | None:
    lines: list[Text] = []
    buttons = [item for item in walk(message.components) if item.get("type") == BUTTON]
    if buttons:
        lines.append(Text("  ").join(_draw_button(item, numbers[id(item)]) for item in buttons))
    selects = (item for item in walk(message.components) if item.get("type") in SELECTS)
    lines.extend(_draw_select(item, numbers[id(item)]) for item in selects)
    if not lines:
        return None
    grid = Table.grid()
    for line in lines:
        grid.add_row(line)
    return grid


def _draw_button(button: JsonObject, number: int) -> Text:
    if button.get("style") == LINK_STYLE:
        return Text(f"{button_name(button)} → {button.get('url')}", style="underline")
    if button.get("disabled"):
        return Text(f"[{number}] {button_name(button)}", style="dim strike")
    style = BUTTON_STYLES.get(int(button.get("style") or 2), "bold")
    return Text.assemble((f"[{number}]", "bold yellow"), " ", (f" {button_name(button)} ", style))


def _draw_select(select: JsonObject, number: int) -> Text:
    labels = " | ".join(str(option["label"]) for option in select.get("options") or [])
    name = select.get("placeholder") or "choose"
    line = Text.assemble((f"[{number}]", "bold yellow"), f" {name}: {labels}")
    return Text.assemble((line.plain, "dim strike")) if select.get("disabled") else line
