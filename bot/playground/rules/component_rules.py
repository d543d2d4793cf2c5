"""What Discord refuses in buttons, selects, layouts and modals. Pure checks; numbers from components/reference."""

from __future__ import annotations

from collections.abc import Iterator

from bot.playground.refusals import Problems
from bot.playground.world import JsonObject

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
ENTITY_SELECTS = (5, 6, 7, 8)  # user, role, mentionable, channel
DEFAULT_KINDS = {5: ("user",), 6: ("role",), 7: ("user", "role"), 8: ("channel",)}
SELECTS = (STRING_SELECT, *ENTITY_SELECTS)
SECTION, TEXT_DISPLAY, CONTAINER, LABEL, FILE_UPLOAD = 9, 10, 17, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23
LAYOUT_TOP = (ROW, SECTION, TEXT_DISPLAY, 12, 13, 14, CONTAINER)  # 12 gallery, 13 file, 14 separator
MODAL_TOP = (ROW, LABEL, TEXT_DISPLAY)

LINK_STYLE, PREMIUM_STYLE = 5, 6

ROWS = 5
BUTTONS_IN_ROW = 5
BUTTON_LABEL = 80
CUSTOM_ID = 100
SELECT_OPTIONS = 25
OPTION_TEXT = 100
PLACEHOLDER = 150
LAYOUT_COMPONENTS = 40
LAYOUT_TEXT = 4000

MODAL_TITLE = 45
MODAL_COMPONENTS = 5
INPUT_LABEL = 45
LABEL_DESCRIPTION = 100
INPUT_LENGTH = 4000
INPUT_PLACEHOLDER = 100
GROUP_OPTIONS = {RADIO_GROUP: (2, 10), CHECKBOX_GROUP: (1, 10)}

Path = tuple[str | int, ...]


def walk(components: object) -> Iterator[JsonObject]:
    """Every component within these, parents first."""
    for component in components if isinstance(components, list) else []:
        if isinstance(component, dict):
            yield component
            yield from walk(component.get("components"))
            yield from walk([component.get("accessory"), component.get("component")])


def check_components(components: object, problems: Problems, *, layout: bool) -> None:
    """Note everything that is wrong with the components of a message; ``layout``: Components V2."""
    top = problems.items(("components",), components, maximum=LAYOUT_COMPONENTS if layout else ROWS)
    allowed = LAYOUT_TOP if layout else (ROW,)
    for index, component in enumerate(top):
        _check_top(component, problems, ("components", index), allowed)
    _refuse_duplicates(top, problems)
    if layout:
        _check_layout_size(top, problems)


def _check_top(component: JsonObject, problems: Problems, path: Path, allowed: tuple[int, ...]) -> None:
    kind = component.get("type")
    if kind not in allowed:
        problems.add((*path, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {allowed}.")
    elif kind == ROW:
        _check_row(component, problems, path)
    elif kind == SECTION:
        _check_section(component, problems, path)
    elif kind == CONTAINER:
        for index, child in enumerate(problems.items((*path, "components"), component.get("components"), maximum=40)):
            _check_top(child, problems, (*path, "components", index), LAYOUT_TOP)
    elif kind == TEXT_DISPLAY:
        problems.length((*path, "content"), component.get("content"), minimum=1, maximum=LAYOUT_TEXT)


def _check_section(component: JsonObject, problems: Problems, path: Path) -> None:
    problems.items((*path, "components"), component.get("components"), minimum=1, maximum=3)
    accessory = component.get("accessory")
    if isinstance(accessory, dict) and accessory.get("type") == BUTTON:
        _check_button(accessory, problems, (*path, "accessory"))


def _check_row(row: JsonObject, problems: Problems, path: Path) -> None:
    children = problems.items((*path, "components"), row.get("components"), minimum=1, maximum=BUTTONS_IN_ROW)
    for index, child in enumerate(children):
        at = (*path, "components", index)
        kind = child.get("type")
        if kind == BUTTON:
            _check_button(child, problems, at)
        elif kind in SELECTS:
            check_select(child, problems, at)
            if len(children) > 1:
                problems.add(at, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select fills its row alone.")
        else:
            problems.add((*at, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {(BUTTON, *SELECTS)}.")


def _check_button(button: JsonObject, problems: Problems, path: Path) -> None:
    style = button.get("style")
    problems.number((*path, "style"), style, 1, PREMIUM_STYLE)
    problems.length((*path, "label"), button.get("label"), maximum=BUTTON_LABEL, optional=True)
    if style == LINK_STYLE:
        problems.length((*path, "url"), button.get("url"), minimum=1, maximum=512)
        if button.get("custom_id"):
            problems.add((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "Url or custom id.")
    elif style != PREMIUM_STYLE:
        problems.length((*path, "custom_id"), button.get("custom_id"), minimum=1, maximum=CUSTOM_ID)
        if button.get("url"):
            problems.add((*path, "url"), "BUTTON_COMPONENT_INVALID_STYLE", "Only a link button has a url.")
    if style != PREMIUM_STYLE and not button.get("label") and not button.get("emoji"):
        problems.add((*path, "label"), "BUTTON_COMPONENT_LABEL_EMOJI_REQUIRED", "A button needs a label or an emoji.")


def check_select(select: JsonObject, problems: Problems, path: Path) -> None:
    """Note everything that is wrong with one select."""
    problems.length((*path, "custom_id"), select.get("custom_id"), minimum=1, maximum=CUSTOM_ID)
    problems.length((*path, "placeholder"), select.get("placeholder"), maximum=PLACEHOLDER, optional=True)
    problems.number((*path, "min_values"), select.get("min_values"), 0, SELECT_OPTIONS)
    problems.number((*path, "max_values"), select.get("max_values"), 1, SELECT_OPTIONS)
    if select.get("type") in ENTITY_SELECTS:
        _check_default_values(select, problems, path)
    if select.get("type") == STRING_SELECT:
        _check_options(select.get("options"), problems, path, SELECT_OPTIONS)


def _check_default_values(select: JsonObject, problems: Problems, path: Path) -> None:
    """Note what is wrong with what is chosen beforehand: as many as may be chosen, and of the select's kind."""
    values = problems.items((*path, "default_values"), select.get("default_values") or [], maximum=SELECT_OPTIONS)
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if values and not least <= len(values) <= most:
        problems.add(
            (*path, "default_values"), "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length."
        )
    for index, value in enumerate(values):
        if value.get("type") not in DEFAULT_KINDS[select["type"]]:
            problems.add((*path, "default_values", index, "type"), "BASE_TYPE_CHOICES", "Of another kind.")


def _check_options(options: object, problems: Problems, path: Path, maximum: int, minimum: int = 1) -> None:
    values: set[str] = set()
    for index, option in enumerate(problems.items((*path, "options"), options, minimum=minimum, maximum=maximum)):
        at = (*path, "options", index)
        problems.length((*at, "label"), option.get("label"), minimum=1, maximum=OPTION_TEXT)
        problems.length((*at, "value"), option.get("value"), minimum=1, maximum=OPTION_TEXT)
        problems.length((*at, "description"), option.get("description"), maximum=OPTION_TEXT, optional=True)
        if option.get("value") in values:
            problems.add((*at, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified value is used.")
        values.add(str(option.get("value")))


def _refuse_duplicates(components: list[JsonObject], problems: Problems) -> None:
    seen: set[str] = set()
    for component in walk(components):
        custom_id = component.get("custom_id")
        if custom_id is None:
            continue
        if custom_id in seen:
            problems.add(("components",), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        seen.add(str(custom_id))


def _check_layout_size(components: list[JsonObject], problems: Problems) -> None:
    everything = list(walk(components))
    if len(everything) > LAYOUT_COMPONENTS:
        problems.add(("components",), "BASE_TYPE_BAD_LENGTH", f"At most {LAYOUT_COMPONENTS} components in all.")
    text = sum(len(str(item.get("content", ""))) for item in everything if item.get("type") == TEXT_DISPLAY)
    if text > LAYOUT_TEXT:
        problems.add(
            ("components",),
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            f"Displayable text size exceeds maximum size of {LAYOUT_TEXT}",
        )


def check_modal(modal: JsonObject) -> None:
    """Check a form before it is shown.

    Raises:
        ApiError: 50035 with every problem in it

    """
    problems = Problems()
    problems.length(("data", "title"), modal.get("title"), minimum=1, maximum=MODAL_TITLE)
    problems.length(("data", "custom_id"), modal.get("custom_id"), minimum=1, maximum=CUSTOM_ID)
    path = ("data", "components")
    top = problems.items(path, modal.get("components"), minimum=1, maximum=MODAL_COMPONENTS)
    for index, component in enumerate(top):
        _check_modal_top(component, problems, (*path, index))
    _refuse_duplicates(top, problems)
    problems.raise_if_any()


def _check_modal_top(component: JsonObject, problems: Problems, path: Path) -> None:
    kind = component.get("type")
    if kind not in MODAL_TOP:
        problems.add((*path, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {MODAL_TOP}.")
    elif kind == ROW:
        for child in problems.items((*path, "components"), component.get("components"), minimum=1, maximum=1):
            problems.length((*path, "components", 0, "label"), child.get("label"), minimum=1, maximum=INPUT_LABEL)
            _check_field(child, problems, (*path, "components", 0))
    elif kind == LABEL:
        problems.length((*path, "label"), component.get("label"), minimum=1, maximum=INPUT_LABEL)
        problems.length((*path, "description"), component.get("description"), maximum=LABEL_DESCRIPTION, optional=True)
        _check_field(component.get("component") or {}, problems, (*path, "component"))


def _check_field(item: JsonObject, problems: Problems, path: Path) -> None:
    kind = item.get("type")
    if kind == TEXT_INPUT:
        _check_text_input(item, problems, path)
    elif kind in SELECTS:
        check_select(item, problems, path)
    elif kind in (RADIO_GROUP, CHECKBOX_GROUP):
        _check_group(item, problems, path)
    elif kind in (FILE_UPLOAD, CHECKBOX):
        problems.length((*path, "custom_id"), item.get("custom_id"), minimum=1, maximum=CUSTOM_ID)
    else:
        problems.add((*path, "type"), "BASE_TYPE_CHOICES", "This component can't be in a modal.")


def _check_group(item: JsonObject, problems: Problems, path: Path) -> None:
    """Note what is wrong with radio buttons or checkboxes that belong together."""
    least, most = GROUP_OPTIONS[item["type"]]
    problems.length((*path, "custom_id"), item.get("custom_id"), minimum=1, maximum=CUSTOM_ID)
    problems.number((*path, "min_values"), item.get("min_values"), 0, most)
    problems.number((*path, "max_values"), item.get("max_values"), 1, most)
    _check_options(item.get("options"), problems, path, most, least)
    chosen = sum(bool(option.get("default")) for option in item.get("options") or [] if isinstance(option, dict))
    if item["type"] == RADIO_GROUP and chosen > 1:
        problems.add((*path, "options"), "BASE_TYPE_BAD_LENGTH", "Only one radio button can be chosen beforehand.")


def _check_text_input(item: JsonObject, problems: Problems, path: Path) -> None:
    problems.length((*path, "custom_id"), item.get("custom_id"), minimum=1, maximum=CUSTOM_ID)
    problems.number((*path, "style"), item.get("style"), 1, 2)
    problems.number((*path, "min_length"), item.get("min_length"), 0, INPUT_LENGTH)
    problems.number((*path, "max_length"), item.get("max_length"), 1, INPUT_LENGTH)
    problems.length((*path, "value"), item.get("value"), maximum=INPUT_LENGTH, optional=True)
    problems.length((*path, "placeholder"), item.get("placeholder"), maximum=INPUT_PLACEHOLDER, optional=True)
