"""The page's server: who may talk to it, what it tells a page and in which order, what a page may ask for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse
from yarl import URL

from bot.playground import Playground, User
from bot.playground.web.site import PEOPLE, Site
from tests.unit.playground.small_bot import SmallBot


class Tab:
    """An open page without a browser: collects what it is told, and asks."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []
        self.around: dict[str, Any] = {}
        self.numbers: list[int] = []
        self._socket = socket
        self._answers: list[dict[str, Any]] = []

    async def hear(self) -> None:
        told = await asyncio.wait_for(self._socket.receive_json(), 10)
        if told["kind"] == "answer":
            self._answers.append(told)
            return
        self.numbers.append(told["number"])
        self.messages |= {shown["id"]: shown for shown in told.get("messages", [])}
        for gone in told.get("gone", []):
            del self.messages[gone]
        self.asked = told.get("asked", self.asked)
        self.around = told.get("around", self.around)

    async def until(self, look: Any) -> None:
        while not look():
            await self.hear()

    async def ask(self, **action: Any) -> dict[str, Any]:
        await self._socket.send_json({"id": 7} | action)
        await self.until(lambda: self._answers)
        return self._answers.pop()

    def texts(self) -> list[str]:
        return [shown["content"] for shown in self.messages.values()]


class Browser:
    """Opens tabs of one site."""

    def __init__(self, session: aiohttp.ClientSession, site: Site) -> None:
        self.session = session
        self.address = URL(site.address)

    async def tab(self, **query: str) -> Tab:
        tab = Tab(await self.session.ws_connect(self.address / "socket" % query))
        await tab.hear()
        return tab

    async def get(self, path: str = "", **headers: str) -> tuple[int, str, dict[str, str]]:
        async with self.session.get(self.address.join(URL(path)), headers=headers) as answer:
            return answer.status, await answer.text(), dict(answer.headers)


@pytest.fixture
async def browser(playground: Playground) -> AsyncIterator[Browser]:
    async with Site(playground) as site, aiohttp.ClientSession() as session:
        yield Browser(session, site)


async def test_the_page_comes_with_headers_that_let_nothing_in_from_elsewhere(browser: Browser) -> None:
    status, text, headers = await browser.get()
    assert status == 200
    assert "<!doctype html>" in text
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/wrong/", "/wrong/socket", "/wrong/page/app.js"])
async def test_without_the_token_there_is_nothing(browser: Browser, path: str) -> None:
    status, _, headers = await browser.get(path)
    assert status == 404
    assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["page/../site.py", "page/..%2fsite.py", "page/%2e%2e%2f%2e%2e%2fserver.py", "page/none.js"]
)
async def test_only_the_pages_own_files_are_given(browser: Browser, path: str) -> None:
    async with browser.session.get(URL(f"{browser.address}{path}", encoded=True)) as answer:
        assert answer.status == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1.evil.example:1"])
async def test_a_name_that_is_not_this_machines_is_refused(browser: Browser, host: str) -> None:
    assert (await browser.get(Host=host))[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://{authority}"])
async def test_the_websocket_of_another_page_is_refused(browser: Browser, origin: str) -> None:
    headers = {"Origin": origin.format(authority=browser.address.authority)}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await browser.session.ws_connect(browser.address / "socket", headers=headers)
    assert refused.value.status == 403


async def test_the_websocket_of_the_page_itself_is_let_in(browser: Browser) -> None:
    own = {"Origin": f"http://{browser.address.authority}"}
    async with browser.session.ws_connect(browser.address / "socket", headers=own) as socket:
        assert (await socket.receive_json())["kind"] == "state"


async def test_no_source_file_of_the_page_writes_markup_or_asks_elsewhere(browser: Browser) -> None:
    for name in (
        "app",
        "message",
        "markdown",
        "controls",
        "form",
        "composer",
        "suggestions",
        "side",
        "dom",
        "connection",
    ):
        status, text, headers = await browser.get(f"page/{name}.js")
        assert (status, headers["Content-Type"].split(";")[0]) == (200, "text/javascript")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            assert word not in text, f"{name}.js has {word}"


async def test_a_story_grows_in_order_without_gaps(browser: Browser, bot: SmallBot) -> None:
    tab = await browser.tab()
    asking = asyncio.create_task(tab.ask(do="slash", name="grow", options={}))
    await asking
    await tab.until(lambda: any(shown["thinking"] for shown in tab.messages.values()))
    bot.may_answer.set()
    await tab.until(lambda: "done" in tab.texts())
    grown, done = tab.messages.values()
    assert grown["embeds"][0]["description"] == "one two"
    assert [item["type"] for item in grown["components"]] == [1, 1]
    assert grown["asked"] == {"user": "Ada", "name": "grow"}
    assert (grown["edited"], done["ephemeral"]) == (True, True)
    assert tab.numbers == list(range(1, len(tab.numbers) + 1))


async def test_who_comes_back_gets_the_whole_state(browser: Browser, bot: SmallBot) -> None:
    first = await browser.tab()
    bot.may_answer.set()
    await first.ask(do="slash", name="say", options={"text": "hello", "tone": "Loud", "times": "2"})
    await first.ask(do="slash", name="grow", options={"private": "true"})
    await first.until(lambda: "done" in first.texts())
    again = await browser.tab()
    assert again.messages == first.messages
    assert again.numbers == [1]
    assert again.texts()[0] == "HELLO HELLO"


async def test_somebody_else_does_not_see_what_is_for_one_person_only(browser: Browser, bot: SmallBot) -> None:
    assert not bot.is_closed()
    ada = await browser.tab()
    await ada.ask(do="slash", name="say", options={"text": "psst", "private": "true"})
    await ada.until(lambda: ada.texts() == ["psst"])
    bob = await browser.tab(**{"as": "Bob"})
    assert bob.around["me"]["name"] == "Bob"
    assert bob.texts() == []


async def test_a_bot_that_does_not_respond_is_told_as_discord_tells_it(
    browser: Browser, playground: Playground
) -> None:
    await _register(playground)
    tab = await browser.tab()
    (asked,) = (await _unanswered(tab),)
    assert asked["failed"] == "The application did not respond"
    await tab.ask(do="dismiss", what=asked["id"])
    assert (await browser.tab()).asked == []


async def _register(playground: Playground) -> None:
    """Register a command and answer none, as a bot that hangs."""
    headers = {"Authorization": f"Bot {playground.token}"}
    body = [{"name": "hang", "description": "Say nothing", "type": 1}]
    url = f"{playground.api_url}/applications/{playground.application_id}/commands"
    async with aiohttp.ClientSession(headers=headers) as session, session.put(url, json=body) as answer:
        assert answer.status == 200


async def _unanswered(tab: Tab) -> dict[str, Any]:
    await tab.ask(do="slash", name="hang")
    await tab.until(lambda: any(asked["failed"] for asked in tab.asked))
    return tab.asked[0]


async def test_a_button_opens_a_form_and_the_form_is_sent(browser: Browser, bot: SmallBot) -> None:
    assert not bot.is_closed()
    tab = await browser.tab()
    await tab.ask(do="slash", name="controls")
    await tab.until(lambda: tab.messages)
    (message,) = tab.messages
    answer = await tab.ask(do="press", message=message, control="form")
    assert answer["form"]["title"] == "Your name"
    name, mood = (
        item["component"] if item["type"] == 18 else item["components"][0] for item in answer["form"]["components"]
    )
    short = await tab.ask(
        do="submit", asked=answer["asked"], fields={name["custom_id"]: "A", mood["custom_id"]: ["Sad"]}
    )
    assert short["problem"] == "Name must have 2 to 10 characters, not 1."
    await tab.ask(do="submit", asked=answer["asked"], fields={name["custom_id"]: "Ada", mood["custom_id"]: ["Sad"]})
    await tab.until(lambda: "Ada is Sad" in tab.texts())


async def test_a_select_and_a_menu_of_messages_work(browser: Browser, bot: SmallBot) -> None:
    assert not bot.is_closed()
    tab = await browser.tab()
    await tab.ask(do="slash", name="controls")
    await tab.until(lambda: tab.messages)
    (message,) = tab.messages
    await tab.ask(do="select", message=message, control="colour", values=["b"])
    await tab.until(lambda: "you chose b" in tab.texts())
    await tab.ask(do="menu", name="Quote", message=message)
    await tab.until(lambda: "> controls" in tab.texts())


async def test_the_bots_suggestions_come_while_one_types(browser: Browser, bot: SmallBot) -> None:
    assert not bot.is_closed()
    tab = await browser.tab()
    answer = await tab.ask(do="suggest", name="books read", option="title", typed="bat", options={"shelf": "A"})
    assert [choice["name"] for choice in answer["choices"]] == ["The Bat", "Batteries not included"]


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({}, "does not know"),
        ({"do": "fly"}, "does not know"),
        ({"do": "slash"}, "makes no sense"),
        ({"do": "slash", "name": ""}, "makes no sense"),
        ({"do": "slash", "name": "none"}, "There is no command /none"),
        ({"do": "slash", "name": "say"}, "/say needs the option text."),
        ({"do": "slash", "name": "say", "options": {"text": "x", "more": "y"}}, "/say has no option more."),
        ({"do": "slash", "name": "say", "options": {"text": "x" * 21}}, "text must have 1 to 20 characters"),
        ({"do": "slash", "name": "say", "options": ["text"]}, "makes no sense"),
        ({"do": "press", "message": "1", "control": "form"}, "This message is gone."),
        ({"do": "press", "message": {}, "control": "form"}, "makes no sense"),
        ({"do": "submit", "asked": "1", "fields": {}}, "no longer open"),
        ({"do": "say", "text": "  "}, "1 to 2000 characters"),
    ],
)
async def test_what_makes_no_sense_gets_a_sentence(
    browser: Browser, bot: SmallBot, action: dict[str, Any], reason: str
) -> None:
    assert not bot.is_closed()
    tab = await browser.tab()
    assert reason in (await tab.ask(**action))["problem"]


async def test_words_that_are_no_json_do_not_end_the_visit(browser: Browser) -> None:
    async with browser.session.ws_connect(browser.address / "socket") as socket:
        await socket.receive_json()
        await socket.send_str("no json")
        assert "does not know" in (await socket.receive_json())["problem"]
        await socket.send_str(json.dumps({"id": 2, "do": "say", "text": "still here"}))
        told = [await socket.receive_json(), await socket.receive_json()]
        assert {"answer", "changes"} == {one["kind"] for one in told}


async def test_a_file_is_saved_and_never_opened_in_the_pages_place(browser: Browser, bot: SmallBot) -> None:
    assert not bot.is_closed()
    tab = await browser.tab()
    await tab.ask(do="slash", name="file")
    await tab.until(lambda: tab.messages)
    ((file,),) = (shown["files"] for shown in tab.messages.values())
    status, text, headers = await browser.get(f"files/{file['id']}/{file['name']}")
    assert (status, text) == (200, "once")
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''tale.txt"
    assert headers["Content-Type"] == "application/octet-stream"
    assert (await browser.get("files/1/tale.txt"))[0] == 404


async def test_there_is_an_end_to_new_people(browser: Browser, playground: Playground) -> None:
    for number in range(PEOPLE):
        playground.add_user(f"Person {number}")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await browser.tab(**{"as": "One more"})
    assert refused.value.status == 403


async def test_a_direct_conversation_is_ones_own(browser: Browser, playground: Playground, ada: User) -> None:
    direct = playground.direct_channel(ada)
    playground.say(ada, "hello you", channel=direct)
    assert (await browser.tab(**{"as": "Ada", "in": str(direct.id)})).texts() == ["hello you"]
    bob = await browser.tab(**{"as": "Bob", "in": str(direct.id)})
    assert (bob.texts(), bob.around["channel"]["kind"]) == ([], "channel")


async def test_the_menus_of_a_message_and_of_a_person_are_used_from_the_page(
    playground: Playground, browser: Browser, bot: SmallBot, ada: User
) -> None:
    assert bot.raised == []
    message = playground.say(ada, "once")
    tab = await browser.tab()
    assert "problem" not in await tab.ask(do="menu", name="Quote", message=str(message.id))
    assert "problem" not in await tab.ask(do="menu", name="Greet", person=str(ada.id), message=str(message.id))
    await tab.until(lambda: {"> once", "Hello Ada, Member"} <= set(tab.texts()))
    form = await tab.ask(do="menu", name="Improve", message=str(message.id))
    assert form["form"]["title"] == "Your name"
    assert "gone" in (await tab.ask(do="menu", name="Greet", person="7"))["problem"]
