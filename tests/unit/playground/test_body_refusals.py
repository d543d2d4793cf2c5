"""Bodies that Discord refuses, sent by discord.py, and the exception that the bot gets for each."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
import pytest

from bot.playground import Playground
from tests.unit.playground.small_bot import Asked, Controls, Counter, NameForm, SmallBot


async def _refusal(playground: Playground, bot: SmallBot, message: dict[str, Any]) -> discord.HTTPException:
    """Send this as a first response and give what discord.py raises."""

    async def send(asked: Asked) -> None:
        await asked.response.send_message(**message)

    with pytest.raises(discord.HTTPException) as caught:
        await bot.attempt(playground, send)
    assert playground.messages() == []
    return caught.value


def _twice() -> discord.ui.View:
    return discord.ui.View().add_item(Counter(count=1)).add_item(Counter(count=1))


@pytest.mark.parametrize(
    ("message", "field", "code"),
    [
        ({"content": "a" * 2001}, "data.content", 50035),
        ({"embed": discord.Embed(title="a" * 257)}, "data.embeds.0.title", 50035),
        ({"embed": discord.Embed(description="a" * 4097)}, "data.embeds.0.description", 50035),
        ({"embeds": [discord.Embed(description="a" * 3001)] * 2}, "data.embeds", 50035),
        ({"embed": discord.Embed(title="a").set_footer(text="a" * 2049)}, "data.embeds.0.footer.text", 50035),
    ],
)
async def test_a_message_that_is_too_long_is_refused(
    playground: Playground, bot: SmallBot, message: dict[str, Any], field: str, code: int
) -> None:
    error = await _refusal(playground, bot, message)
    assert (error.status, error.code) == (400, code)
    assert f"In {field}" in error.text


async def test_an_empty_message_is_refused(playground: Playground, bot: SmallBot) -> None:
    assert (await _refusal(playground, bot, {"content": ""})).code == 50006


async def test_two_controls_with_one_custom_id_are_refused(playground: Playground, bot: SmallBot) -> None:
    error = await _refusal(playground, bot, {"content": "a", "view": _twice()})
    assert "cannot be duplicated" in error.text


async def test_an_edit_that_empties_a_message_is_refused(playground: Playground, bot: SmallBot) -> None:
    async def empty(asked: Asked) -> None:
        await asked.response.send_message("a")
        await asked.edit_original_response(content=None)

    with pytest.raises(discord.HTTPException) as caught:
        await bot.attempt(playground, empty)
    assert caught.value.code == 50006
    assert playground.messages()[0].content == "a"


async def test_an_edit_may_take_away_all_controls(playground: Playground, bot: SmallBot) -> None:
    async def strip(asked: Asked) -> None:
        await asked.response.send_message("a", view=Controls())
        await asked.edit_original_response(view=None)

    await bot.attempt(playground, strip)
    assert playground.messages()[0].components == []


async def test_components_v2_take_no_content(playground: Playground, bot: SmallBot) -> None:
    layout = discord.ui.LayoutView().add_item(discord.ui.TextDisplay("words"))

    async def convert(asked: Asked) -> None:
        await asked.response.send_message(view=layout)
        await asked.client.http.request(
            discord.http.Route(
                "PATCH",
                "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
                webhook_id=playground.application_id,
                webhook_token=asked.token,
            ),
            json={"content": "old words"},
        )

    with pytest.raises(discord.HTTPException) as caught:
        await bot.attempt(playground, convert)
    assert "IS_COMPONENTS_V2" in caught.value.text


@pytest.mark.parametrize(
    "change",
    [
        lambda form: setattr(form, "title", "a" * 46),
        lambda form: form.remove_item(form.name).remove_item(form.mood),
        lambda form: setattr(form, "custom_id", "a" * 101),
    ],
)
async def test_a_form_beyond_the_limits_is_refused(
    playground: Playground, bot: SmallBot, change: Callable[[NameForm], object]
) -> None:
    async def open_form(asked: Asked) -> None:
        form = NameForm()
        change(form)
        await asked.response.send_modal(form)

    with pytest.raises(discord.HTTPException) as caught:
        await bot.attempt(playground, open_form)
    assert caught.value.code == 50035


async def test_a_form_is_only_a_first_response(playground: Playground, bot: SmallBot) -> None:
    async def defer_first(asked: Asked) -> None:
        await asked.response.defer()
        asked.response._response_type = None
        await asked.response.send_modal(NameForm())

    with pytest.raises(discord.HTTPException) as caught:
        await bot.attempt(playground, defer_first)
    assert caught.value.code == 40060


async def test_a_file_over_ten_mebibytes_is_refused(playground: Playground, bot: SmallBot) -> None:
    big = discord.File(io.BytesIO(bytes(10 * 1024 * 1024 + 1)), "big")
    error = await _refusal(playground, bot, {"file": big})
    assert (error.status, error.code) == (413, 40005)


async def _post(
    playground: Playground, path: str, *, json: object = None, data: str | None = None
) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bot {playground.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(playground.api_url + path, json=json, data=data) as response,
    ):
        return response.status, await response.json()


async def test_only_ephemeral_can_be_said_at_a_defer(playground: Playground, bot: SmallBot) -> None:
    async def defer(asked: Asked) -> dict[str, Any]:
        path = f"/interactions/{asked.id}/{asked.token}/callback"
        status, body = await _post(playground, path, json={"type": 5, "data": {"flags": 1 << 15}})
        assert status == 400
        await asked.response.defer(ephemeral=True)
        return body

    body = await bot.attempt(playground, defer)
    assert body["errors"]["data"]["flags"]["_errors"][0]["code"] == "MESSAGE_FLAGS_INVALID"


async def test_an_answer_of_the_wrong_kind_is_refused(playground: Playground, bot: SmallBot) -> None:
    async def wrong(asked: Asked) -> list[int]:
        path = f"/interactions/{asked.id}/{asked.token}/callback"
        codes = [(await _post(playground, path, json={"type": kind}))[1]["code"] for kind in (1, 6, 7, 8, 99)]
        await asked.response.defer()
        return codes

    assert await bot.attempt(playground, wrong) == [50035] * 5


async def test_what_is_not_json_is_refused(playground: Playground) -> None:
    path = f"/channels/{playground.channel.id}/messages"
    assert (await _post(playground, path, data="{"))[1]["code"] == 50109
    assert (await _post(playground, path, json=[1]))[1]["code"] == 50035
    assert (await _post(playground, path, json={"content": 5}))[1]["code"] == 50035


async def test_ids_that_nothing_has_are_not_found(playground: Playground, bot: SmallBot) -> None:
    missing: dict[int, Callable[[], Any]] = {
        10003: lambda: bot.fetch_channel(1),
        10004: lambda: bot.fetch_guild(1),
        10013: lambda: bot.fetch_user(1),
        10008: lambda: bot.get_partial_messageable(playground.channel.id).fetch_message(1),
        10062: lambda: bot.http.request(discord.http.Route("POST", "/interactions/1/x/callback"), json={"type": 4}),
        10063: lambda: bot.http.get_global_command(playground.application_id, 1),
    }
    for code, fetch in missing.items():
        with pytest.raises(discord.NotFound) as caught:
            await fetch()
        assert caught.value.code == code
    for guild in bot.guilds:
        assert (await bot.fetch_guild(guild.id)).name == guild.name
    assert (await bot.fetch_channel(playground.channel.id)).id == playground.channel.id
    ada = playground.add_user("Ada")
    assert (await bot.fetch_user(ada.id)).display_name == "Ada"
    assert (await (await bot.fetch_user(ada.id)).create_dm()).id == playground.direct_channel(ada).id


async def test_a_command_that_breaks_the_rules_is_not_registered(playground: Playground, bot: SmallBot) -> None:
    before = playground.commands
    with pytest.raises(discord.HTTPException) as caught:
        await bot.http.bulk_upsert_global_commands(
            playground.application_id, [{"name": "No Spaces", "description": "", "type": 1}]
        )
    assert caught.value.code == 50035
    assert {"In 0.name", "In 0.description"} <= {line.split(":")[0] for line in caught.value.text.splitlines()}
    assert playground.commands == before


def _command(name: str, description: str) -> Any:
    return {"name": name, "description": description, "type": 1, "options": []}


async def test_commands_are_added_changed_and_taken_away_one_by_one(playground: Playground, bot: SmallBot) -> None:
    await bot.http.bulk_upsert_global_commands(playground.application_id, [])
    made = await bot.http.upsert_global_command(playground.application_id, _command("one", "a"))
    again = await bot.http.upsert_global_command(playground.application_id, _command("one", "b"))
    assert made["id"] == again["id"]
    await bot.http.upsert_guild_command(playground.application_id, playground.guild.id, _command("here", "c"))
    assert [(c["name"], c["description"]) for c in playground.commands] == [("one", "b"), ("here", "c")]
    assert [c["name"] for c in playground.usable_commands()] == ["here", "one"]
    await bot.http.delete_global_command(playground.application_id, int(made["id"]))
    assert [c["name"] for c in playground.commands] == ["here"]
