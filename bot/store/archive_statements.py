"""The longer SQL statements about the archives of servers."""

SET_ARCHIVE = """
INSERT INTO archives (guild_id, channel_id, updated_at) VALUES (:guild_id, :channel_id, :now)
ON CONFLICT (guild_id) DO UPDATE SET channel_id = excluded.channel_id, updated_at = excluded.updated_at
"""

# Nothing is kept of a story that was deleted, or taken out of the server, while its post was on its way to Discord.
KEEP_POST = """
INSERT INTO archive_posts (
    story_id, guild_id, archive_id, channel_id, message_id, passage_id, user_id, created_at
)
SELECT id, :guild_id, :archive_id, :channel_id, :message_id, :passage_id, :user_id, :now FROM stories
WHERE id = :story_id
    AND NOT EXISTS (SELECT 1 FROM withdrawn_stories WHERE story_id = :story_id AND guild_id = :guild_id)
ON CONFLICT (story_id, guild_id) DO UPDATE
SET archive_id = excluded.archive_id, channel_id = excluded.channel_id, message_id = excluded.message_id,
    passage_id = excluded.passage_id, user_id = excluded.user_id
RETURNING *
"""

SEND_FURTHER = """
UPDATE archive_posts SET passage_id = :passage_id, user_id = :user_id, stale = stale + 1
WHERE story_id = :story_id AND guild_id = :guild_id RETURNING *
"""

# What was changed again meanwhile stays to be done.
SHOWN = "UPDATE archive_posts SET stale = 0 WHERE story_id = :story_id AND guild_id = :guild_id AND stale = :stale"

TAKE_AWAY = "INSERT OR IGNORE INTO gone_messages (channel_id, message_id) VALUES (:channel_id, :message_id)"

# A post that is gone from Discord needs not be taken away there.
LOST = (
    "DELETE FROM archive_posts WHERE channel_id = :channel_id AND message_id = :message_id",
    "DELETE FROM gone_messages WHERE channel_id = :channel_id AND message_id = :message_id",
)
