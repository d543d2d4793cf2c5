"""Buttons, selects and forms as a person uses them: what Discord's client finds and refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.playground.client.entities import Entities, chosen_entities, entities_in, split
from bot.playground.payloads import resolved_json
from bot.playground.refusals import PlaygroundRefused
from bot.playground.rules.component_rules import (
    BUTTON,
    CHECKBOX,
    CHECKBOX_GROUP,
    ENTITY_SELECTS,
    LABEL,
    LINK_STYLE,
    RADIO_GROUP,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT_DISPLAY,
    TEXT_INPUT,
    walk,
)
from bot.playground.world import Guild, JsonObject, Message, User, World

FieldValue = str | bool | Sequence[str]


def buttons_of(message: Message) -> list[JsonObject]:
    """Give the buttons of a message, in reading order, disabled ones too."""
    return [item for item in walk(message.components) if item.get("type") == BUTTON]


def selects_of(message: Message) -> list[JsonObject]:
    """Give the selects of a message, in reading order, disabled ones too."""
    return [item for item in walk(message.components) if item.get("type") in SELECTS]


def check_visible(user: User, message: Message) -> None:
    """Whether this person can see the message.

    Raises:
        PlaygroundRefused: when it is deleted or someone else's

    """
    if not message.seen_by(user):
        raise PlaygroundRefused(f"{user.name} can't see this message: it is deleted or for someone else only.")


def button_name(button: JsonObject) -> str:
    """Give what stands on a button."""
    emoji = (button.get("emoji") or {}).get("name") or ""
    return " ".join(part for part in (emoji, button.get("label") or "") if part)


def find_button(message: Message, what: str) -> JsonObject:
    """Give the button with this label, emoji or custom id.

    Raises:
        PlaygroundRefused: when there is none, or it can't be pressed

    """
    buttons = buttons_of(message)
    for button in buttons:
        emoji = (button.get("emoji") or {}).get("name")
        if what in (button.get("custom_id"), button.get("label"), emoji, button_name(button)):
            return _pressable(button)
    names = ", ".join(button_name(button) for button in buttons)
    raise PlaygroundRefused(f"There is no button {what}; there are {names or 'none'}.")


def _pressable(button: JsonObject) -> JsonObject:
    if button.get("disabled"):
        raise PlaygroundRefused(f"The button {button_name(button)} is disabled.")
    if button.get("style") == LINK_STYLE:
        raise PlaygroundRefused(f"The button {button_name(button)} only opens {button.get('url')}.")
    return button


def button_data(button: JsonObject) -> JsonObject:
    """Give the ``data`` of the interaction of a pressed button."""
    return {"component_type": BUTTON, "custom_id": button["custom_id"], "id": button.get("id", 0)}


def find_select(message: Message, what: str) -> JsonObject:
    """Give the select with this placeholder or custom id.

    Raises:
        PlaygroundRefused: when there is none, or it is disabled

    """
    selects = selects_of(message)
    for select in selects:
        if what in (select.get("custom_id"), select.get("placeholder")):
            if select.get("disabled"):
                raise PlaygroundRefused(f"The select {what} is disabled.")
            return select
    names = ", ".join(str(select.get("placeholder") or select["custom_id"]) for select in selects)
    raise PlaygroundRefused(f"There is no select {what}; there are {names or 'none'}.")


def select_data(world: World, select: JsonObject, values: Sequence[str], *, guild: Guild | None) -> JsonObject:
    """Give the ``data`` of the interaction of a select.

    Raises:
        PlaygroundRefused: for values that are not offered, or too few or too many

    """
    entities = entities_in(world, guild)
    data: JsonObject = {
        "component_type": select["type"],
        "custom_id": select["custom_id"],
        "id": select.get("id", 0),
        "values": _selected(select, str(select.get("placeholder") or select["custom_id"]), values, entities),
    }
    if select["type"] in ENTITY_SELECTS:
        data["resolved"] = _resolved(world, [data], entities, guild)
    return data


def _resolved(world: World, answers: Sequence[JsonObject], entities: Entities, guild: Guild | None) -> JsonObject:
    """Give the people, roles and channels that selects of such name by id."""
    ids = [value for item in answers if _answer_type(item) in ENTITY_SELECTS for value in item.get("values") or []]
    users, channels, roles = split(entities[int(value)] for value in ids)
    return resolved_json(world, users, channels, roles, guild=guild)


def _answer_type(answer: JsonObject) -> object:
    """Give the type of an answered component; the two places where Discord tells it have two names for it."""
    return answer.get("component_type", answer.get("type"))


def _selected(item: JsonObject, name: str, values: Sequence[str], entities: Entities) -> list[str]:
    least = item["min_values"] if item.get("min_values") is not None else 1
    most = item.get("max_values") or (len(item["options"]) if item["type"] == CHECKBOX_GROUP else 1)
    if not least <= len(values) <= most:
        raise PlaygroundRefused(f"{name} takes {least} to {most} choices, not {len(values)}.")
    if item["type"] in ENTITY_SELECTS:
        return [str(entity.id) for entity in chosen_entities(item, values, entities)]
    return [_offered(item, value) for value in values]


def _offered(item: JsonObject, value: str) -> str:
    for option in item.get("options") or []:
        if value in (option["value"], option["label"]):
            return str(option["value"])
    labels = ", ".join(option["label"] for option in item.get("options") or [])
    raise PlaygroundRefused(f"{value} is not offered; there are {labels}.")


def fields_of(modal: JsonObject) -> list[tuple[str, JsonObject]]:
    """Give the fields of a form: what stands above each, and the field."""
    fields = []
    for top in modal["components"]:
        if top["type"] == ROW:
            fields += [(str(item.get("label") or item["custom_id"]), item) for item in top["components"]]
        elif top["type"] == LABEL:
            fields.append((str(top["label"]), top["component"]))
    return fields


def modal_data(world: World, modal: JsonObject, given: Mapping[str, FieldValue], *, guild: Guild | None) -> JsonObject:
    """Give the ``data`` of a submitted form; fields by their label or custom id, those not given keep what they show.

    Raises:
        PlaygroundRefused: for unknown fields and for values that a field does not allow

    """
    fields = fields_of(modal)
    known = {name for label, item in fields for name in (label, item["custom_id"])}
    for name in given:
        if name not in known:
            raise PlaygroundRefused(f"The form has no field {name}; it has {', '.join(label for label, _ in fields)}.")
    entities = entities_in(world, guild)
    answers = [_submitted(top, given, number, entities) for number, top in enumerate(modal["components"], 1)]
    return {
        "custom_id": modal["custom_id"],
        "components": answers,
        "resolved": _resolved(world, list(walk(answers)), entities, guild),
    }


def _submitted(top: JsonObject, given: Mapping[str, FieldValue], number: int, entities: Entities) -> JsonObject:
    if top["type"] == TEXT_DISPLAY:
        return {"type": TEXT_DISPLAY, "id": number}
    if top["type"] == ROW:
        item = top["components"][0]
        return {
            "type": ROW,
            "id": number,
            "components": [_answered(item, str(item.get("label")), given, number, entities)],
        }
    return {
        "type": LABEL,
        "id": number,
        "component": _answered(top["component"], top["label"], given, number, entities),
    }


def _answered(
    item: JsonObject, label: str, given: Mapping[str, FieldValue], number: int, entities: Entities
) -> JsonObject:
    value = given.get(item["custom_id"], given.get(label))
    answer: JsonObject = {"type": item["type"], "custom_id": item["custom_id"], "id": 100 + number}
    if item["type"] == TEXT_INPUT:
        return answer | {"value": _written(item, label, value)}
    if item["type"] == CHECKBOX:
        return answer | {"value": bool(item.get("default") if value is None else value)}
    if item["type"] == RADIO_GROUP:
        return answer | {"value": _one_of(item, label, value)}
    if item["type"] in (STRING_SELECT, CHECKBOX_GROUP, *ENTITY_SELECTS):
        return answer | {"values": _several(item, label, value, entities)}
    raise PlaygroundRefused(f"{label} has a type that the playground does not offer (files).")


def _preset(item: JsonObject) -> list[str]:
    """Give what is chosen in a field before anybody touches it."""
    if item["type"] in ENTITY_SELECTS:
        return [value["id"] for value in item.get("default_values") or []]
    return [option["value"] for option in item.get("options") or [] if option.get("default")]


def _one_of(item: JsonObject, label: str, value: FieldValue | None) -> str | None:
    chosen = next(iter(_preset(item)), None) if value is None else str(value)
    if not chosen and item.get("required", True):
        raise PlaygroundRefused(f"{label} is required.")
    return _offered(item, chosen) if chosen else None


def _several(item: JsonObject, label: str, value: FieldValue | None, entities: Entities) -> list[str]:
    values = _preset(item) if value is None else _listed(value)
    if not values and item.get("required") is False:
        return []
    return _selected(item, label, values, entities)


def _listed(value: FieldValue) -> list[str]:
    if isinstance(value, str | bool):
        return [value] if isinstance(value, str) else []
    return list(value)


def _written(item: JsonObject, label: str, value: FieldValue | None) -> str:
    text = str(item.get("value") or "") if value is None else value
    if not isinstance(text, str):
        raise PlaygroundRefused(f"{label} must be some text.")
    if not text and item.get("required", True):
        raise PlaygroundRefused(f"{label} is required.")
    least, most = item.get("min_length") or 0, item.get("max_length") or 4000
    if text and not least <= len(text) <= most:
        raise PlaygroundRefused(f"{label} must have {least} to {most} characters, not {len(text)}.")
    return text
