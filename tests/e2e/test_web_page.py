"""A newcomer in the browser: the real bot on the playground's page, in a headless Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.playground.web.site import Site
from bot.playground.world import MANAGE_CHANNELS, MANAGE_GUILD, MEMBER_PERMISSIONS, Message
from tests.e2e.browser import PHONE, Page, button, chromium, needs_chromium, tab
from tests.e2e.conftest import Stage
from tests.unit.playground.small_bot import running

pytestmark = [needs_chromium, pytest.mark.timeout(120)]

WORDS = "document.querySelector('#words')"
STORIES = "document.querySelectorAll('.message .embed').length"
LAST = "[...document.querySelectorAll('.message')].at(-1)"
TEXTS = "[...document.querySelectorAll('.embed')].map(one => one.innerText)"
OFFERS = "[...document.querySelectorAll('#suggestions .name')].map(one => one.innerText).join('|')"
WIDER = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def devtools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One browser for all: it takes seconds to start."""
    with chromium(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
async def page(stage: Stage, devtools: str) -> AsyncIterator[Page]:
    """The page as Ada sees it; at its end no script has failed and nothing was refused by the page's own policy."""
    async with Site(stage.playground) as site, tab(devtools) as page:
        page.address = site.address
        await page.open(site.address)
        yield page
        assert page.mistakes == []


async def run(page: Page, line: str) -> None:
    """Type a whole line, as a person does who knows what they want, and send it."""
    await page.look(f"{WORDS}.focus()")
    await page.type(line)
    await page.key("Enter")


async def test_a_story_is_asked_for_streams_in_goes_on_and_is_there_after_a_reload(
    stage: Stage, page: Page, slow_checkpoint: Path
) -> None:
    async with stage.bot(story_model=str(slow_checkpoint)):
        await page.until("document.querySelector('.card')")
        await page.look(f"{WORDS}.focus()")
        await page.type("/story horror")
        assert await page.look(OFFERS) == "Horror"
        await page.key("Enter")
        assert (await page.look(OFFERS)).startswith("prompt|title|max_length")
        await page.type("prompt:The lantern burned low")
        await page.key("Tab")
        await page.type("max_length:40")
        await page.key("Enter")
        await page.until("document.querySelector('.thinking, .embed')")
        await page.until("document.querySelector('.embed')?.innerText.includes('▌')", 60)
        assert "Stop" in await page.shown()
        await page.until(button("Continue"), 60)
        shown = await page.shown()
        assert "Ada\xa0used\xa0/story" in shown.replace(" ", "\xa0").replace("\n", "\xa0")
        assert "The lantern burned low" in shown
        assert "▌" not in shown

        await page.click(button("Continue"))
        await page.until(f"{STORIES} === 2 && {LAST}.innerText.includes('Continue')", 60)
        before = await page.look(TEXTS)
        await page.open(page.address)
        await page.until(f"{STORIES} === 2")
        assert await page.look(TEXTS) == before


async def test_suggestions_come_live_and_a_private_answer_can_be_dismissed(stage: Stage, page: Page) -> None:
    async with stage.bot():
        await page.until("document.querySelector('.card')")
        await run(page, "/story genre:horror prompt:The cellar door max_length:30")
        await page.until(button("Continue"), 60)
        await page.until("document.querySelector('.ephemeral')?.innerText.includes('your first story')")
        await page.click(button("Dismiss message"))
        await page.until("!document.querySelector('.ephemeral')")
        await page.look(f"{WORDS}.focus()")
        await page.type("/stories read ")
        await page.until(f"{OFFERS}.includes('cellar')")
        await page.key("ArrowDown")
        await page.key("Enter")
        await page.key("Enter")
        await page.until("document.querySelector('.ephemeral .only')")
        assert "Only you can see this" in await page.shown()
        await page.click(button("Dismiss message"))
        await page.until("!document.querySelector('.ephemeral')")


async def test_on_a_phone_nothing_is_wider_than_the_screen(stage: Stage, page: Page) -> None:
    async with stage.bot():
        await page.size(*PHONE)
        await page.until("document.querySelector('.card')")
        assert not await page.look(WIDER)
        await page.click("document.querySelector('.card')")
        await page.until("document.querySelector('.pill')")
        await page.key("Enter")
        await page.key("Enter")
        await page.until(button("Continue"), 60)
        assert not await page.look(WIDER)
        await page.click("document.querySelector('#menu')")
        await page.click("document.querySelector('.place.direct')")
        await page.until("document.querySelector('#place').innerText === '@Storyteller'")


async def test_what_a_bot_sends_is_text_whatever_it_says(stage: Stage, page: Page) -> None:
    message = _post(
        stage, "<img src=x onerror=alert(1)> **bold** [link](javascript:alert(1)) [good](https://example.org)"
    )
    message.embeds = [{"title": "<b>title</b>", "description": "> *quoted*\n- one\n- two\n`code` ||secret||"}]
    stage.playground.say(stage.ada, "<script>alert(1)</script>")
    await page.until(f"{STORIES} === 1")
    assert "<script>alert(1)</script>" in await page.shown()
    assert "<img src=x onerror=alert(1)> bold [link](javascript:alert(1)) good" in await page.shown()
    inside = "[...document.querySelectorAll('#messages .text *')].map(one => one.localName).join(' ')"
    assert await page.look(inside) == "p strong a blockquote p em ul li li p code button p"
    assert await page.look("document.querySelector('#messages a').href") == "https://example.org/"


async def test_every_control_has_a_name(stage: Stage, page: Page) -> None:
    async with stage.bot():
        await page.until("document.querySelector('.card')")
        await run(page, "/story genre:horror max_length:30")
        await page.until(button("Continue"), 60)
        tree = await page.do("Accessibility.getFullAXTree")
        controls = [
            node for node in tree["nodes"]
            if node.get("role", {}).get("value") in ("button", "combobox", "textbox", "link", "listbox", "log")
        ]  # fmt: skip
        assert len(controls) > 5
        assert [node for node in controls if not node.get("name", {}).get("value")] == []


async def test_a_form_is_filled_by_keyboard_and_a_silent_button_says_so(page: Page, stage: Stage) -> None:
    async with running(stage.playground):
        await page.until("document.querySelector('.card')")
        await run(page, "/controls ")
        await page.until(button("Form"))
        await page.click(button("Form"))
        await page.until("document.querySelector('dialog[open]')")
        await page.type("A")
        await page.look("document.querySelector('dialog select').value = 'Sad'")
        await page.key("Enter")
        assert await page.look("document.querySelector('dialog input').validity.tooShort")
        await page.type("da")
        await page.key("Enter")
        await page.until("document.querySelector('#messages').innerText.includes('Ada is Sad')")
        await page.until("!document.querySelector('dialog')")
        silent = _post(stage, "nobody hears this")
        silent.components = [
            {"type": 1, "components": [{"type": 2, "style": 1, "label": "Hello?", "custom_id": "silent"}]}
        ]
        stage.playground.say(stage.ada, "go")
        await page.until(button("Hello?"))
        await page.click(button("Hello?"))
        await page.until("document.querySelector('.failed')?.innerText === 'The application did not respond'")


async def test_the_menu_of_a_message_opens_by_right_click_and_by_its_button_and_closes_beside_it(
    page: Page, stage: Stage
) -> None:
    async with running(stage.playground):
        await page.until("document.querySelector('.card')")
        stage.playground.say(stage.bob, "once upon a time")
        await page.until("document.querySelector('#messages').innerText.includes('once upon')")
        await page.click(f"{LAST}.querySelector('.text')", right=True)
        await page.until("document.querySelector('.menu[open]')?.innerText.includes('Greet')")
        await page.key("Escape")
        await page.until("!document.querySelector('.menu[open]')")
        await page.click(f"{LAST}.querySelector('.menu summary')")
        await page.until("document.querySelector('.menu[open]')")
        await page.click(WORDS)
        await page.until("!document.querySelector('.menu[open]')")
        await page.click(f"{LAST}.querySelector('.text')", right=True)
        await page.click(button("Quote"))
        await page.until(f"{LAST}.innerText.includes('once upon') && {LAST}.innerText.includes('APP')")
        await page.click("document.querySelector('.message .text')", right=True)
        await page.click(button("Greet"))
        await page.until(f"{LAST}.innerText.includes('Hello Bob, Member')")


async def test_a_form_with_every_kind_of_field_is_filled_on_the_page(page: Page, stage: Stage) -> None:
    async with running(stage.playground):
        await page.until("document.querySelector('.card')")
        await run(page, "/everything ")
        await page.until("document.querySelector('dialog[open]')")
        assert await page.look("document.querySelector('dialog textarea').value") == "once"
        assert await page.look("document.querySelector('dialog [type=radio]:checked').value") == "fast"
        await page.click("document.querySelector('dialog [type=radio]')")
        await page.click("document.querySelector('dialog .several summary')")
        await page.click(
            "[...document.querySelectorAll('dialog .several label')].find(one => one.innerText === 'Dill')"
        )
        await page.click("document.querySelector('dialog .several .primary')")
        await page.click("[...document.querySelectorAll('dialog [type=checkbox]')].find(one => one.id)")
        await page.click("document.querySelector('dialog [type=submit]')")
        await page.until(f"{LAST}?.innerText.includes(\"once | slow | ['Dill'] | False | []\")")


async def test_a_picture_of_an_embed_stands_inside_it_and_nowhere_else(page: Page, stage: Stage) -> None:
    async with running(stage.playground):
        await page.until("document.querySelector('.card')")
        await run(page, "/picture ")
        await page.until("document.querySelector('.embed .picture')")
        assert await page.look("document.querySelector('.embed .picture').decode().then(() => 1)") == 1
        assert await page.look("document.querySelectorAll('.files > *').length") == 0


def _post(stage: Stage, content: str) -> Message:
    message = stage.playground.world.add_message(stage.playground.channel, stage.playground.world.bot)
    message.content = content
    return message


async def test_a_story_goes_to_a_forum_and_its_post_stands_below_that_with_its_tag(stage: Stage, page: Page) -> None:
    forum = stage.playground.add_forum("library")
    stage.playground.allow_bot(forum, MEMBER_PERMISSIONS | MANAGE_CHANNELS)
    stage.ada.permissions |= MANAGE_GUILD
    async with stage.bot():
        await page.until("document.querySelector('.card')")
        await run(page, "/storyadmin archive channel:lib")
        assert await page.look(OFFERS) == "off"  # the channel is chosen, and this is left
        await page.key("Enter")
        await page.until("document.querySelector('#messages').innerText.includes('from now on')")
        await run(page, "/story genre:horror title:Wings max_length:40")
        await page.until(button("More"), 60)
        await page.click(button("More"))
        await page.until(button("To the archive"))
        await page.click(button("To the archive"))
        post = "document.querySelector('.place.thread')"
        await page.until(f"{post}?.innerText.includes('Wings') && {post}.innerText.includes('Horror')")
        await page.click(post)
        await page.until("document.querySelector('#messages').innerText.includes('A story by @Ada.')")
        assert not await page.look(WIDER)
