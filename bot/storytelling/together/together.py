"""Telling together, without Discord: what people do in a circle, what the bot does, and what time does.

On the event loop only. What holds stands in the database: every change is one of ``rules``, made in one transaction
with the story; after it the place is shown what there is then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from bot.errors import BotError, ChannelGone, CircleNotFound, CircleRunning, TooManyCircles
from bot.store import Author, Circle, Phase, StoryStore
from bot.storytelling.access import refuse_withdrawn
from bot.storytelling.joining import PARAGRAPH, first_words
from bot.storytelling.openings import an_opening
from bot.storytelling.storyteller import Storyteller
from bot.storytelling.telling import Teller
from bot.storytelling.together import rules
from bot.storytelling.together.access import refuse_elsewhere, refuse_leading
from bot.storytelling.together.alarm import Alarm
from bot.storytelling.together.clock import Clock, WallClock
from bot.storytelling.together.stage import News, Stage, What
from bot.storytelling.together.wish import Wish
from bot.storytelling.together.writing import written
from storygen.errors import UnknownGenre

OPEN_OF_ONE = 3
"""So many stories that one person has begun may go on in one server."""

Rule = Callable[[Circle, int], Circle]

log = logging.getLogger(__name__)


class Together:
    """One for the whole bot. Everything is checked here, whatever was pressed or typed.

    Of a story that is not told together, or in another server, every method raises CircleNotFound; of one that has
    ended, CircleEnded; of a turn that is over, TurnOver.
    """

    def __init__(self, storyteller: Storyteller, store: StoryStore, stage: Stage, clock: Clock | None = None) -> None:
        self._storyteller = storyteller
        self._store = store
        self._stage = stage
        self._clock = clock or WallClock()
        self._alarm = Alarm(store, self._clock, self._keep_deadline, self._show_unshown)
        self._showing: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._writing: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._settling: set[asyncio.Task[Circle]] = set()
        self._closing = False

    async def open(self) -> None:
        """Take up what a restart has left: show what was not shown, write what was being written, keep deadlines."""
        for story_id in await self._store.circles.unfinished():
            try:
                await self._take_up(story_id)
            except Exception:  # one story must not keep the others from going on
                log.exception("story %d, told together, can't be taken up", story_id)
        self._alarm.start()

    async def stop_deadlines(self) -> None:
        """Keep no more deadlines, and count no more of the bot's passages; the next start takes up the rest."""
        self._closing = True
        await self._alarm.stop()

    async def close(self, seconds: float) -> None:
        """Wait a while until what is being written has ended, and be done."""
        await self.stop_deadlines()
        open_tasks: list[asyncio.Task[Any]] = [*self._writing.values(), *self._settling]
        if open_tasks:
            await asyncio.wait(open_tasks, timeout=seconds)
        for task in open_tasks:
            task.cancel()

    def look_again(self) -> None:
        """Look at the deadlines again: somebody was forgotten, whose turn it may have been."""
        self._alarm.set_anew()

    # Beginning, and looking

    async def begin(self, teller: Teller, wish: Wish, words: str, *, in_channel: bool) -> Circle:
        """Write down a story that begins with somebody's words, or with the bot's own where there are none.

        It is shown and goes on only after ``settle_in``. ``in_channel``: it is to be told in the channel itself, where
        another one may be: raises CircleRunning. Raises as well TooManyCircles, UnknownGenre, InvalidOption,
        UnknownChoice, and what ``words_of`` raises.
        """
        await self._storyteller.gate.admit(teller)
        circle = wish.circle(teller, self._clock.now())
        if wish.genre not in (known := tuple(genre.name for genre in self._storyteller.genres)):
            raise UnknownGenre(wish.genre, known)
        words = await self.words_of(teller, words) if words.strip() else an_opening(wish.genre)
        there = await self._store.circles.open_in(teller.channel_id) if in_channel else None
        if there is not None and there.channel_id == teller.channel_id:
            raise CircleRunning
        if await self._store.circles.count_open_of(teller.user_id, circle.guild_id) >= OPEN_OF_ONE:
            raise TooManyCircles(OPEN_OF_ONE)
        return await self._store.circles.begin(circle, genre=wish.genre, title=first_words(words), text=words)

    async def settle_in(self, circle: Circle, channel_id: int) -> Circle:
        """Let a story that was just begun be told in this channel from now on."""
        if channel_id != circle.channel_id:
            await self._store.circles.move_to(circle.story_id, channel_id)
        return await self._change(circle.story_id, rules.opened)

    async def circle_in(self, teller: Teller) -> Circle:
        """Give the circle that goes on where somebody is. Raises CircleNotFound."""
        circle = await self._store.circles.open_in(teller.channel_id)
        if circle is None:
            raise CircleNotFound
        refuse_elsewhere(circle, teller)
        return circle

    async def circle_of(self, teller: Teller, story_id: int) -> Circle:
        """Give the circle of a story in the server where somebody is. Raises CircleNotFound and StoryWithdrawn."""
        circle = await self._store.circles.get(story_id)
        refuse_elsewhere(circle, teller)
        await refuse_withdrawn(self._store, teller, story_id)
        return circle

    async def show_again(self, teller: Teller, story_id: int) -> None:
        """Bring the place up to date: somebody may have deleted the buttons."""
        await self._settle(await self.circle_of(teller, story_id))

    async def is_old(self, teller: Teller, story_id: int, message_id: int) -> bool:
        """Say whether a message with controls of a story is not the one that the story has now."""
        try:
            circle = await self.circle_of(teller, story_id)
        except CircleNotFound:
            return False  # a forged button, perhaps on a message of something else
        return circle.shown_turn == circle.turn and circle.message_id != message_id

    async def words_of(self, teller: Teller, text: str) -> str:
        """Give a person's words as they enter a story told together: every one of their texts comes through here.

        Raises EmptyText, PromptTooLong, WordsRefused, and what the server's gate raises (``Gate.admit``).
        """
        return await self._storyteller.admitted_words(teller, text)

    # What people do

    async def join(self, teller: Teller, story_id: int) -> Circle:
        """Let somebody take part. Raises CircleFull, and what the server's gate raises (``Gate.admit``)."""
        await self._storyteller.gate.admit(teller)
        return await self._done(teller, story_id, lambda circle, now: rules.joined(circle, teller.user_id, now))

    async def leave(self, teller: Teller, story_id: int) -> Circle:
        """Let somebody go. Raises NotInCircle."""
        news = News(what=What.LEFT, user_id=teller.user_id)
        return await self._done(teller, story_id, lambda circle, now: rules.left(circle, teller.user_id, now), news)

    async def refuse_writing(self, teller: Teller, story_id: int) -> Circle:
        """Give the circle for somebody who may write now. Raises what the gate and ``rules.refuse_writing`` raise."""
        circle = await self.circle_of(teller, story_id)
        await self._storyteller.gate.admit(teller)
        rules.refuse_writing(circle, teller.user_id)
        return circle

    async def write(self, teller: Teller, story_id: int, turn: int, text: str) -> Circle:
        """Add somebody's passage, which they began in that turn.

        Raises what ``words_of`` and ``rules.wrote`` raise; nothing is stored then.
        """
        tip = await self._store.passage((await self.circle_of(teller, story_id)).tip_id)
        words = await self.words_of(teller, text)
        if tip.author is Author.PERSON and tip.user_id != teller.user_id:
            words = PARAGRAPH + words
        circle = await self._store.circles.change(
            story_id,
            lambda circle: rules.wrote(circle, teller.user_id, turn, self._clock.now()),
            words=words,
            by=teller.user_id,
        )
        return await self._settle(circle)

    async def pass_on(self, teller: Teller, story_id: int, turn: int) -> Circle:
        """Let somebody give their turn to the next. Raises NotYourTurn, NoTurnsHere and NotInCircle."""
        news = News(what=What.PASSED, user_id=teller.user_id)
        rule: Rule = lambda circle, now: rules.passed(circle, teller.user_id, turn, now)  # noqa: E731
        return await self._done(teller, story_id, rule, news)

    async def skip(self, teller: Teller, story_id: int, turn: int, *, manages: bool) -> Circle:
        """Pass over whoever has this turn. Raises NotTheStarter and NoTurnsHere."""
        circle = await self.circle_of(teller, story_id)
        refuse_leading(circle, teller.user_id, manages=manages)
        news = News(what=What.SKIPPED, user_id=circle.turn_user_id)
        return await self._done(teller, story_id, lambda circle, now: rules.skipped(circle, turn, now), news)

    async def ask_bot(self, teller: Teller, story_id: int, turn: int) -> Circle:
        """Let the bot go on. Raises what the gate and ``rules.bot_asked`` raise."""
        await self._storyteller.gate.admit(teller)
        rule: Rule = lambda circle, now: rules.bot_asked(circle, teller.user_id, turn, now)  # noqa: E731
        return await self._done(teller, story_id, rule)

    async def vote(self, teller: Teller, passage_id: int, turn: int) -> Circle:
        """Count somebody's vote for a candidate, in place of the one before. Raises NotInCircle."""
        story_id = (await self._store.passage(passage_id)).story_id
        rule: Rule = lambda circle, now: rules.voted(circle, teller.user_id, passage_id, turn, now)  # noqa: E731
        return await self._done(teller, story_id, rule)

    async def refuse_leading(self, teller: Teller, story_id: int, *, manages: bool) -> Circle:
        """Give the circle for somebody who may end it. Raises NotTheStarter."""
        circle = await self.circle_of(teller, story_id)
        refuse_leading(circle, teller.user_id, manages=manages)
        return circle

    async def end(self, teller: Teller, story_id: int, *, manages: bool) -> Circle:
        """End the story where it is. Raises NotTheStarter."""
        await self.refuse_leading(teller, story_id, manages=manages)
        ended = await self._done(teller, story_id, rules.ended)
        self._storyteller.stop_story(story_id)
        return ended

    async def _done(self, teller: Teller, story_id: int, rule: Rule, *news: News) -> Circle:
        await self.circle_of(teller, story_id)
        return await self._change(story_id, rule, *news)

    # What time and the bot do

    async def _keep_deadline(self, story_id: int) -> None:
        before = await self._store.circles.get(story_id)
        slept = News(what=What.SLEPT, user_id=before.turn_user_id)
        news = News(what=What.VOTED_ON) if before.phase is Phase.VOTING else slept
        log.info("a deadline of story %d, told together, is over in turn %d", story_id, before.turn)
        await self._change(story_id, rules.timed_out, news)

    async def _show_unshown(self, story_id: int) -> None:
        await self._settle(await self._store.circles.get(story_id))

    async def _take_up(self, story_id: int) -> None:
        circle = await self._store.circles.get(story_id)
        head_id = (await self._store.story(story_id)).head_id
        if circle.phase is Phase.WRITING and not circle.votes and head_id not in {None, circle.tip_id}:
            # The bot's passage was stored, as far as it was shown, and then there was no time to count it.
            await self._stage.bring_to_its_end(circle, head_id)
            await self._change(story_id, lambda now_circle, now: rules.bot_wrote(now_circle, circle.turn, head_id, now))
        else:
            await self._settle(circle)

    async def _write(self, circle: Circle) -> None:
        outcome = await written(circle, self._storyteller, self._stage)
        if self._closing:
            return  # perhaps cut short; the next start takes it up
        try:
            await self._change(circle.story_id, outcome.rule, *outcome.news)
        except BotError as error:  # ended or deleted meanwhile
            log.info("what was written for story %d has no place any more: %s", circle.story_id, type(error).__name__)
            await self._store.circles.change(circle.story_id, replace)  # the story ends where it was agreed

    async def _change(self, story_id: int, rule: Rule, *news: News) -> Circle:
        circle = await self._store.circles.change(story_id, lambda circle: rule(circle, self._clock.now()))
        return await self._settle(circle, *news)

    async def _settle(self, circle: Circle, *news: News) -> Circle:
        """Show what there is now, and let what is due begin; to its end, also when whoever waits is cancelled."""
        task = asyncio.create_task(self._settled(circle, news))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        return await asyncio.shield(task)

    async def _settled(self, circle: Circle, news: Sequence[News]) -> Circle:
        story_id = circle.story_id
        async with self._showing.setdefault(story_id, asyncio.Lock()):
            circle = await self._store.circles.get(story_id)
            circle, gone = await self._without_gone(circle)
            self._alarm.set_anew()
            try:
                await self._stage.show(circle, *news, *gone)
            except ChannelGone:
                log.info("the channel of story %d, told together, is gone", story_id)
                if circle.is_open:
                    circle = await self._store.circles.change(
                        story_id, lambda circle: rules.ended(circle, self._clock.now())
                    )
                await self._store.circles.shown(story_id, circle.turn, None)
        if circle.phase is Phase.WRITING and (story_id, circle.turn) not in self._writing and not self._closing:
            self._spawn((story_id, circle.turn), self._write(circle))
        return circle

    async def _without_gone(self, circle: Circle) -> tuple[Circle, list[News]]:
        """Pass over those whose turn has come and who have left the server."""
        news: list[News] = []
        while circle.turn_user_id and circle.phase is Phase.TURN and circle.shown_turn != circle.turn:
            user_id = circle.turn_user_id
            if await self._stage.is_here(circle, user_id):
                break
            news.append(News(what=What.GONE, user_id=user_id))
            gone = partial(rules.without, user_id=user_id, now=self._clock.now())
            circle = await self._store.circles.change(circle.story_id, gone)
        return circle, news

    def _spawn(self, key: tuple[int, int], work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._writing[key] = task

        def over(task: asyncio.Task[None]) -> None:
            self._writing.pop(key, None)
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("the bot's part of story %d could not be done", key[0], exc_info=error)

        task.add_done_callback(over)
