"""The archive of a server: stories go there when their owner sends them, stay right there, and go again."""

from __future__ import annotations

from bot.playground.interactions import Interaction
from bot.playground.world import (
    EMBED_LINKS,
    MANAGE_CHANNELS,
    MANAGE_GUILD,
    MANAGE_THREADS,
    MEMBER_PERMISSIONS,
    VIEW_CHANNEL,
    Channel,
    Message,
    User,
)
from bot.storytelling.telling import Teller
from tests.e2e.acting import PROMPT, changed, changed_in, filled_in, posted, press_forged, rows, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import answered, labels, shown_text
from tests.fakes.scripted_engine import ScriptedEngine

MAY_ALL = MEMBER_PERMISSIONS | MANAGE_CHANNELS | MANAGE_THREADS


def keeper_of(stage: Stage) -> User:
    """Give somebody who runs the server."""
    return stage.playground.add_user("Keeper", permissions=MEMBER_PERMISSIONS | MANAGE_GUILD)


async def archive_in(stage: Stage, channel: Channel) -> str:
    """Let somebody who runs the server choose the archive."""
    return await answered(await stage.playground.slash(keeper_of(stage), "storyadmin archive", {"channel": channel}))


async def sent(stage: Stage, message: Message) -> Interaction:
    """Let Ada send her story to the archive."""
    await changed(stage, stage.ada, message, "More")
    pressed = await stage.playground.press(stage.ada, message, "To the archive")
    await pressed.until(lambda shown: shown.followups and "More" in labels(message))
    return pressed


def posts_of(stage: Stage, forum: Channel) -> list[Channel]:
    return [channel for channel in stage.playground.world.channels.values() if channel.parent is forum]


def tags_of(post: Channel) -> list[str]:
    names = {tag["id"]: tag["name"] for tag in (post.parent or post).tags}
    return [names[tag] for tag in post.applied]


async def test_a_story_goes_to_a_text_channel_when_its_owner_sends_it_and_never_by_itself(stage: Stage) -> None:
    place = stage.playground.add_channel("archive")
    async with stage.bot(ScriptedEngine([" a bat.", " It flew."])):
        assert f"Stories go to <#{place.id}> from now on" in await archive_in(stage, place)
        message = await told(stage, title="Wings")
        assert stage.playground.messages(place) == []
        pressed = await sent(stage, message)
        (post,) = stage.playground.messages(place)
        assert post.content == f"A story by <@{stage.ada.id}>."
        assert post.mentions == []
        assert shown_text(post) == f"{PROMPT} a bat."
        assert labels(post) == ["♥ 0", "Branch"]
        link = f"https://discord.com/channels/{stage.playground.guild.id}/{place.id}/{post.id}"
        assert link in pressed.followups[0].content
        assert pressed.followups[0].ephemeral
        await changed(stage, stage.bob, post, "♥ 0")
        assert labels(post) == ["♥ 1", "Branch"]
    assert rows(stage, "SELECT what FROM server_changes") == [("archive",)]


async def test_in_a_forum_a_story_is_a_post_with_its_genre_as_a_tag_that_is_made(stage: Stage) -> None:
    forum = stage.playground.add_forum("library", "Drama")
    stage.playground.allow_bot(forum, MAY_ALL)
    async with stage.bot(ScriptedEngine([" a bat.", " It flew."])):
        assert "tag only where" not in await archive_in(stage, forum)
        await sent(stage, await told(stage, title="Wings"))
        await sent(stage, await told(stage, title="Curtain", genre="drama"))
    first, second = posts_of(stage, forum)
    assert (first.name, tags_of(first)) == ("Wings", ["Horror"])
    assert (second.name, tags_of(second)) == ("Curtain", ["Drama"])
    assert [tag["name"] for tag in forum.tags] == ["Drama", "Horror"]
    (message,) = stage.playground.messages(first)
    assert message.id == first.id
    assert message.embeds[0]["title"] == "Wings"


async def test_without_the_permission_to_manage_the_forum_a_story_goes_there_without_a_tag(stage: Stage) -> None:
    forum = stage.playground.add_forum("library", "Drama")
    async with stage.bot(ScriptedEngine([" a bat."])):
        assert "a story gets a tag only where there is one" in await archive_in(stage, forum)
        await sent(stage, await told(stage))
    assert [tags_of(post) for post in posts_of(stage, forum)] == [[]]


async def test_of_a_forum_that_wants_a_tag_and_has_none_for_the_genre_the_person_is_told(stage: Stage) -> None:
    forum = stage.playground.add_forum("library", "Drama", needs_tag=True)
    async with stage.bot(ScriptedEngine([" a bat."])):
        await archive_in(stage, forum)
        message = await told(stage)
        await changed(stage, stage.ada, message, "More")
        pressed = await stage.playground.press(stage.ada, message, "To the archive")
        assert "takes no post without a tag, and has none called Horror" in await answered(pressed)
    assert posts_of(stage, forum) == []


async def test_a_full_forum_gets_no_further_tag(stage: Stage) -> None:
    forum = stage.playground.add_forum("library", *(f"Tag {number}" for number in range(20)))
    stage.playground.allow_bot(forum, MAY_ALL)
    async with stage.bot(ScriptedEngine([" a bat."])):
        await archive_in(stage, forum)
        await sent(stage, await told(stage))
    assert len(forum.tags) == 20
    assert [tags_of(post) for post in posts_of(stage, forum)] == [[]]


async def test_missing_permissions_are_named_before_anything_is_posted_or_made_public(stage: Stage) -> None:
    place = stage.playground.add_channel("archive")
    stage.playground.allow_bot(place, VIEW_CHANNEL)
    async with stage.bot(ScriptedEngine([" a bat."])):
        refused = await archive_in(stage, place)
        assert f"In <#{place.id}> I lack the permissions **Send Messages**, **Embed Links**." in refused
        assert rows(stage, "SELECT count(*) FROM archives") == [(0,)]
        stage.playground.allow_bot(place, MEMBER_PERMISSIONS)
        await archive_in(stage, place)
        message = await told(stage, private=True)
        stage.playground.allow_bot(place, MEMBER_PERMISSIONS & ~EMBED_LINKS)
        await changed(stage, stage.ada, message, "More")
        pressed = await stage.playground.press(stage.ada, message, "To the archive")
        assert "I lack the permission **Embed Links**." in await answered(pressed)
    assert stage.playground.messages(place) == []
    assert rows(stage, "SELECT private FROM stories") == [(1,)]


async def test_where_there_is_no_archive_there_is_no_button_and_a_forged_one_gets_a_sentence(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([" a bat."])):
        message = await told(stage)
        await changed(stage, stage.ada, message, "More")
        assert "To the archive" not in labels(message)
        pressed = await press_forged(stage.playground, stage.ada, message, "story:archive:2")
        assert "This server has no archive" in await answered(pressed)


async def test_a_stranger_can_t_send_somebody_else_s_story(stage: Stage) -> None:
    place = stage.playground.add_channel("archive")
    async with stage.bot(ScriptedEngine([" a bat."])):
        await archive_in(stage, place)
        message = await told(stage)
        pressed = await press_forged(stage.playground, stage.bob, message, "story:archive:2")
        assert "somebody else's story" in await answered(pressed)
    assert stage.playground.messages(place) == []


async def test_what_its_owner_renames_and_edits_is_right_in_the_archive(stage: Stage) -> None:
    forum = stage.playground.add_forum("library")
    async with stage.bot(ScriptedEngine([" a bat."])):
        await archive_in(stage, forum)
        message = await told(stage)
        await sent(stage, message)
        (post,) = posts_of(stage, forum)
        (card,) = stage.playground.messages(post)
        stage.playground.archive_thread(post)
        await filled_in(stage, stage.ada, message, "More", "Rename", fields={"text": "Leather @everyone"})
        await stage.playground.until(lambda: post.name == "Leather @everyone")
        await filled_in(stage, stage.ada, message, "More", "Edit", fields={"text": "a cat."})
        await stage.playground.until(lambda: shown_text(card) == f"{PROMPT} a cat.")
        assert not card.mention_everyone


async def test_what_was_changed_while_the_bot_was_away_is_made_right_at_its_next_start(stage: Stage) -> None:
    place = stage.playground.add_channel("archive")
    async with stage.bot(ScriptedEngine([" a bat."])):
        await archive_in(stage, place)
        message = await told(stage, title="Wings")
        await sent(stage, message)
        (card,) = stage.playground.messages(place)
        stage.playground.trouble(count=1, status=400, part=f"PATCH /api/v10/channels/{place.id}")
        await filled_in(stage, stage.ada, message, "More", "Rename", fields={"text": "Leather"})
        await stage.playground.until(lambda: any(one.status == 400 for one in stage.playground.requests))
    assert card.embeds[0]["title"] == "Wings"
    async with stage.bot(ScriptedEngine([])):
        await stage.playground.until(lambda: card.embeds[0]["title"] == "Leather")


async def test_sent_again_the_same_post_shows_what_was_written_since(stage: Stage) -> None:
    place = stage.playground.add_channel("archive")
    async with stage.bot(ScriptedEngine([" a bat.", " It flew."])):
        await archive_in(stage, place)
        message = await told(stage)
        await sent(stage, message)
        further = await posted(await stage.playground.press(stage.ada, message, "Continue"))
        (card,) = stage.playground.messages(place)
        assert shown_text(card) == f"{PROMPT} a bat."
        await sent(stage, further)
        assert shown_text(card) == f"{PROMPT} a bat. It flew."
        assert stage.playground.messages(place) == [card]


async def test_a_post_that_somebody_deleted_on_discord_is_made_anew(stage: Stage) -> None:
    place = stage.playground.add_channel("archive")
    async with stage.bot(ScriptedEngine([" a bat."])):
        await archive_in(stage, place)
        message = await told(stage)
        await sent(stage, message)
        stage.playground.delete_message(stage.playground.messages(place)[0])
        await sent(stage, message)
        (card,) = stage.playground.messages(place)
        assert shown_text(card) == f"{PROMPT} a bat."


async def test_with_another_archive_a_story_moves_when_it_is_sent_again(stage: Stage) -> None:
    place, other = stage.playground.add_channel("archive"), stage.playground.add_channel("shelf")
    async with stage.bot(ScriptedEngine([" a bat."])):
        await archive_in(stage, place)
        message = await told(stage)
        await sent(stage, message)
        await archive_in(stage, other)
        assert len(stage.playground.messages(place)) == 1
        await sent(stage, message)
        await stage.playground.until(lambda: not stage.playground.messages(place))
        assert len(stage.playground.messages(other)) == 1


async def test_a_deleted_story_goes_from_the_archive(stage: Stage) -> None:
    forum, place = stage.playground.add_forum("library"), stage.playground.add_channel("archive")
    stage.playground.allow_bot(forum, MAY_ALL)
    async with stage.bot(ScriptedEngine([" a bat.", " It flew."])):
        for channel in (forum, place):
            await archive_in(stage, channel)
            message = await told(stage)
            await sent(stage, message)
            await changed(stage, stage.ada, message, "More")
            await changed(stage, stage.ada, message, "Delete")
            await changed(stage, stage.ada, message, "Delete for good")
        await stage.playground.until(lambda: not stage.playground.messages(place) and not posts_of(stage, forum))
    assert rows(stage, "SELECT * FROM gone_messages") == []


async def test_where_the_bot_may_not_delete_a_post_its_words_and_its_name_go(stage: Stage) -> None:
    forum = stage.playground.add_forum("library")
    async with stage.bot(ScriptedEngine([" a bat."])):
        await archive_in(stage, forum)
        await sent(stage, await told(stage, title="Wings"))
        (post,) = posts_of(stage, forum)
        stage.playground.archive_thread(post)
        question = await stage.playground.slash(stage.ada, "privacy delete")
        await question.until(lambda shown: shown.message and labels(shown.message))
        assert question.message is not None
        await stage.playground.press(stage.ada, question.message, "Delete everything")
        await stage.playground.until(lambda: post.name == "A story that is gone")
        assert stage.playground.messages(post) == []
    assert rows(stage, "SELECT * FROM gone_messages") == []


async def test_the_archive_can_be_asked_for_and_stopped(stage: Stage) -> None:
    place, keeper = stage.playground.add_channel("archive"), keeper_of(stage)
    async with stage.bot(ScriptedEngine([])):
        assert "has no archive" in await answered(await stage.playground.slash(keeper, "storyadmin archive"))
        await archive_in(stage, place)
        assert f"<#{place.id}>" in await answered(await stage.playground.slash(keeper, "storyadmin archive"))
        off = await stage.playground.slash(keeper, "storyadmin archive", {"off": True})
        assert "no archive from now on" in await answered(off)
    assert rows(stage, "SELECT * FROM archives") == []


async def test_a_story_told_together_goes_there_at_its_end_where_there_is_an_archive(stage: Stage) -> None:
    place = stage.playground.add_channel("archive")
    async with stage.bot(ScriptedEngine([" a bat."])) as bot:
        await told(stage)
        teller = Teller(
            user_id=stage.ada.id, guild_id=stage.playground.guild.id, channel_id=stage.playground.channel.id
        )
        assert await bot.archivist.send_at_end(teller, 2) is None
        await archive_in(stage, place)
        changed_in(stage, f"UPDATE passages SET user_id = {stage.bob.id:d} WHERE id = 1")  # noqa: S608 - a number
        assert await bot.archivist.send_at_end(teller, 2) is not None
        (card,) = stage.playground.messages(place)
        assert card.content == f"A story by <@{stage.bob.id}>."
        stage.playground.allow_bot(place, VIEW_CHANNEL)
        stage.playground.delete_message(card)
        assert await bot.archivist.send_at_end(teller, 2) is None


async def test_the_story_of_several_people_names_them_all_and_nobody_who_is_forgotten(stage: Stage) -> None:
    place = stage.playground.add_channel("archive")
    async with stage.bot(ScriptedEngine([" a bat.", " It flew."])):
        await archive_in(stage, place)
        message = await told(stage)
        asked = await stage.playground.press(stage.ada, message, "Write")
        await asked.until(lambda shown: shown.modal)
        written = await posted(await stage.playground.submit(stage.ada, asked, {"text": "And", "then": "go_on"}))
        changed_in(stage, f"UPDATE passages SET user_id = {stage.bob.id:d} WHERE text = 'And'")  # noqa: S608 - a number
        await sent(stage, written)
        (card,) = stage.playground.messages(place)
        assert card.content == f"A story by <@{stage.ada.id}> and <@{stage.bob.id}>."
        question = await stage.playground.slash(stage.bob, "privacy delete")
        await question.until(lambda shown: shown.message and labels(shown.message))
        assert question.message is not None
        await stage.playground.press(stage.bob, question.message, "Delete everything")
        await stage.playground.until(lambda: card.content == f"A story by <@{stage.ada.id}>.")
        assert shown_text(card) == f"{PROMPT} a bat. It flew."


async def test_pressed_twice_at_once_a_story_has_one_post(stage: Stage) -> None:
    place = stage.playground.add_channel("archive")
    async with stage.bot(ScriptedEngine([" a bat."])):
        await archive_in(stage, place)
        message = await told(stage)
        presses = [await press_forged(stage.playground, stage.ada, message, "story:archive:2") for _ in range(3)]
        await stage.playground.until(lambda: all(pressed.followups for pressed in presses))
    assert len(stage.playground.messages(place)) == 1


async def test_two_stories_sent_at_once_both_get_the_tag_that_is_made_for_them(stage: Stage) -> None:
    forum = stage.playground.add_forum("library")
    stage.playground.allow_bot(forum, MAY_ALL)
    async with stage.bot(ScriptedEngine([" a bat.", " a door."])):
        await archive_in(stage, forum)
        first, second = await told(stage), await told(stage, genre="drama")
        presses = [
            await press_forged(stage.playground, stage.ada, message, f"story:archive:{passage_id}")
            for message, passage_id in ((first, 2), (second, 4))
        ]
        await stage.playground.until(lambda: all(pressed.followups for pressed in presses))
    assert sorted(tags_of(post) for post in posts_of(stage, forum)) == [["Drama"], ["Horror"]]
    assert sorted(tag["name"] for tag in forum.tags) == ["Drama", "Horror"]
