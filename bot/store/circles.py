"""Stories that are told together: who takes part, whose turn it is until when, and votes."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import CircleNotFound
from bot.store import circle_statements, tree_statements
from bot.store.circle_rows import Circle, Vote, circle_fields, read_circle
from bot.store.database import Database
from bot.store.lookups import now, storable


class Circles:
    """``StoryStore.circles``. Whatever changes a circle writes all of it, and the story with it, as one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, story_id: int) -> Circle:
        """Give the circle of a story. Raises CircleNotFound where the story is not told together, or gone."""
        rows = await self._database.read("SELECT * FROM circles WHERE story_id = :id", {"id": storable(story_id)})
        if not rows:
            raise CircleNotFound
        sql = "SELECT user_id, seat FROM circle_members WHERE story_id = :id ORDER BY seat"
        return read_circle(rows[0], await self._database.read(sql, {"id": story_id}))

    async def knows(self, story_id: int) -> bool:
        """Say whether a story is or was told together."""
        sql = "SELECT 1 FROM circles WHERE story_id = :id"
        return bool(await self._database.read(sql, {"id": storable(story_id)}))

    async def open_in(self, channel_id: int) -> Circle | None:
        """Give the circle that goes on in a channel, or that was begun there; None where there is none."""
        rows = await self._database.read(circle_statements.OPEN_IN, {"channel_id": channel_id})
        return await self.get(rows[0]["story_id"]) if rows else None

    async def due(self, moment: int) -> list[int]:
        """Give the stories whose deadline is over at that moment, the one that is over longest first."""
        return [row["story_id"] for row in await self._database.read(circle_statements.DUE, {"now": moment})]

    async def next_deadline(self) -> int | None:
        """Give the next deadline of all; None where nothing is waited for."""
        deadline: int | None = (await self._database.read(circle_statements.NEXT_DEADLINE, {}))[0][0]
        return deadline

    async def unfinished(self) -> list[int]:
        """Give the stories in which the bot was writing, or whose newest turn was not shown yet."""
        return [row["story_id"] for row in await self._database.read(circle_statements.UNFINISHED, {})]

    async def votes_in(self, story_id: int) -> list[Vote]:
        """Give the votes of the vote that is open, the first one first."""
        sql = "SELECT id, user_id, passage_id FROM circle_votes WHERE story_id = :id ORDER BY id"
        return [Vote(**dict(row)) for row in await self._database.read(sql, {"id": storable(story_id)})]

    async def begin(self, circle: Circle, *, genre: str, title: str, text: str) -> Circle:
        """Write a story of nobody's with the starter's first passage, and its circle; the circle gets their ids."""
        fields: dict[str, object] = {"guild_id": circle.guild_id, "channel_id": circle.channel_id, "now": now()}

        async def work() -> Circle:
            added = await self._database.read(circle_statements.ADD_STORY, {**fields, "genre": genre, "title": title})
            placed = replace(circle, story_id=added[0]["id"])
            passage_id = await self._add(placed, None, circle.starter_id, text)
            return await self._save(replace(placed, tip_id=passage_id))

        return await self._database.transaction(work)

    async def save(self, circle: Circle) -> Circle:
        """Write a circle as it is now. Raises CircleNotFound where its story was deleted."""

        async def work() -> Circle:
            await self._refuse_gone(circle)
            return await self._save(circle)

        return await self._database.transaction(work)

    async def write(self, circle: Circle, user_id: int, text: str) -> Circle:
        """Write a person's passage at the story's end, and the circle as it is then. Raises CircleNotFound."""

        async def work() -> Circle:
            await self._refuse_gone(circle)
            return await self._save(replace(circle, tip_id=await self._add(circle, circle.tip_id, user_id, text)))

        return await self._database.transaction(work)

    async def settle(self, circle: Circle) -> Circle:
        """Let the story end at the circle's tip, close its vote, and write the circle. Raises CircleNotFound."""

        async def work() -> Circle:
            await self._refuse_gone(circle)
            await self._end_at(circle, circle.tip_id)
            await self._database.read("DELETE FROM circle_votes WHERE story_id = :id", {"id": circle.story_id})
            return await self._save(circle)

        return await self._database.transaction(work)

    async def vote(self, story_id: int, user_id: int, passage_id: int) -> None:
        """Count somebody's vote in place of the one that they gave before."""
        fields = {"story_id": story_id, "user_id": user_id, "passage_id": passage_id, "now": now()}
        await self._database.write(circle_statements.VOTE, fields)

    async def move_to(self, circle: Circle, channel_id: int) -> Circle:
        """Let a circle that has just begun be told in another channel, such as a thread of its own."""
        fields = {"id": circle.story_id, "channel_id": channel_id}

        async def work() -> Circle:
            await self._refuse_gone(circle)
            for table, key in (("stories", "id"), ("passages", "story_id")):
                sql = f"UPDATE {table} SET channel_id = :channel_id WHERE {key} = :id"  # noqa: S608 - from constants
                await self._database.read(sql, fields)
            return await self._save(replace(circle, channel_id=channel_id))

        return await self._database.transaction(work)

    async def shown(self, story_id: int, turn: int, message_id: int | None) -> None:
        """Remember which message has the controls, and which turn it shows."""
        fields = {"id": storable(story_id), "turn": turn, "message_id": message_id}
        sql = "UPDATE circles SET shown_turn = :turn, message_id = :message_id WHERE story_id = :id"
        await self._database.write(sql, fields)

    async def put_off(self, story_id: int, deadline: int) -> None:
        """Look at a deadline again at another time, where it could not be kept."""
        sql = "UPDATE circles SET deadline = :deadline WHERE story_id = :id AND deadline < :deadline"
        await self._database.write(sql, {"id": storable(story_id), "deadline": deadline})

    async def _refuse_gone(self, circle: Circle) -> None:
        if not await self.knows(circle.story_id):
            raise CircleNotFound

    async def _save(self, circle: Circle) -> Circle:
        fields = circle_fields(circle)
        await self._database.read(circle_statements.SAVE, fields)
        await self._database.read("DELETE FROM circle_members WHERE story_id = :id", {"id": circle.story_id})
        for member in circle.members:
            seat = {"story_id": circle.story_id, "user_id": member.user_id, "seat": member.seat}
            await self._database.read("INSERT INTO circle_members VALUES (:story_id, :user_id, :seat)", seat)
        return circle

    async def _add(self, circle: Circle, parent_id: int | None, user_id: int, text: str) -> int:
        fields: dict[str, object] = {"story_id": circle.story_id, "parent_id": parent_id, "user_id": user_id}
        fields |= {"text": text, "channel_id": circle.channel_id, "now": now()}
        passage_id = int((await self._database.read(circle_statements.ADD_PASSAGE, fields))[0]["id"])
        await self._end_at(circle, passage_id)
        return passage_id

    async def _end_at(self, circle: Circle, passage_id: int) -> None:
        await self._database.read(tree_statements.CHOOSE_PATH, {"id": passage_id})
        fields = {"id": passage_id, "story_id": circle.story_id, "now": now()}
        await self._database.read(tree_statements.MOVE_HEAD, fields)
