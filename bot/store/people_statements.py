"""The longer SQL statements about a person: what is stored of them, and how it goes."""

SAVE_PRESET = """
INSERT INTO presets (user_id, name, folded_name, overrides, updated_at)
VALUES (:user_id, :name, :folded_name, :overrides, :now)
ON CONFLICT (user_id, folded_name) DO UPDATE
SET name = excluded.name, overrides = excluded.overrides, updated_at = excluded.updated_at
"""

WITHOUT_HISTORY = """
INSERT INTO without_history (user_id, since) VALUES (:user_id, :now) ON CONFLICT (user_id) DO NOTHING
"""

DELETE_OTHERS = """
DELETE FROM stories WHERE owner_id = :user_id AND id IS NOT :but
    AND NOT EXISTS (SELECT 1 FROM passages WHERE story_id = stories.id AND state = 'waiting')
RETURNING id
"""

_ELSEWHERE = "user_id = :user_id AND story_id NOT IN (SELECT id FROM stories WHERE owner_id = :user_id)"
# A person typed their own passages, and changed with their own words what is edited.
_TYPED = "(author = 'person' OR edited = 1)"

SUMMARY = f"""
SELECT
    (SELECT count(*) FROM stories WHERE owner_id = :user_id) AS stories,
    (SELECT min(created_at) FROM stories WHERE owner_id = :user_id) AS oldest,
    (SELECT count(*) FROM hearts WHERE user_id = :user_id) AS hearts_given,
    (SELECT count(*) FROM reports WHERE reporter_id = :user_id) AS reports,
    (
        SELECT count(*) FROM circles
        WHERE starter_id = :user_id OR story_id IN (SELECT story_id FROM circle_members WHERE user_id = :user_id)
    ) AS circles,
    (SELECT count(*) FROM presets WHERE user_id = :user_id) AS presets,
    (SELECT count(*) FROM server_blocks WHERE user_id = :user_id) AS blocks,
    (SELECT count(*) FROM server_changes WHERE user_id = :user_id) AS server_changes,
    (SELECT count(*) FROM recent_tellings WHERE user_id = :user_id AND told_at > unixepoch() - 3600) AS recent_tellings,
    (SELECT count(*) FROM without_history WHERE user_id = :user_id) = 0 AS keeps_history,
    (
        SELECT count(*) FROM user_settings, json_each(user_settings.overrides) WHERE user_id = :user_id
    ) AS saved_options,
    (SELECT coalesce(sum(word_count(text)), 0) FROM passages WHERE {_ELSEWHERE} AND {_TYPED}) AS words_in_others,
    (SELECT count(*) FROM archive_posts JOIN stories ON stories.id = story_id WHERE owner_id = :user_id) AS archived,
    (
        SELECT count(*) FROM withdrawn_stories JOIN stories ON stories.id = story_id WHERE owner_id = :user_id
    ) AS withdrawn,
    (SELECT count(*) FROM server_changes WHERE user_id = :user_id) AS decisions,
    count(passages.id) AS passages, coalesce(sum(word_count(passages.text)), 0) AS words
FROM stories JOIN passages ON passages.story_id = stories.id WHERE owner_id = :user_id
"""  # noqa: S608 - put together from constants

ELSEWHERE = f"SELECT * FROM passages WHERE {_ELSEWHERE} ORDER BY id"  # noqa: S608 - likewise

PASSAGES_OF_OWN = """
SELECT passages.* FROM stories JOIN passages ON passages.story_id = stories.id WHERE owner_id = :user_id
ORDER BY passages.id
"""

TITLES_ELSEWHERE = """
SELECT id, title FROM stories WHERE titled_by = :user_id AND owner_id != :user_id ORDER BY id
"""

# Who blocked them is somebody else's.
BLOCKS = "SELECT guild_id, user_id, reason, created_at FROM server_blocks WHERE user_id = :user_id ORDER BY guild_id"

CHANGES = "SELECT * FROM server_changes WHERE user_id = :user_id ORDER BY id"

CHANGES_ABOUT = """
SELECT id, guild_id, what, details, created_at FROM server_changes
WHERE details ->> '$.person' = :user_id AND user_id != :user_id ORDER BY id
"""

SERVERS_LEFT = """
SELECT count(*) FROM (
    SELECT guild_id FROM server_blocks WHERE user_id = :user_id
    UNION SELECT guild_id FROM recent_tellings WHERE user_id = :user_id
)
"""

DROP_OLD_TELLINGS = "DELETE FROM recent_tellings WHERE told_at <= unixepoch() - 3600"
# Those of their stories, and those that they put up of others.
ARCHIVE_POSTS = """
SELECT * FROM archive_posts
WHERE user_id = :user_id OR story_id IN (SELECT id FROM stories WHERE owner_id = :user_id) ORDER BY story_id
"""

# Which of their stories servers have taken out, without who decided that.
WITHDRAWN = """
SELECT story_id, guild_id, why, told, created_at FROM withdrawn_stories
WHERE story_id IN (SELECT id FROM stories WHERE owner_id = :user_id) ORDER BY story_id, guild_id
"""

# Theirs, as they wrote them: who decided on them is not their matter.
REPORTS = """
SELECT id, story_id, passage_id, guild_id, reason, state, created_at, decided_at FROM reports
WHERE reporter_id = :user_id ORDER BY id
"""

# The statements of forgetting, in order; each takes :user_id. The person's own stories are gone before.
UNTITLE = f"""
UPDATE stories SET title = '', title_origin = 'text', titled_by = NULL
WHERE titled_by = :user_id OR (
    title_origin != 'typed' AND id IN (SELECT story_id FROM passages WHERE user_id = :user_id AND {_TYPED})
)
"""  # noqa: S608 - likewise

TAKE_WORDS_BACK = f"UPDATE passages SET text = '' WHERE user_id = :user_id AND {_TYPED}"  # noqa: S608 - likewise

LEAVE_NO_NAME = (
    DROP_OLD_TELLINGS,
    "UPDATE stories SET titled_by = 0 WHERE titled_by = :user_id",
    "DELETE FROM hearts WHERE user_id = :user_id",
    "DELETE FROM shares WHERE user_id = :user_id",
    "DELETE FROM reports WHERE reporter_id = :user_id",
    "DELETE FROM presets WHERE user_id = :user_id",
    "DELETE FROM user_settings WHERE user_id = :user_id",
    "DELETE FROM without_history WHERE user_id = :user_id",
    # A block holds on, and so does what counts against a limit for an hour: or deleting would be the way round them.
    "UPDATE server_blocks SET reason = '' WHERE user_id = :user_id",
    "UPDATE server_blocks SET blocked_by = 0 WHERE blocked_by = :user_id",
    "UPDATE server_changes SET user_id = 0 WHERE user_id = :user_id",
    """
    UPDATE server_changes SET details = json_remove(json_set(details, '$.person', 0), '$.reason')
    WHERE details ->> '$.person' = :user_id
    """,
    "UPDATE archive_posts SET user_id = 0 WHERE user_id = :user_id",
    # What was decided holds on; that it was they is forgotten, and in a purge whose stories it was about.
    "UPDATE withdrawn_stories SET decided_by = 0 WHERE decided_by = :user_id",
    "UPDATE reports SET decided_by = 0 WHERE decided_by = :user_id",
)

_ASKED_FOR = "passage_id IN (SELECT id FROM passages WHERE user_id = :user_id)"
# Without the token: whoever has it could write in the bot's name.
OPEN_ANSWERS = f"SELECT passage_id, message_id, before_id, created_at FROM open_answers WHERE {_ASKED_FOR}"  # noqa: S608 - likewise
CLOSE_ANSWERS = f"DELETE FROM open_answers WHERE {_ASKED_FOR}"  # noqa: S608 - likewise
