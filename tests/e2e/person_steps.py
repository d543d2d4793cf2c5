"""Everything that one person can do with the bot, row by row, as steps that build on each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.exports import FORMATS
from bot.look.cards import genre_colour
from bot.playground import Message
from bot.playground.client.pressing import selects_of
from tests.e2e.conftest import Stage
from tests.e2e.person import Person, check_shown_is_stored, passage_id, rows, words_of
from tests.e2e.reading import footer, labels, shown_text

OPENING = "The lantern burned low."


@dataclass
class Walk:
    """Who walks, who watches (nobody in a direct conversation), and the story's newest message."""

    stage: Stage
    ada: Person
    bob: Person | None
    messages: list[Message] = field(default_factory=list)

    @property
    def message(self) -> Message:
        return self.messages[-1]

    def goes_on(self, message: Message) -> Message:
        """Take a message as the one at which the story now ends."""
        check_shown_is_stored(self.stage, message)
        self.messages.append(message)
        return message

    def head_text(self) -> str:
        return str(rows(self.stage, "SELECT text FROM passages WHERE id = ?", passage_id(self.message))[0][0])


Step = Callable[[Walk], Awaitable[None]]


async def begin(walk: Walk) -> None:
    message = walk.goes_on(
        await walk.ada.use(
            "story", genre="horror", prompt=OPENING, title="The *lantern*", max_length=120, do_sample=True,
            temperature=1.1, top_k=40, top_p=0.9, repetition_penalty=1.2, preset="Wild", seed=812, private=False,
        )
    )  # fmt: skip
    (embed,) = message.embeds
    assert embed["color"] == genre_colour("horror")
    assert embed["title"] == r"The \*lantern\*"
    assert embed["description"].startswith(f"**{OPENING}**")
    assert footer(message).startswith("AI-generated · Horror · seed 812 · ")
    assert labels(message)[:5] == ["Continue", "Retry", "Undo", "Write", "More"]


async def begin_without_words(walk: Walk) -> None:
    surprise = await walk.ada.use("story", genre="drama", do_sample=False, top_k=3)
    assert "this opening is one of mine" in surprise.content
    assert "`top_k` has no effect" in surprise.content
    check_shown_is_stored(walk.stage, surprise)


async def begin_in_private(walk: Walk) -> None:
    secret = await walk.ada.use("story", genre="thriller", prompt="A secret door.", private=True)
    assert secret.ephemeral
    assert walk.bob is None or not walk.bob.sees(secret)
    assert not any("♥" in label for label in labels(secret))
    further = await walk.ada.press(secret, "Continue")
    assert further.ephemeral


async def go_on(walk: Walk) -> None:
    before = walk.message
    after = walk.goes_on(await walk.ada.press(before, "Continue"))
    assert after is not before


async def retry(walk: Walk) -> None:
    first = walk.head_text()
    assert walk.goes_on(await walk.ada.press(walk.message, "Retry")) is walk.messages[-2]
    assert walk.head_text() != first
    assert "2/2" in labels(walk.message)


async def turn_versions(walk: Walk) -> None:
    newest = shown_text(walk.message)
    walk.goes_on(await walk.ada.press(walk.message, "◀"))
    assert "1/2" in labels(walk.message)
    assert shown_text(walk.message) != newest
    walk.goes_on(await walk.ada.press(walk.message, "▶"))
    assert shown_text(walk.message) == newest


async def undo_and_redo(walk: Walk) -> None:
    newest = shown_text(walk.message)
    walk.goes_on(await walk.ada.press(walk.message, "Undo"))
    assert shown_text(walk.message) != newest
    await walk.ada.press(walk.message, "More")
    walk.goes_on(await walk.ada.press(walk.message, "Redo"))
    assert shown_text(walk.message) == newest


async def write_and_leave_it(walk: Walk) -> None:
    fields = {"Your words": "Then I opened the door.", "And then": "Leave it at your words"}
    walk.goes_on(await walk.ada.fill(walk.message, "Write", fields))
    assert "**Then I opened the door.**" in walk.message.embeds[-1]["description"]
    assert "Retry" not in labels(walk.message)
    assert "AI-generated" not in footer(walk.message)


async def write_and_let_the_bot_go_on(walk: Walk) -> None:
    walk.goes_on(await walk.ada.fill(walk.message, "Write", {"Your words": "Nobody was there."}))
    assert shown_text(walk.message).startswith("Nobody was there.")
    assert "AI-generated" in footer(walk.message)


async def unfold(walk: Walk) -> None:
    """Show all buttons, unless they are shown already."""
    if "More" in labels(walk.message):
        await walk.ada.press(walk.message, "More")


async def unfold_and_fold_more(walk: Walk) -> None:
    text = words_of(walk.message)
    await walk.ada.press(walk.message, "More")
    for label in ("Less", "Redo", "Edit", "Rename", "Genre", "Memory", "Copy settings", "Export", "Share", "Delete"):
        assert label in labels(walk.message)
    assert "Report" in labels(walk.message)
    assert len(walk.message.components) <= 5
    await walk.ada.press(walk.message, "Less")
    assert "Edit" not in labels(walk.message)
    assert words_of(walk.message) == text


async def edit(walk: Walk) -> None:
    await unfold(walk)
    walk.goes_on(await walk.ada.fill(walk.message, "Edit", {"Text": "Only the raven was there."}))
    assert "edited" in footer(walk.message)
    assert "2/2" in labels(walk.message) or "1/2" in labels(walk.message)


async def rename(walk: Walk) -> None:
    await unfold(walk)
    await walk.ada.fill(walk.message, "Rename", {"Title": "The raven"})
    assert walk.message.embeds[0]["title"] == "The raven"


async def change_genre(walk: Walk) -> None:
    await unfold(walk)
    await walk.ada.fill(walk.message, "Genre", {"Genre": ["Drama"]})
    assert walk.message.embeds[0]["color"] == genre_colour("drama")
    assert "Drama" in footer(walk.message)


async def remember_facts(walk: Walk) -> None:
    await unfold(walk)
    said = await walk.ada.fill(walk.message, "Memory", {"Facts of this story": "The raven is called Nox."})
    assert "keep this in mind" in said.content
    assert rows(walk.stage, "SELECT memory FROM stories WHERE title = 'The raven'") == [("The raven is called Nox.",)]


async def copy_settings(walk: Walk) -> None:
    await unfold(walk)
    said = await walk.ada.press(walk.message, "Copy settings")
    assert said.ephemeral
    assert "/story genre:drama" in said.content
    assert "temperature:1.1" in said.content, said.content


async def export_by_buttons(walk: Walk) -> None:
    await unfold(walk)
    question = await walk.ada.press(walk.message, "Export")
    for kind in FORMATS:
        answer = await walk.ada.press(question, kind.label)
        assert answer.attachments[0].filename == f"the-raven.{kind.extension}"
        assert answer.ephemeral


async def share(walk: Walk) -> None:
    await unfold(walk)
    await walk.ada.press(walk.message, "Share")
    (shared,) = (m for m in walk.ada.playground.messages(walk.ada.channel) if "shares a story" in m.content)
    assert shown_text(shared).startswith(OPENING)
    assert "Branch" in labels(shared)
    if walk.bob is None:
        return
    heart = next(label for label in labels(shared) if "♥" in label)
    await walk.bob.press(shared, heart)
    assert "♥ 1" in labels(shared)
    await walk.bob.press(shared, "♥ 1")
    assert "♥ 0" in labels(shared)
    await walk.bob.press(shared, "♥ 0")
    assert "your own story" in words_of(await walk.ada.press(shared, "♥ 1"))


async def report(walk: Walk) -> None:
    await unfold(walk)
    said = await walk.ada.fill(walk.message, "Report", {"What is wrong with it": "It scares me."})
    assert "will read it" in said.content
    assert rows(walk.stage, "SELECT reason FROM reports") == [("It scares me.",)]


async def branch(walk: Walk) -> None:
    count = len(rows(walk.stage, "SELECT id FROM stories"))
    copy = await walk.ada.press(walk.message, "Branch")
    check_shown_is_stored(walk.stage, copy)
    assert shown_text(copy) == shown_text(walk.message)
    assert len(rows(walk.stage, "SELECT id FROM stories")) == count + 1
    if walk.bob is not None:
        theirs = await walk.bob.press(walk.message, "Branch")
        check_shown_is_stored(walk.stage, theirs)
        check_shown_is_stored(walk.stage, await walk.bob.press(theirs, "Continue"))


async def ask_to_delete_and_keep(walk: Walk) -> None:
    await unfold(walk)
    await walk.ada.press(walk.message, "Delete")
    assert labels(walk.message) == ["Delete for good", "Keep it"]
    walk.goes_on(await walk.ada.press(walk.message, "Keep it"))


async def use_the_library(walk: Walk) -> None:
    assert "The raven" in words_of(await walk.ada.use("stories list"))
    (story, *_) = await walk.ada.suggestions("stories read", "story", "raven")
    assert shown_text(await walk.ada.use("stories read", story=story)).startswith(OPENING)
    assert (await walk.ada.use("stories export", story=story, format="epub")).attachments[0].data[:2] == b"PK"
    assert "is called" in words_of(await walk.ada.use("stories rename", story=story, title="Nox"))
    assert (await walk.ada.use("stories random")).embeds
    top = words_of(await walk.ada.use("stories top", time="month"))
    assert "Most loved" in top or "No story" in top or "no server here" in top
    check_shown_is_stored(walk.stage, await walk.ada.use("stories open", story="Nox"))


async def continue_by_command(walk: Walk) -> None:
    assert len(await walk.ada.suggestions("continue", "story")) > 3
    walk.goes_on(await walk.ada.use("continue", story="Nox", text="In the morning it snowed."))
    assert shown_text(walk.message).startswith("In the morning it snowed.")
    walk.goes_on(await walk.ada.use("continue", story="Nox"))


async def use_the_menus(walk: Walk) -> None:
    said = walk.ada.playground.say(walk.ada.user, "A whale spoke to me today.", channel=walk.ada.channel)
    begun = await walk.ada.use_menu("Continue as story", said, {"Genre": ["Sci-Fi"]})
    assert shown_text(begun).startswith("A whale spoke to me today.")
    check_shown_is_stored(walk.stage, begun)
    thanks = await walk.ada.use_menu("Report story", begun, {"What is wrong with it": "Too wet."})
    assert "will read it" in thanks.content
    assert "no story of mine" in words_of(await walk.ada.use_menu("Report story", said))


async def keep_settings(walk: Walk) -> None:
    assert "`temperature` 0.9 · built-in" in words_of(await walk.ada.use("settings show"))
    assert "`temperature` 0.5 · yours" in words_of(await walk.ada.use("settings set", temperature=0.5, max_length=90))
    await walk.ada.use("settings preset save", name="Calm", temperature=0.4)
    assert "`temperature` 0.4 · preset Calm" in words_of(await walk.ada.use("settings preset use", name="Calm"))
    assert await walk.ada.suggestions("story", "preset", "calm") == ["Calm"]
    check_shown_is_stored(walk.stage, await walk.ada.use("story", genre="action", prompt="Go.", preset="Calm"))
    await walk.ada.use("settings preset delete", name="Calm")
    assert "`max_length` 320 · built-in" in words_of(await walk.ada.use("settings reset"))


async def explore(walk: Walk) -> None:
    shown = await walk.ada.use("explore", genre="horror", prompt=OPENING, temperature=1.1, top_k=40, top_p=0.9)
    (picture,) = shown.attachments
    assert picture.content_type == "image/png"
    assert picture.description
    assert shown.embeds[0]["image"]["url"].endswith(picture.filename)
    assert f"{OPENING}" in words_of(shown)
    before = picture.data
    for menu, value in (("temperature", "0.3"), ("top_k", "0"), ("top_p", "1"), ("repetition_penalty", "1.5")):
        assert await walk.ada.choose(shown, menu, value) is shown
    assert len(shown.attachments) == 1
    assert shown.attachments[0].data != before
    if walk.bob is not None:
        theirs = await walk.bob.choose(shown, "top_k", "5")
        assert theirs is not shown
        assert theirs.ephemeral


async def get_help(walk: Walk) -> None:
    topics = await walk.ada.use("help")
    assert "/story" in words_of(topics)
    (menu,) = selects_of(topics)
    for option in menu["options"]:
        await walk.ada.choose(topics, menu["custom_id"], option["value"])
        assert words_of(topics)
    for name in ("about", "queue", "ping"):
        assert words_of(await walk.ada.use(name))


async def look_after_privacy(walk: Walk) -> None:
    assert "never" in words_of(await walk.ada.use("privacy summary"))
    files = (await walk.ada.use("privacy export")).attachments
    assert OPENING.encode() in b"".join(file.data for file in files)
    await walk.ada.use("privacy history", keep="off")
    await walk.ada.use("privacy history", keep="on")
    kept = await walk.ada.use("privacy delete")
    assert "Nothing was deleted" in words_of(await walk.ada.press(kept, "Keep everything"))


async def delete_everything(walk: Walk) -> None:
    question = await walk.ada.use("privacy delete")
    await walk.ada.press(question, next(label for label in labels(question) if "elete" in label))
    assert rows(walk.stage, "SELECT count(*) FROM stories WHERE owner_id = ?", walk.ada.user.id) == [(0,)]
    assert "no stories yet" in (await walk.ada.use("stories list")).content
    for label in ("Continue", "Undo", "Branch"):
        said = words_of(await walk.ada.press(walk.message, label))
        assert "perhaps it was deleted" in said
    if walk.bob is not None:
        assert len(await walk.bob.suggestions("stories read", "story")) == 1


STEPS: Sequence[Step] = (
    begin, begin_without_words, begin_in_private, go_on, retry, turn_versions, undo_and_redo, write_and_leave_it,
    write_and_let_the_bot_go_on, unfold_and_fold_more, edit, rename, change_genre, remember_facts, go_on,
    copy_settings, export_by_buttons, share, report, branch, ask_to_delete_and_keep, use_the_library,
    continue_by_command, use_the_menus, explore, keep_settings, get_help, look_after_privacy, delete_everything,
)  # fmt: skip
