"""The longer SQL statements with which those who run a server decide about stories there."""

from bot.store.reader_statements import IN_LISTS

REPORT = "SELECT * FROM reports WHERE id = :id AND guild_id = :guild_id"

# One card for each reported passage: several people may have reported it.
NEXT_OPEN = """
SELECT * FROM reports WHERE guild_id = :guild_id AND state = 'open' AND id > :after
    AND id = (
        SELECT min(id) FROM reports AS same
        WHERE same.guild_id = :guild_id AND same.state = 'open' AND same.passage_id = reports.passage_id
    )
ORDER BY id LIMIT 1
"""

COUNT_OPEN = "SELECT count(DISTINCT passage_id) FROM reports WHERE guild_id = :guild_id AND state = 'open'"

REASONS = """
SELECT reason FROM reports WHERE guild_id = :guild_id AND state = 'open' AND passage_id = :passage_id ORDER BY id
"""

DISMISS = """
UPDATE reports SET state = 'dismissed', decided_by = :user_id, decided_at = :now
WHERE guild_id = :guild_id AND state = 'open' AND passage_id = :passage_id RETURNING id
"""

UPHOLD = """
UPDATE reports SET state = 'upheld', decided_by = :user_id, decided_at = :now
WHERE guild_id = :guild_id AND state = 'open' AND story_id = :story_id RETURNING id
"""

# Of one person or of everybody, what others come across in a server.
PURGEABLE = f"""
SELECT id FROM stories WHERE (:owner_id IS NULL OR owner_id = :owner_id) AND {IN_LISTS} ORDER BY id
"""  # noqa: S608 - put together from constants

# The statements of taking a story out of a server, in order; each takes :story_id, :guild_id and what it says.
WITHDRAW = """
INSERT INTO withdrawn_stories (story_id, guild_id, why, decided_by, created_at)
VALUES (:story_id, :guild_id, :why, :user_id, :now) ON CONFLICT (story_id, guild_id) DO NOTHING
"""

TAKE_SHARES_AWAY = """
INSERT OR IGNORE INTO gone_messages (channel_id, message_id)
SELECT channel_id, message_id FROM shares
WHERE story_id = :story_id AND guild_id = :guild_id AND message_id IS NOT NULL
"""

UNSHARE = "DELETE FROM shares WHERE story_id = :story_id AND guild_id = :guild_id"

# Where it was told: :channels is a JSON list of the server's channels, for a story may go on in another server.
_TOLD_HERE = """
    story_id = :story_id AND message_id IS NOT NULL AND (
        channel_id IN (SELECT value FROM json_each(:channels)) OR channel_id = (
            SELECT channel_id FROM stories WHERE id = :story_id AND guild_id = :guild_id
        )
    )
"""

TAKE_PASSAGES_AWAY = f"""
INSERT OR IGNORE INTO gone_messages (channel_id, message_id)
SELECT channel_id, message_id FROM passages WHERE {_TOLD_HERE}
"""  # noqa: S608 - likewise

# Its channel stays: it says who may read the passage elsewhere.
UNSHOW = f"UPDATE passages SET message_id = NULL WHERE {_TOLD_HERE}"  # noqa: S608 - likewise

UNARCHIVE = "DELETE FROM archive_posts WHERE story_id = :story_id AND guild_id = :guild_id"

UNTOLD = """
SELECT stories.*, withdrawn_stories.guild_id AS by_guild, withdrawn_stories.why
FROM withdrawn_stories JOIN stories ON stories.id = withdrawn_stories.story_id
WHERE told = 0 AND owner_id = :user_id ORDER BY withdrawn_stories.created_at, stories.id
"""

TELL = """
UPDATE withdrawn_stories SET told = 1
WHERE told = 0 AND story_id IN (SELECT id FROM stories WHERE owner_id = :user_id)
"""
