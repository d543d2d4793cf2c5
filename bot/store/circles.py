"""Stories that are told together: who takes part, whose turn it is until when, and votes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.errors import CircleNotFound
from bot.store import circle_statements, tree_statements
from bot.store.circle_rows import Circle, Phase, circle_fields, read_circle
from bot.store.database import Database
from bot.store.lookups import now, storable

Rule = Callable[[Circle], Circle]
"""Gives what becomes of a circle, or raises why nothing does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The servers that a process looks after: those on its shards, or all where it has no ``ids``."""

    ids: tuple[int, ...] = ()
    count: int = 0

    @property
    def fields(self) -> dict[str, object]:
        """For the statements that look for something to do."""
        return {"shards": json.dumps(self.ids), "shard_count": self.count if self.ids else 0}


class Circles:
    """``StoryStore.circles``. What is to be done of them is told only for the servers that are ``served``."""

    def __init__(self, database: Database, served: Served) -> None:
        self._database = database
        self._served = served

    async def get(self, story_id: int) -> Circle:
        """Give the circle of a story. Raises CircleNotFound where the story is not told together, or gone."""
        fields = {"id": storable(story_id)}
        rows = await self._database.read("SELECT * FROM circles WHERE story_id = :id", fields)
        if not rows:
            raise CircleNotFound
        members = await self._database.read("SELECT * FROM circle_members WHERE story_id = :id ORDER BY seat", fields)
        votes = await self._database.read("SELECT * FROM circle_votes WHERE story_id = :id ORDER BY place", fields)
        return read_circle(rows[0], members, votes)

    async def knows(self, story_id: int) -> bool:
        """Say whether a story is or was told together."""
        sql = "SELECT 1 FROM circles WHERE story_id = :id"
        return bool(await self._database.read(sql, {"id": storable(story_id)}))

    async def open_in(self, channel_id: int) -> Circle | None:
        """Give the circle that goes on in a channel, or that was begun there; None where there is none."""
        rows = await self._database.read(circle_statements.OPEN_IN, {"channel_id": channel_id})
        return await self.get(rows[0]["story_id"]) if rows else None

    async def count_open_of(self, starter_id: int, guild_id: int) -> int:
        """Say how many stories that somebody has begun in a server still go on there."""
        fields = {"starter_id": starter_id, "guild_id": guild_id}
        return int((await self._database.read(circle_statements.COUNT_OPEN_OF, fields))[0][0])

    async def due(self, moment: int) -> list[int]:
        """Give the stories whose deadline is over at that moment, the one that is over longest first."""
        return [
            row["story_id"]
            for row in await self._database.read(circle_statements.DUE, {**self._served.fields, "now": moment})
        ]

    async def next_deadline(self) -> int | None:
        """Give the next deadline of all; None where nothing is waited for."""
        deadline: int | None = (await self._database.read(circle_statements.NEXT_DEADLINE, self._served.fields))[0][0]
        return deadline

    async def unfinished(self) -> list[int]:
        """Give the stories in which the bot was writing, or whose newest turn was not shown yet."""
        return [row["story_id"] for row in await self._database.read(circle_statements.UNFINISHED, self._served.fields)]

    async def unshown(self) -> list[int]:
        """Give the stories whose newest turn was not shown yet."""
        return [row["story_id"] for row in await self._database.read(circle_statements.UNSHOWN, self._served.fields)]

    async def begin(self, circle: Circle, *, genre: str, title: str, text: str) -> Circle:
        """Write a story of nobody's with the starter's first passage, and its circle; the circle gets their ids."""
        fields: dict[str, object] = {"guild_id": circle.guild_id, "channel_id": circle.channel_id, "now": now()}

        async def work() -> Circle:
            added = await self._database.read(circle_statements.ADD_STORY, {**fields, "genre": genre, "title": title})
            placed = replace(circle, story_id=added[0]["id"])
            return await self._save(await self._with_words(placed, None, circle.starter_id, text))

        return await self._database.transaction(work)

    async def change(self, story_id: int, rule: Rule, *, words: str = "", by: int = 0) -> Circle:
        """Let a rule change a circle, as one transaction with its story; give the circle as it is then.

        With ``words``, a passage ``by`` that person comes to the story's end. The story ends at the circle's tip,
        unless the bot is writing. Raises CircleNotFound and what the rule raises; nothing is changed then.
        """

        async def work() -> Circle:
            circle = await self.get(story_id)
            after = rule(circle)
            if after is circle:
                return circle
            if words:
                after = await self._with_words(after, circle.tip_id, by, words)
            elif after.phase is not Phase.WRITING:
                await self._end_at(after)
            return await self._save(after)

        return await self._database.transaction(work)

    async def move_to(self, story_id: int, channel_id: int) -> Circle:
        """Let a circle that has just begun be told in another channel, such as a thread of its own."""
        fields = {"id": story_id, "channel_id": channel_id}

        async def work() -> Circle:
            for table, key in (("stories", "id"), ("passages", "story_id")):
                sql = f"UPDATE {table} SET channel_id = :channel_id WHERE {key} = :id"  # noqa: S608 - from constants
                await self._database.read(sql, fields)
            return await self._save(replace(await self.get(story_id), channel_id=channel_id))

        return await self._database.transaction(work)

    async def shown(self, story_id: int, turn: int, message_id: int | None) -> None:
        """Remember which message has the controls, and which turn it shows."""
        fields = {"id": storable(story_id), "turn": turn, "message_id": message_id}
        await self._database.write(circle_statements.SHOWN, fields)

    async def put_off(self, story_id: int, deadline: int) -> None:
        """Look at a deadline again at another time, where it could not be kept."""
        sql = "UPDATE circles SET deadline = :deadline WHERE story_id = :id AND deadline < :deadline"
        await self._database.write(sql, {"id": storable(story_id), "deadline": deadline})

    async def _save(self, circle: Circle) -> Circle:
        await self._database.read(circle_statements.SAVE, circle_fields(circle))
        place = {"story_id": circle.story_id}
        for table in ("circle_members", "circle_votes"):
            sql = f"DELETE FROM {table} WHERE story_id = :story_id"  # noqa: S608 - from constants
            await self._database.read(sql, place)
        for member in circle.members:
            fields = {**place, "user_id": member.user_id, "seat": member.seat}
            await self._database.read(circle_statements.ADD_MEMBER, fields)
        for number, vote in enumerate(circle.cast):
            fields = {**place, "user_id": vote.user_id, "passage_id": vote.passage_id, "place": number}
            await self._database.read(circle_statements.ADD_VOTE, fields)
        return circle

    async def _with_words(self, circle: Circle, parent_id: int | None, user_id: int, text: str) -> Circle:
        fields: dict[str, object] = {"story_id": circle.story_id, "parent_id": parent_id, "user_id": user_id}
        fields |= {"text": text, "channel_id": circle.channel_id, "now": now()}
        passage_id = int((await self._database.read(circle_statements.ADD_PASSAGE, fields))[0]["id"])
        longer = replace(circle, tip_id=passage_id)
        await self._end_at(longer)
        return longer

    async def _end_at(self, circle: Circle) -> None:
        await self._database.read(tree_statements.CHOOSE_PATH, {"id": circle.tip_id})
        fields = {"id": circle.tip_id, "story_id": circle.story_id, "now": now()}
        await self._database.read(tree_statements.MOVE_HEAD, fields)
