"""The longer SQL statements about those who read other people's stories."""

# A story that people of a server may come across: told there or shared there, not private, with text.
_OF_SERVER = """
    private = 0 AND head_id IS NOT NULL AND id IN (
        SELECT id FROM stories WHERE guild_id = :guild_id AND private = 0
        UNION SELECT story_id FROM shares WHERE guild_id = :guild_id
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
SET guild_id = excluded.guild_id, reason = excluded.reason, state = 'open', created_at = excluded.created_at
RETURNING id
"""

OPEN_REPORTS = """
SELECT * FROM reports WHERE state = 'open' AND (:guild_id IS NULL OR guild_id = :guild_id)
ORDER BY created_at, id LIMIT :limit
"""

TOP = f"""
SELECT stories.*, count(*) AS given
FROM stories JOIN hearts ON hearts.story_id = stories.id AND hearts.created_at >= :since
WHERE {_OF_SERVER}
GROUP BY stories.id ORDER BY given DESC, stories.id DESC LIMIT :limit
"""  # noqa: S608 - put together from constants

RANDOM = f"SELECT * FROM stories WHERE {_OF_SERVER} ORDER BY random() LIMIT 1"  # noqa: S608 - likewise

RANDOM_OWN = """
SELECT * FROM stories WHERE id = (
    SELECT id FROM stories WHERE owner_id = :user_id AND head_id IS NOT NULL ORDER BY random() LIMIT 1
)
"""
