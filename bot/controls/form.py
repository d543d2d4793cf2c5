"""Forms that can be sent after a restart: found again by the ids in their ``custom_id``, not by an object in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import discord

_PREFIX = "form:"
_CUSTOM_ID = re.compile(r"form:(?P<form>[a-z_]{1,20}):(?P<number>[0-9]{1,30})(?::(?P<page>[0-9]{1,30}))?")


class Form(StrEnum):
    """What a person can fill in. The number beside it is a passage's id."""

    WRITE = "write"
    EDIT = "edit"
    RENAME = "rename"
    GENRE = "genre"
    MEMORY = "memory"
    REPORT = "report"
    BEGIN = "begin"
    """A new story; its number is 0."""
    TURN = "turn"
    """A passage of a story told together; its number is the story's, and its page that of the turn."""
    UNKNOWN = "unknown"
    """Of a form that another version of this program has shown."""

    @classmethod
    def _missing_(cls, value: object) -> Form:  # noqa: ARG003 - the enum calls it so
        return cls.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedForm:
    """A form as it was sent."""

    form: Form
    number: int
    page: int = 0
    fields: Mapping[str, str] = field(repr=False)
    """What stands in each field, by its name; of a select the chosen value. Nothing here has been checked."""

    def text(self, name: str) -> str:
        """Give what stands in a field; nothing where there is no such field."""
        return self.fields.get(name, "")


def blank_form(form: Form, number: int, title: str, *, page: int | None = None) -> discord.ui.Modal:
    """Give a form without fields yet."""
    custom_id = f"{_PREFIX}{form}:{number}" + ("" if page is None else f":{page}")
    return discord.ui.Modal(title=title, custom_id=custom_id)


async def open_form(interaction: discord.Interaction[Any], form: discord.ui.Modal) -> None:
    """Show a form, which must be the first answer."""
    form.stop()  # so that discord.py keeps nothing: many a form is never sent
    await interaction.response.send_modal(form)


def submitted_form(interaction: discord.Interaction[Any]) -> SubmittedForm | None:
    """Give the form that this interaction sends; None where it is no form of ours."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    data: Mapping[str, Any] = interaction.data or {}
    custom_id = str(data.get("custom_id"))
    if not custom_id.startswith(_PREFIX):
        return None
    found = _CUSTOM_ID.fullmatch(custom_id)
    fields = dict(_fields(data.get("components") or ()))
    if found is None:
        return SubmittedForm(form=Form.UNKNOWN, number=0, fields=fields)
    return SubmittedForm(
        form=Form(found["form"]), number=int(found["number"]), page=int(found["page"] or 0), fields=fields
    )


def _fields(components: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for component in components:
        inner = component.get("component")
        yield from _fields([inner] if inner else component.get("components") or ())
        if "custom_id" in component:
            values = component.get("values")
            value = values[0] if values else component.get("value")
            yield component["custom_id"], value if isinstance(value, str) else ""
