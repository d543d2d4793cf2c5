"""Every version of the database that was ever released can be brought up to date with its rows kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import DatabaseTooNew, DatabaseUnusable
from bot.store import StoryStore, TitleOrigin
from bot.store.migrate import Migration, known_migrations, migrate

NEXT = len(known_migrations()) + 1
ADDS_A_COLUMN = Migration(number=NEXT, sql="ALTER TABLE meta ADD COLUMN note TEXT NOT NULL DEFAULT 'new; here';\n")
BREAKS_HALFWAY = Migration(number=NEXT, sql="CREATE TABLE half (x INTEGER);\nCREATE TABLE stories (x INTEGER);\n")

ROWS_OF_VERSION_1 = """
INSERT INTO stories VALUES (7, 41, NULL, 9, 'horror', 'The lake', NULL, 0, 100, 100);
INSERT INTO passages (id, story_id, author, user_id, text, state, created_at, finished_at)
    VALUES (3, 7, 'person', 41, 'The lake was still.', 'done', 100, 100);
INSERT INTO passages (id, story_id, parent_id, author, user_id, text, state, options, seed, model, finish_reason,
                      prompt_tokens, new_tokens, created_at, finished_at)
    VALUES (4, 7, 3, 'model', 41, ' Then it froze.', 'done',
            '{"max_new_tokens": 90, "do_sample": true, "temperature": 0.9, "top_k": 50, "top_p": 0.95,
              "repetition_penalty": 1.1}', 812, 'tiny', 'eos', 6, 5, 100, 105);
UPDATE stories SET head_id = 4 WHERE id = 7;
INSERT INTO user_settings VALUES (41, '{"top_k": 7}', 100);
INSERT INTO meta VALUES ('commands', 'hash');
"""


def database_of_version_1(path: Path) -> Path:
    migrate(path, known_migrations()[:1])
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(ROWS_OF_VERSION_1)
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def schema(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")]


def backups(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.backup"))


def test_the_numbers_follow_each_other_from_one() -> None:
    assert [migration.number for migration in known_migrations()] == list(range(1, NEXT))


def test_each_file_says_what_it_revises_when_and_why() -> None:
    for migration in known_migrations():
        labels = [line.split(":")[0] for line in migration.sql.splitlines()[:3]]
        assert labels == ["-- Revises", "-- Date", "-- Reason"]


def test_every_table_is_strict(tmp_path: Path) -> None:
    migrate(tmp_path / "s.sqlite3", known_migrations())

    tables = [sql for sql in schema(tmp_path / "s.sqlite3") if sql.startswith("CREATE TABLE") and "sqlite_" not in sql]
    assert len(tables) >= 4
    assert [sql for sql in tables if "STRICT" not in sql.splitlines()[-1]] == []


def test_an_empty_file_is_brought_up_to_date_without_a_copy(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite3").touch()

    migrate(tmp_path / "s.sqlite3", known_migrations())

    assert version(tmp_path / "s.sqlite3") == NEXT - 1
    assert backups(tmp_path) == []


def test_a_database_that_is_up_to_date_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    migrate(path, known_migrations())
    before = schema(path)

    migrate(path, known_migrations())

    assert (schema(path), version(path), backups(tmp_path)) == (before, NEXT - 1, [])


async def test_the_rows_of_version_1_can_be_read(tmp_path: Path) -> None:
    async with StoryStore.open(database_of_version_1(tmp_path / "s.sqlite3")) as store:
        story = await store.story(7)
        path = await store.path_to(4)

        assert (story.title, story.head_id, story.owner_id, story.private) == ("The lake", 4, 41, False)
        assert [passage.text for passage in path] == ["The lake was still.", " Then it froze."]
        assert path[1].options is not None
        assert (path[1].options.max_new_tokens, path[1].seed) == (90, 812)
        assert (await store.get_overrides(41)).given() == {"top_k": 7}
        assert await store.get_meta("commands") == "hash"


async def test_the_stories_of_version_1_are_as_they_were_and_can_be_gone_about_in(tmp_path: Path) -> None:
    async with StoryStore.open(database_of_version_1(tmp_path / "s.sqlite3")) as store:
        story, path = await store.story(7), await store.path_to(4)
        assert (story.memory, story.branched_from) == ("", None)
        assert [(each.chosen_child_id, each.edited, each.rewritten) for each in path] == [(None, False, False)] * 2
        assert await store.people.keeps_history(41)
        assert [found.id for found in await store.stories_of(41, "LAKE WAS")] == [7]

        assert (await store.tree.move_head(7, 3)).head_id == 3
        assert (await store.tree.child_of(3) or path[0]).id == 4
        edited = await store.tree.replace_text(4, " Then it burned.")
        assert [each.text for each in await store.tree.versions_of(4)] == [" Then it burned.", " Then it froze."]
        assert (await store.story(7)).head_id == edited.id == 4
        assert (await store.readers.toggle_heart(7, 42, None)).count == 1


@pytest.mark.parametrize(
    ("title", "text", "origin"),
    [
        ("The lake", "The lake was still.", TitleOrigin.TEXT),
        ("The lake was still. Then it…", "The lake was still.", TitleOrigin.TEXT),
        ("The lake…", "The\nlake was still.", TitleOrigin.TEXT),
        ("The lake was still.", " The lake was", TitleOrigin.TEXT),
        ("", "The lake was still.", TitleOrigin.TEXT),
        ("Water", "The lake was still.", TitleOrigin.TYPED),
        ("The Lake", "The lake was still.", TitleOrigin.TYPED),
    ],
)
async def test_a_title_of_version_1_that_is_not_how_the_story_begins_was_typed(
    tmp_path: Path, title: str, text: str, origin: TitleOrigin
) -> None:
    path = database_of_version_1(tmp_path / "s.sqlite3")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE stories SET title = ?", (title,))
        connection.execute("UPDATE passages SET text = ? WHERE id = 3", (text,))
        connection.commit()

    async with StoryStore.open(path) as store:
        story = await store.story(7)

    assert (story.title, story.title_origin) == (title, origin)
    assert story.titled_by == (41 if origin is TitleOrigin.TYPED else None)


def test_a_large_database_of_version_1_is_migrated_whole(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    migrate(path, known_migrations()[:1])
    with closing(sqlite3.connect(path)) as connection:
        for number in range(1, 2001):
            connection.execute(
                "INSERT INTO stories VALUES (?, ?, 5, 9, 'horror', ?, NULL, ?, 100, 100)",
                (number, number % 7, f"Title {number}", number % 2),
            )
            connection.execute(
                "INSERT INTO passages (id, story_id, author, user_id, text, state, created_at, finished_at)"
                " VALUES (?, ?, 'person', 1, ?, 'done', 1, 1)",
                (number, number, f"Title {number} and more"),
            )
        connection.execute("UPDATE stories SET head_id = id")
        connection.commit()
        before = connection.execute("SELECT id, owner_id, title, head_id, private FROM stories").fetchall()

    migrate(path, known_migrations())

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id, owner_id, title, head_id, private FROM stories").fetchall() == before
        assert connection.execute("SELECT count(*) FROM stories WHERE title_origin = 'typed'").fetchone() == (0,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_older_database_is_copied_and_then_migrated_with_its_rows_kept(tmp_path: Path) -> None:
    path = database_of_version_1(tmp_path / "s.sqlite3")

    migrate(path, [*known_migrations(), ADDS_A_COLUMN])

    assert version(path) == NEXT
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM meta").fetchall() == [("commands", "hash", "new; here")]
        assert connection.execute("SELECT count(*) FROM passages").fetchone() == (2,)
    (copy,) = backups(tmp_path)
    assert version(copy) == 1
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT * FROM meta").fetchall() == [("commands", "hash")]


def test_a_migration_that_breaks_halfway_leaves_the_version_and_the_tables_as_they_were(tmp_path: Path) -> None:
    path = database_of_version_1(tmp_path / "s.sqlite3")
    migrate(path, known_migrations())
    before = schema(path)

    with pytest.raises(DatabaseUnusable, match="already exists"):
        migrate(path, [*known_migrations(), BREAKS_HALFWAY])

    assert (schema(path), version(path)) == (before, NEXT - 1)


def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = database_of_version_1(tmp_path / "s.sqlite3")
    migrate(path, [*known_migrations(), ADDS_A_COLUMN])
    before = path.read_bytes()

    with pytest.raises(DatabaseTooNew) as caught:
        migrate(path, known_migrations())

    assert (caught.value.found, caught.value.known) == (NEXT, NEXT - 1)
    assert path.read_bytes() == before
