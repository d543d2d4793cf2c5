"""The longer SQL statements about stories that are told together."""

from dataclasses import fields

from bot.store.circle_rows import Circle

_COLUMNS = tuple(field.name for field in fields(Circle) if field.name != "members")

SAVE = f"""
INSERT INTO circles ({", ".join(_COLUMNS)}) VALUES ({", ".join(f":{name}" for name in _COLUMNS)})
ON CONFLICT (story_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}
"""  # noqa: S608 - put together from constants

# A story of nobody's: its title is its first words, and goes where these go.
ADD_STORY = """
INSERT INTO stories (owner_id, guild_id, channel_id, genre, title, title_origin, private, created_at, updated_at)
VALUES (0, :guild_id, :channel_id, :genre, :title, 'text', 0, :now, :now) RETURNING id
"""

ADD_PASSAGE = """
INSERT INTO passages (story_id, parent_id, author, user_id, text, state, channel_id, created_at, finished_at)
VALUES (:story_id, :parent_id, 'person', :user_id, :text, 'done', :channel_id, :now, :now) RETURNING id
"""

# Of a channel, the circle that goes on there, or one that was begun there; the newest of each.
OPEN_IN = """
SELECT * FROM circles WHERE phase != 'ended' AND (channel_id = :channel_id OR begun_in = :channel_id)
ORDER BY channel_id = :channel_id DESC, story_id DESC LIMIT 1
"""

DUE = "SELECT story_id FROM circles WHERE deadline <= :now ORDER BY deadline, story_id"

NEXT_DEADLINE = "SELECT min(deadline) FROM circles WHERE deadline IS NOT NULL"

# What a crash or a bad day of Discord has left unfinished.
UNFINISHED = "SELECT story_id FROM circles WHERE phase = 'writing' OR shown_turn != turn ORDER BY story_id"

VOTE = """
INSERT OR REPLACE INTO circle_votes (story_id, user_id, passage_id, created_at)
VALUES (:story_id, :user_id, :passage_id, :now)
"""

# The statements of forgetting a person, in order; each takes :user_id and :now. Whose turn it was, their time is over.
FORGET = (
    "DELETE FROM circle_members WHERE user_id = :user_id",
    "DELETE FROM circle_votes WHERE user_id = :user_id",
    """
    UPDATE circles SET turn_user_id = NULL, deadline = iif(phase = 'turn', :now, deadline)
    WHERE turn_user_id = :user_id
    """,
    "UPDATE circles SET last_writer_id = 0 WHERE last_writer_id = :user_id",
    "UPDATE circles SET starter_id = 0 WHERE starter_id = :user_id",
)

OF_PERSON = """
SELECT story_id, channel_id, guild_id, begun_at AS created_at, starter_id = :user_id AS began_it,
    EXISTS (SELECT 1 FROM circle_members WHERE story_id = circles.story_id AND user_id = :user_id) AS takes_part,
    (SELECT passage_id FROM circle_votes WHERE story_id = circles.story_id AND user_id = :user_id) AS votes_for
FROM circles
WHERE starter_id = :user_id OR story_id IN (SELECT story_id FROM circle_members WHERE user_id = :user_id)
ORDER BY story_id
"""
