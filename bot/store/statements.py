"""The longer SQL statements of the store. Values only ever come in as parameters."""

PATH_TO = """
WITH RECURSIVE path (id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM passages WHERE id = :id
    UNION ALL
    SELECT passages.id, passages.parent_id, depth + 1 FROM passages JOIN path ON passages.id = path.parent_id
)
SELECT passages.* FROM path JOIN passages USING (id) ORDER BY depth DESC
"""

ADD_STORY = """
INSERT INTO stories (
    owner_id, guild_id, channel_id, genre, title, title_origin, titled_by, private, created_at, updated_at
)
VALUES (
    :owner_id, :guild_id, :channel_id, :genre, :title, iif(:title = '', 'text', 'typed'),
    iif(:title = '', NULL, :owner_id), :private, :now, :now
) RETURNING *
"""

ADD_PERSONS = """
INSERT INTO passages (story_id, parent_id, author, user_id, text, state, created_at, finished_at)
VALUES (:story_id, :parent_id, 'person', :user_id, :text, 'done', :now, :now) RETURNING *
"""

ADD_MODELS = """
INSERT INTO passages (story_id, parent_id, author, user_id, state, options, seed, model, shard, created_at)
VALUES (:story_id, :parent_id, 'model', :user_id, 'waiting', :options, :seed, :model, :shard, :now) RETURNING *
"""

FINISH = """
UPDATE passages SET text = :text, state = :state, finished_at = :now, seed = coalesce(:seed, seed),
    model = coalesce(:model, model), options = coalesce(:options, options), finish_reason = :finish_reason,
    prompt_tokens = :prompt_tokens, new_tokens = :new_tokens, prompt_was_cut = :prompt_was_cut,
    waiting_seconds = :waiting_seconds, writing_seconds = :writing_seconds, rewritten = :rewritten
WHERE id = :id AND state = 'waiting' RETURNING *
"""

# A title that somebody typed, perhaps a moment ago, stays; one of first words follows where they are others now.
FOLLOW = """
UPDATE stories SET updated_at = :now, head_id = iif(:has_text, :passage_id, head_id),
    (title, title_origin) = (
        SELECT iif(wanted, :title, title), iif(wanted AND :title != '', :title_origin, title_origin)
        FROM (
            SELECT title = '' OR (
                :has_text AND title_origin != 'typed' AND (
                    :retitle OR ('text' = title_origin AND 'text' = :title_origin AND NOT same_beginning(title, :title))
                )
            ) AS wanted
        )
    )
WHERE id = :story_id RETURNING *
"""

SAVE_OVERRIDES = """
INSERT INTO user_settings (user_id, overrides, updated_at) VALUES (:user_id, :overrides, :now)
ON CONFLICT (user_id) DO UPDATE
SET overrides = json_patch(overrides, excluded.overrides), updated_at = excluded.updated_at
"""

COUNTS = """
SELECT count(DISTINCT nullif(owner_id, 0)) AS people, count(*) AS stories, (SELECT count(*) FROM passages) AS passages
FROM stories
"""

SET_HEAD = "UPDATE stories SET head_id = :head_id WHERE id = :id RETURNING *"

SET_MESSAGE = "UPDATE passages SET channel_id = :channel_id, message_id = :message_id WHERE id = :id"

RESET_OVERRIDES = """
UPDATE user_settings SET overrides = json_patch(overrides, :gone), updated_at = :now WHERE user_id = :user_id
"""

SET_META = "INSERT INTO meta VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"

# Is written to the disk all the same, so that a full or read-only one is noticed.
CHANGE_NOTHING = "UPDATE meta SET value = value"

DELETE_UNTOUCHED = """
DELETE FROM stories WHERE id IN (
    SELECT id FROM stories WHERE updated_at < :before
        AND NOT EXISTS (SELECT 1 FROM passages WHERE story_id = stories.id AND state = 'waiting')
        AND NOT (:spare_loved AND EXISTS (SELECT 1 FROM hearts WHERE story_id = stories.id))
        AND NOT (:spare_shared AND EXISTS (SELECT 1 FROM shares WHERE story_id = stories.id))
    LIMIT :at_most
) RETURNING id
"""
