"""The playground against Discord's rules: the numbers, each limit from both sides, and Discord's own description."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.playground import Playground
from bot.playground.refusals import ApiError
from bot.playground.rest import forum_posts as forums
from bot.playground.rules import command_rules as commands
from bot.playground.rules import component_rules as components
from bot.playground.rules import message_rules as messages
from bot.playground.rules.command_rules import check_command, check_commands
from bot.playground.rules.component_rules import check_modal
from bot.playground.rules.message_rules import CREATE_FLAGS, check_message
from bot.playground.world import COMPONENTS_V2, MANAGE_CHANNELS, MANAGE_THREADS, MEMBER_PERMISSIONS, PIN_MESSAGES
from tests.fakes.openapi import load_openapi, violations, violations_of_answers
from tests.unit.playground.small_bot import Asked, SmallBot, running

JsonObject = dict[str, Any]


def _message(**body: Any) -> Callable[[], None]:
    return lambda: check_message(body, allowed_flags=CREATE_FLAGS)


def _embed(**fields: Any) -> Callable[[], None]:
    return _message(embeds=[fields])


def _button(**fields: Any) -> JsonObject:
    return {"type": 2, "style": 1, "label": "a", "custom_id": "a"} | fields


def _select(**fields: Any) -> JsonObject:
    return {"type": 3, "custom_id": "a", "options": _options(1)} | fields


def _options(count: int) -> list[JsonObject]:
    return [{"label": "a", "value": str(number)} for number in range(count)]


def _rows(*rows: list[JsonObject]) -> Callable[[], None]:
    return _message(components=[{"type": 1, "components": row} for row in rows])


def _buttons(count: int) -> list[JsonObject]:
    return [_button(custom_id=str(number)) for number in range(count)]


def _layout(*items: JsonObject) -> Callable[[], None]:
    return _message(flags=COMPONENTS_V2, components=list(items))


def _texts(*lengths: int) -> list[JsonObject]:
    return [{"type": 10, "content": "a" * length} for length in lengths]


def _modal(count: int = 1, *, title: str = "a", **field: Any) -> Callable[[], None]:
    rows = [
        {"type": 1, "components": [{"type": 4, "custom_id": str(n), "label": "a", "style": 1} | field]}
        for n in range(count)
    ]
    return lambda: check_modal({"title": title, "custom_id": "a", "components": rows})


def _command(**fields: Any) -> Callable[[], None]:
    return lambda: check_command({"type": 1, "name": "a", "description": "a"} | fields)


def _option(**fields: Any) -> JsonObject:
    return {"type": 3, "name": "a", "description": "a"} | fields


def _named(count: int) -> list[JsonObject]:
    return [_option(name=f"a{number}") for number in range(count)]


def _choices(count: int) -> list[JsonObject]:
    return [{"name": "a", "value": str(number)} for number in range(count)]


def _heavy(characters: int) -> Callable[[], None]:
    """Give a command whose names, descriptions and values have so many characters in all."""
    full = [{"name": "n" * 100, "value": f"{number:0100}"} for number in range(39)]
    last = {"name": "n" * (characters - (39 * 200 + 6) - 1), "value": "x"}  # 6: the command's texts and the options'
    options = [_option(choices=full[:20]), _option(name="b", choices=[*full[20:], last])]
    return _command(options=options)


# Each rule: what Discord just takes, and what it just refuses.
RULES: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
    "content 2000": (_message(content="a" * 2000), _message(content="a" * 2001)),
    "10 embeds": (_message(embeds=[{}] * 10), _message(embeds=[{}] * 11)),
    "embed title 256": (_embed(title="a" * 256), _embed(title="a" * 257)),
    "embed description 4096": (_embed(description="a" * 4096), _embed(description="a" * 4097)),
    "25 fields": (
        _embed(fields=[{"name": "a", "value": "a"}] * 25),
        _embed(fields=[{"name": "a", "value": "a"}] * 26),
    ),
    "field name 256": (
        _embed(fields=[{"name": "a" * 256, "value": "a"}]),
        _embed(fields=[{"name": "a" * 257, "value": "a"}]),
    ),
    "field value 1024": (
        _embed(fields=[{"name": "a", "value": "a" * 1024}]),
        _embed(fields=[{"name": "a", "value": "a" * 1025}]),
    ),
    "a field has a value": (_embed(fields=[{"name": "a", "value": "a"}]), _embed(fields=[{"name": "a", "value": ""}])),
    "footer 2048": (_embed(footer={"text": "a" * 2048}), _embed(footer={"text": "a" * 2049})),
    "author 256": (_embed(author={"name": "a" * 256}), _embed(author={"name": "a" * 257})),
    "6000 in all embeds": (
        _message(embeds=[{"description": "a" * 3000}, {"description": "a" * 2000, "footer": {"text": "a" * 1000}}]),
        _message(embeds=[{"description": "a" * 3000}, {"description": "a" * 2000, "footer": {"text": "a" * 1001}}]),
    ),
    "colour": (_embed(color=0xFFFFFF), _embed(color=0x1000000)),
    "5 rows": (_rows(*[[b] for b in _buttons(5)]), _rows(*[[b] for b in _buttons(6)])),
    "5 buttons a row": (_rows(_buttons(5)), _rows(_buttons(6))),
    "label 80": (_rows([_button(label="a" * 80)]), _rows([_button(label="a" * 81)])),
    "custom_id 100": (_rows([_button(custom_id="a" * 100)]), _rows([_button(custom_id="a" * 101)])),
    "custom_id 1": (_rows([_button(custom_id="a")]), _rows([_button(custom_id="")])),
    "each custom_id once": (_rows(_buttons(2)), _rows([_button()], [_button()])),
    "a button says something": (_rows([_button(label="", emoji={"name": "♥"})]), _rows([_button(label="")])),
    "a link has no custom_id": (
        _rows([{"type": 2, "style": 5, "label": "a", "url": "https://a"}]),
        _rows([_button(style=5, url="https://a")]),
    ),
    "25 options in a select": (_rows([_select(options=_options(25))]), _rows([_select(options=_options(26))])),
    "1 option in a select": (_rows([_select(options=_options(1))]), _rows([_select(options=[])])),
    "option label 100": (
        _rows([_select(options=[{"label": "a" * 100, "value": "a"}])]),
        _rows([_select(options=[{"label": "a" * 101, "value": "a"}])]),
    ),
    "option values differ": (_rows([_select(options=_options(2))]), _rows([_select(options=_options(1) * 2)])),
    "placeholder 150": (_rows([_select(placeholder="a" * 150)]), _rows([_select(placeholder="a" * 151)])),
    "a select fills its row": (_rows([_select()], _buttons(5)), _rows([_select(custom_id="x"), _button()])),
    "only rows without the flag": (_rows([_button()]), _message(components=_texts(1))),
    "4000 characters of Components V2": (_layout(*_texts(2000, 2000)), _layout(*_texts(2000, 2001))),
    "40 components": (
        _layout({"type": 17, "components": _texts(*[1] * 39)}),
        _layout({"type": 17, "components": _texts(*[1] * 40)}),
    ),
    "no content with Components V2": (
        _layout(*_texts(1)),
        _message(flags=COMPONENTS_V2, components=_texts(1), content="a"),
    ),
    "flags of a message": (_message(content="a", flags=4), _message(content="a", flags=1 << 13)),
    "modal title 45": (_modal(title="a" * 45), _modal(title="a" * 46)),
    "modal has a title": (_modal(title="a"), _modal(title="")),
    "5 fields in a modal": (_modal(5), _modal(6)),
    "1 field in a modal": (_modal(1), _modal(0)),
    "input label 45": (_modal(label="a" * 45), _modal(label="a" * 46)),
    "prefill 4000": (_modal(value="a" * 4000), _modal(value="a" * 4001)),
    "input max_length 4000": (_modal(max_length=4000), _modal(max_length=4001)),
    "no buttons in a modal": (_modal(), _modal(type=2)),
    "command name 32": (_command(name="a" * 32), _command(name="a" * 33)),
    "command names are small": (_command(name="sci-fi_2"), _command(name="Story")),
    "command names have no spaces": (_command(name="story"), _command(name="my story")),
    "command names in other scripts": (_command(name="कहानी"), _command(name="कहानी!")),
    "description 100": (_command(description="a" * 100), _command(description="a" * 101)),
    "a description is needed": (_command(description="a"), _command(description="")),
    "25 options": (_command(options=_named(25)), _command(options=_named(26))),
    "25 choices": (
        _command(options=[_option(choices=_choices(25))]),
        _command(options=[_option(choices=_choices(26))]),
    ),
    "choice name 100": (
        _command(options=[_option(choices=[{"name": "a" * 100, "value": "a"}])]),
        _command(options=[_option(choices=[{"name": "a" * 101, "value": "a"}])]),
    ),
    "choices or autocomplete": (
        _command(options=[_option(autocomplete=True)]),
        _command(options=[_option(autocomplete=True, choices=_choices(1))]),
    ),
    "required options first": (
        _command(options=[_option(name="b", required=True), _option()]),
        _command(options=[_option(), _option(name="b", required=True)]),
    ),
    "option names differ": (_command(options=_named(2)), _command(options=[_option(), _option()])),
    "text up to 6000": (_command(options=[_option(max_length=6000)]), _command(options=[_option(max_length=6001)])),
    "subcommands only among themselves": (
        _command(options=[_option(type=1)]),
        _command(options=[_option(type=1), _option(name="b")]),
    ),
    "one level of groups": (
        _command(options=[_option(type=2, options=[_option(type=1)])]),
        _command(options=[_option(type=2, options=[_option(type=2, options=[_option(type=1)])])]),
    ),
    "8000 characters a command": (_heavy(7900), _heavy(8001)),
    "100 commands": (
        lambda: check_commands([{"name": f"a{n}", "description": "a"} for n in range(100)]),
        lambda: check_commands([{"name": f"a{n}", "description": "a"} for n in range(101)]),
    ),
    "15 menu entries": (
        lambda: check_commands([{"name": f"A {n}", "type": 3} for n in range(15)]),
        lambda: check_commands([{"name": f"A {n}", "type": 3} for n in range(16)]),
    ),
    "command names differ": (
        lambda: check_commands([{"name": "a", "description": "a"}, {"name": "a", "type": 3}]),
        lambda: check_commands([{"name": "a", "description": "a"}, {"name": "a", "description": "b"}]),
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_limit_is_kept_from_both_sides(rule: str) -> None:
    allowed, refused = RULES[rule]
    allowed()
    with pytest.raises(ApiError) as caught:
        refused()
    assert caught.value.code in (50035, 30032)


@pytest.fixture(scope="module")
def openapi() -> JsonObject:
    document = load_openapi()
    if document is None:
        pytest.skip("STORYBOT_TEST_DATA names no folder with discord/openapi.json")
    return document


def test_our_numbers_are_those_that_discord_publishes(openapi: JsonObject) -> None:
    schemas = openapi["components"]["schemas"]

    def limit(schema: str, field: str, kind: str = "maxLength") -> object:
        return schemas[schema]["properties"][field][kind]

    ours_and_theirs = {
        "embeds": (messages.EMBEDS, limit("MessageCreateRequest", "embeds", "maxItems")),
        "title": (messages.EMBED_TITLE, limit("RichEmbed", "title")),
        "description": (messages.EMBED_DESCRIPTION, limit("RichEmbed", "description")),
        "fields": (messages.EMBED_FIELDS, limit("RichEmbed", "fields", "maxItems")),
        "field name": (messages.EMBED_FIELD_NAME, limit("RichEmbedField", "name")),
        "field value": (messages.EMBED_FIELD_VALUE, limit("RichEmbedField", "value")),
        "footer": (messages.EMBED_FOOTER, limit("RichEmbedFooter", "text")),
        "author": (messages.EMBED_AUTHOR, limit("RichEmbedAuthor", "name")),
        "label": (components.BUTTON_LABEL, limit("ButtonComponentForMessageRequest", "label")),
        "custom_id": (components.CUSTOM_ID, limit("ButtonComponentForMessageRequest", "custom_id")),
        "placeholder": (components.PLACEHOLDER, limit("StringSelectComponentForMessageRequest", "placeholder")),
        "options": (components.SELECT_OPTIONS, limit("StringSelectComponentForMessageRequest", "options", "maxItems")),
        "command": (commands.NAME, limit("ApplicationCommandUpdateRequest", "name")),
        "about": (commands.DESCRIPTION, limit("ApplicationCommandUpdateRequest", "description")),
        "tags of a forum": (forums.TAGS, limit("UpdateGuildChannelRequestPartial", "available_tags", "maxItems")),
        "tags of a post": (forums.APPLIED_TAGS, limit("CreateForumThreadRequest", "applied_tags", "maxItems")),
        "command options": (commands.OPTIONS, limit("ApplicationCommandUpdateRequest", "options", "maxItems")),
    }
    assert {name: ours for name, (ours, _) in ours_and_theirs.items()} == {
        name: theirs for name, (_, theirs) in ours_and_theirs.items()
    }


async def _everything(playground: Playground, bot: SmallBot) -> None:
    """Let the bot do all that it can, so that every kind of request and answer is on record."""
    ada = playground.add_user("Ada")
    bot.may_answer.set()
    await (await playground.slash(ada, "grow")).until(lambda asked: asked.followups)
    await (await playground.slash(ada, "file")).acknowledged()
    await playground.autocomplete(ada, "books read", "title", "bat")
    shown = await playground.slash(ada, "controls")
    await shown.acknowledged()
    assert shown.message is not None
    for what in ("Later", "Pressed 0"):
        await (await playground.press(ada, shown.message, what)).acknowledged()
    other = await playground.slash(ada, "controls")
    await other.acknowledged()
    assert other.message is not None
    form = await playground.press(ada, other.message, "form")
    await form.acknowledged()
    await (await playground.submit(ada, form, {"Name": "Ada", "mood": ["Glad"]})).acknowledged()

    async def write(asked: Asked) -> None:
        await asked.response.send_message("thread")
        original = await asked.original_response()
        channel = await asked.client.fetch_channel(playground.channel.id)
        message = await channel.send("a")
        await message.edit(content="b")
        await message.add_reaction("♥")
        await message.remove_reaction("♥", asked.client.user)
        await channel.get_partial_message(original.id).create_thread(name="A tale")
        await message.delete()
        await (await asked.client.fetch_user(ada.id)).send("a direct message")
        await asked.delete_original_response()

    async def put_up(asked: Asked) -> None:
        await asked.response.send_message("forum")
        forum = await asked.client.fetch_channel(place.id)
        tag = await forum.create_tag(name="Horror")
        post = await forum.create_thread(name="A tale", content="a", applied_tags=forum.available_tags)
        await post.thread.edit(name="Another", applied_tags=[tag], archived=False)
        await post.message.pin()
        assert [message.id async for message in post.thread.pins()] == [post.message.id]
        await post.message.unpin()
        await post.thread.delete()

    place = playground.add_forum("library", "Drama")
    playground.allow_bot(place, MEMBER_PERMISSIONS | MANAGE_CHANNELS | MANAGE_THREADS | PIN_MESSAGES)
    await bot.attempt(playground, write)
    await bot.attempt(playground, put_up)


async def test_what_discord_py_sends_and_we_answer_is_as_discord_describes_it(openapi: JsonObject) -> None:
    async with Playground(message_limit=50) as playground:
        async with running(playground) as bot:
            await _everything(playground, bot)
        assert bot.raised == []
        assert playground.unknown_routes == []
        assert playground.faults == []
        assert len({(request.method, request.route) for request in playground.requests}) > 15
        assert violations(playground.requests, openapi) == []
        assert violations_of_answers(playground.requests, openapi) == []
