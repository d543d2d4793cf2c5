"""The longer SQL statements about those who read other people's stories."""

# A story that people of a server may come across: told or shared there, not private, with text, and not taken out of
# the server. What stands in its archive was shared there too.
IN_LISTS = """
    private = 0 AND head_id IS NOT NULL AND id IN (
        SELECT id FROM stories WHERE guild_id = :guild_id AND private = 0
        UNION SELECT story_id FROM shares WHERE guild_id = :guild_id
        EXCEPT SELECT story_id FROM withdrawn_stories WHERE guild_id = :guild_id
    )
"""

GIVE_HEART = """
INSERT INTO hearts (story_id, user_id, guild_id, created_at) VALUES (:story_id, :user_id, :guild_id, :now)
"""

ADD_SHARE = """
INSERT INTO shares (story_id, user_id, guild_id, channel_id, created_at)
VALUES (:story_id, :user_id, :guild_id, :channel_id, :now) RETURNING id
"""

REPORT = """
INSERT INTO reports (story_id, passage_id, reporter_id, guild_id, reason, created_at)
VALUES (:story_id, :passage_id, :reporter_id, :guild_id, :reason, :now)
ON CONFLICT (passage_id, reporter_id) DO UPDATE
SET guild_id = excluded.guild_id, reason = excluded.reason, state = 'open', created_at = excluded.created_at,
    decided_by = NULL, decided_at = NULL
RETURNING id
"""

OPEN_REPORTS = """
SELECT * FROM reports WHERE state = 'open' AND (:guild_id IS NULL OR guild_id = :guild_id)
ORDER BY created_at, id LIMIT :limit
"""

# Only what this server's people gave: what is loved elsewhere is no matter of this one.
TOP = f"""
SELECT stories.*, count(*) AS given
FROM stories JOIN hearts
    ON hearts.story_id = stories.id AND hearts.guild_id = :guild_id AND hearts.created_at >= :since
WHERE {IN_LISTS}
GROUP BY stories.id ORDER BY given DESC, stories.id DESC LIMIT :limit
"""  # noqa: S608 - put together from constants

NEWEST = f"""
SELECT * FROM stories WHERE {IN_LISTS} AND created_at >= :since ORDER BY created_at DESC, id DESC LIMIT :limit
"""  # noqa: S608 - likewise

RANDOM = f"SELECT * FROM stories WHERE {IN_LISTS} ORDER BY random() LIMIT 1"  # noqa: S608 - likewise

RANDOM_OWN = """
SELECT * FROM stories WHERE id = (
    SELECT id FROM stories WHERE owner_id = :user_id AND head_id IS NOT NULL ORDER BY random() LIMIT 1
)
"""
