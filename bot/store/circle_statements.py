"""The longer SQL statements about stories that are told together."""

from bot.store.circle_rows import CIRCLE_COLUMNS

# What is shown is remembered by itself, see SHOWN.
_KEPT = tuple(name for name in CIRCLE_COLUMNS if name not in {"message_id", "shown_turn"})

SAVE = f"""
INSERT INTO circles ({", ".join(CIRCLE_COLUMNS)}) VALUES ({", ".join(f":{name}" for name in CIRCLE_COLUMNS)})
ON CONFLICT (story_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _KEPT)}
"""  # noqa: S608 - put together from constants

SHOWN = "UPDATE circles SET shown_turn = :turn, message_id = :message_id WHERE story_id = :id"

ADD_MEMBER = "INSERT INTO circle_members (story_id, user_id, seat) VALUES (:story_id, :user_id, :seat)"

ADD_VOTE = """
INSERT INTO circle_votes (story_id, user_id, passage_id, place) VALUES (:story_id, :user_id, :passage_id, :place)
"""

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

COUNT_OPEN_OF = """
SELECT count(*) FROM circles WHERE starter_id = :starter_id AND guild_id = :guild_id AND phase != 'ended'
"""

# Discord's rule: a server is on the shard of its id without the last 22 bits, modulo their number.
_SERVED = """
(:shard_count = 0 OR (guild_id >> 22) % :shard_count IN (SELECT value FROM json_each(:shards)))
"""

DUE = f"""
SELECT story_id FROM circles WHERE deadline <= :now AND {_SERVED} ORDER BY deadline, story_id
"""  # noqa: S608 - put together from constants

NEXT_DEADLINE = f"SELECT min(deadline) FROM circles WHERE deadline IS NOT NULL AND {_SERVED}"  # noqa: S608 - likewise

# What a crash or a bad day of Discord has left unfinished.
UNFINISHED = f"""
SELECT story_id FROM circles WHERE (phase = 'writing' OR shown_turn != turn) AND {_SERVED} ORDER BY story_id
"""  # noqa: S608 - likewise

UNSHOWN = f"SELECT story_id FROM circles WHERE shown_turn != turn AND {_SERVED} ORDER BY story_id"  # noqa: S608 - likewise

# The statements of forgetting a person, in order; each takes :user_id. Whose turn it was, their time is over.
FORGET = (
    "DELETE FROM circle_members WHERE user_id = :user_id",
    "DELETE FROM circle_votes WHERE user_id = :user_id",
    """
    UPDATE circles SET turn_user_id = NULL, deadline = iif(phase = 'turn', 0, deadline)
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
