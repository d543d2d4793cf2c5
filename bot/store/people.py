"""What is stored about a person besides their stories, all of it together, and how all of it goes."""

from __future__ import annotations

from typing import Any

from bot.errors import TooManyPresets, UnknownPreset
from bot.store import circle_statements, people_statements
from bot.store.database import Database
from bot.store.erasing import Eraser
from bot.store.lookups import now, storable
from bot.store.rows import Forgotten, PersonSummary, overrides_json, read_overrides
from storygen.sampling import SamplingOverrides

PRESET_LIMIT = 20
"""How many presets one person may save."""


class People:
    """``StoryStore.people``."""

    def __init__(self, database: Database, eraser: Eraser) -> None:
        self._database = database
        self._eraser = eraser

    async def presets_of(self, user_id: int) -> dict[str, SamplingOverrides]:
        """Give the presets that a person has saved, by name and in the order of the names."""
        sql = "SELECT name, overrides FROM presets WHERE user_id = :user_id ORDER BY folded_name"
        rows = await self._database.read(sql, {"user_id": user_id})
        return {row["name"]: read_overrides(row["overrides"]) for row in rows}

    async def save_preset(self, user_id: int, name: str, overrides: SamplingOverrides) -> None:
        """Save options by a name, in place of the preset that has it in upper or lower case.

        Raises TooManyPresets where it would be one too many.
        """
        fields = {"user_id": user_id, "name": name, "folded_name": name.casefold()}
        fields |= {"overrides": overrides_json(overrides), "now": now()}

        async def work() -> None:
            sql = "SELECT count(*) FROM presets WHERE user_id = :user_id AND folded_name != :folded_name"
            if (await self._database.read(sql, fields))[0][0] >= PRESET_LIMIT:
                raise TooManyPresets(PRESET_LIMIT)
            await self._database.read(people_statements.SAVE_PRESET, fields)

        await self._database.transaction(work)

    async def delete_preset(self, user_id: int, name: str) -> None:
        """Delete a preset by its name in upper or lower case. Raises UnknownPreset."""
        fields = {"user_id": user_id, "folded_name": name.casefold()}
        sql = "DELETE FROM presets WHERE user_id = :user_id AND folded_name = :folded_name RETURNING name"
        if not await self._database.write(sql, fields):
            raise UnknownPreset(name, tuple(await self.presets_of(user_id)))

    async def keeps_history(self, user_id: int) -> bool:
        """Say whether a person's stories are kept beside the one that they write now."""
        sql = "SELECT 1 FROM without_history WHERE user_id = :user_id"
        return not await self._database.read(sql, {"user_id": user_id})

    async def set_keeps_history(self, user_id: int, keeps: bool) -> None:
        """Remember whether a person's stories are kept. What there is already stays."""
        sql = "DELETE FROM without_history WHERE user_id = :user_id" if keeps else people_statements.WITHOUT_HISTORY
        await self._database.write(sql, {"user_id": user_id, "now": now()})

    async def forget_other_stories(self, user_id: int, but: int | None) -> int:
        """Delete a person's stories but this one and those that are being written; say how many went."""
        fields = {"user_id": user_id, "but": but}

        async def work() -> int:
            return len(await self._database.read(people_statements.DELETE_OTHERS, fields))

        return await self._eraser.delete(work, at_once=False)

    async def summary_of(self, user_id: int) -> PersonSummary:
        """Say how much is stored about a person."""
        fields = dict((await self._database.read(people_statements.SUMMARY, {"user_id": user_id}))[0])
        return PersonSummary(**{**fields, "keeps_history": bool(fields["keeps_history"])})

    async def everything_of(self, user_id: int) -> dict[str, Any]:
        """Give all that is stored about a person as plain data for JSON, with the names of the tables' columns."""
        return {
            "user_id": user_id,
            "keeps_history": await self.keeps_history(user_id),
            "settings": await self._rows("SELECT * FROM user_settings WHERE user_id = :user_id", user_id),
            "presets": await self._rows("SELECT * FROM presets WHERE user_id = :user_id", user_id),
            "stories": await self._stories(user_id),
            "passages_in_other_peoples_stories": await self._rows(people_statements.ELSEWHERE, user_id),
            "titles_of_other_peoples_stories": await self._rows(people_statements.TITLES_ELSEWHERE, user_id),
            "hearts": await self._rows("SELECT * FROM hearts WHERE user_id = :user_id", user_id),
            "shares": await self._rows("SELECT * FROM shares WHERE user_id = :user_id", user_id),
            "stories_told_together": await self._rows(circle_statements.OF_PERSON, user_id),
            "reports": await self._rows(people_statements.REPORTS, user_id),
            "open_answers": await self._rows(people_statements.OPEN_ANSWERS, user_id),
            "blocks": await self._rows(people_statements.BLOCKS, user_id),
            "archive_posts": await self._rows(people_statements.ARCHIVE_POSTS, user_id),
            "withdrawn_stories": await self._rows(people_statements.WITHDRAWN, user_id),
            "server_changes": await self._rows(people_statements.CHANGES, user_id),
            "server_changes_about_you": await self._rows(people_statements.CHANGES_ABOUT, user_id),
            "recent_tellings": await self._rows("SELECT * FROM recent_tellings WHERE user_id = :user_id", user_id),
        }

    async def forget(self, user_id: int, *, words_in_others: bool) -> Forgotten:
        """Delete all that is stored about a person, for good.

        In other people's stories nothing says any more that it is theirs; with ``words_in_others``, what they typed
        there goes as well. Afterwards no byte of it is in the files, nor in copies made before a migration, but for
        the number of whoever is blocked in a server or had something told in one with limits within the last hour.
        """
        fields = {"user_id": storable(user_id)}

        async def work() -> Forgotten:
            stories = await self._database.read("DELETE FROM stories WHERE owner_id = :user_id RETURNING id", fields)
            if words_in_others:
                await self._database.read(people_statements.UNTITLE, fields)
                await self._database.read(people_statements.TAKE_WORDS_BACK, fields)
            await self._database.read(people_statements.CLOSE_ANSWERS, fields)
            sql = "UPDATE passages SET user_id = 0 WHERE user_id = :user_id RETURNING id"
            elsewhere = await self._database.read(sql, fields)
            for statement in (*people_statements.LEAVE_NO_NAME, *circle_statements.FORGET):
                await self._database.read(statement, fields)
            left = await self._database.read(people_statements.SERVERS_LEFT, fields)
            return Forgotten(stories=len(stories), passages_elsewhere=len(elsewhere), servers_left=left[0][0])

        return await self._eraser.delete(work)

    async def _stories(self, user_id: int) -> list[dict[str, Any]]:
        stories = await self._rows("SELECT * FROM stories WHERE owner_id = :user_id ORDER BY id", user_id)
        passages = await self._rows(people_statements.PASSAGES_OF_OWN, user_id)
        by_story: dict[int, list[dict[str, Any]]] = {story["id"]: [] for story in stories}
        for passage in passages:
            by_story[passage["story_id"]].append(passage)
        return [{**story, "passages": by_story[story["id"]]} for story in stories]

    async def _rows(self, sql: str, user_id: int) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._database.read(sql, {"user_id": user_id})]
