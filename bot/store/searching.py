"""What a search for stories looks through: kept up to date by triggers, so that no statement can forget it.

The triggers are the connection's own (TEMP): they fold letters with a Python function, which no other program has.
"""

from __future__ import annotations

SEARCHED_CHARACTERS = 200
"""How far into a story's first passage a search looks, and how much of what is searched for counts."""

# fold is Python's str.casefold: SQLite's own lower() knows ASCII only.
_SEARCHED = f"""
    SELECT stories.id, fold(title || coalesce((
        SELECT group_concat(char(10) || substr(text, 1, {SEARCHED_CHARACTERS}), '')
        FROM passages WHERE story_id = stories.id AND parent_id IS NULL
    ), ''))
    FROM stories
"""  # noqa: S608 - put together from constants
_REPLACE = "INSERT OR REPLACE INTO searched_words (story_id, words)"

FILL = f"{_REPLACE} {_SEARCHED} WHERE id NOT IN (SELECT story_id FROM searched_words)"  # noqa: S608 - likewise
"""For stories that another program or version has written."""

TRIGGERS = (
    f"""
    CREATE TEMP TRIGGER search_new_story AFTER INSERT ON main.stories
    BEGIN {_REPLACE} {_SEARCHED} WHERE stories.id = new.id; END
    """,
    f"""
    CREATE TEMP TRIGGER search_new_title AFTER UPDATE OF title ON main.stories WHEN new.title IS NOT old.title
    BEGIN {_REPLACE} {_SEARCHED} WHERE stories.id = new.id; END
    """,
    f"""
    CREATE TEMP TRIGGER search_new_beginning AFTER INSERT ON main.passages WHEN new.parent_id IS NULL
    BEGIN {_REPLACE} {_SEARCHED} WHERE stories.id = new.story_id; END
    """,
    f"""
    CREATE TEMP TRIGGER search_new_text AFTER UPDATE OF text ON main.passages
    WHEN new.parent_id IS NULL AND new.text IS NOT old.text
    BEGIN {_REPLACE} {_SEARCHED} WHERE stories.id = new.story_id; END
    """,
)

# instr, unlike LIKE, has no signs to escape.
STORIES_OF = """
SELECT * FROM stories
WHERE owner_id = :user_id AND (
    :words = '' OR EXISTS (SELECT 1 FROM searched_words WHERE story_id = stories.id AND instr(words, :words))
)
ORDER BY updated_at DESC, id DESC LIMIT :limit OFFSET :skipped
"""


def searched(matching: str) -> str:
    """Give what a person searches for as it is compared. A lone surrogate, which SQLite can't take, matches nothing."""
    return matching[:SEARCHED_CHARACTERS].casefold().encode("utf-8", "replace").decode("utf-8")
