"""The longer SQL statements of the store. Values only ever come in as parameters."""

# fold is Python's str.casefold: SQLite's own lower() knows ASCII only. instr, unlike LIKE, has no signs to escape.
STORIES_OF = """
SELECT * FROM stories
WHERE owner_id = :user_id AND (
    :words = ''
    OR instr(fold(title), :words)
    OR EXISTS (
        SELECT 1 FROM passages
        WHERE story_id = stories.id AND parent_id IS NULL AND instr(fold(substr(text, 1, :depth)), :words)
    )
)
ORDER BY updated_at DESC, id DESC LIMIT :limit
"""

PATH_TO = """
WITH RECURSIVE path (id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM passages WHERE id = :id
    UNION ALL
    SELECT passages.id, passages.parent_id, depth + 1 FROM passages JOIN path ON passages.id = path.parent_id
)
SELECT passages.* FROM path JOIN passages USING (id) ORDER BY depth DESC
"""

ADD_STORY = """
INSERT INTO stories (owner_id, guild_id, channel_id, genre, title, private, created_at, updated_at)
VALUES (:owner_id, :guild_id, :channel_id, :genre, :title, :private, :now, :now) RETURNING *
"""

ADD_PERSONS = """
INSERT INTO passages (story_id, parent_id, author, user_id, text, state, created_at, finished_at)
VALUES (:story_id, :parent_id, 'person', :user_id, :text, 'done', :now, :now) RETURNING *
"""

ADD_MODELS = """
INSERT INTO passages (story_id, parent_id, author, user_id, state, options, seed, model, created_at)
VALUES (:story_id, :parent_id, 'model', :user_id, 'waiting', :options, :seed, :model, :now) RETURNING *
"""

FINISH = """
UPDATE passages SET text = :text, state = :state, finished_at = :now, seed = coalesce(:seed, seed),
    model = coalesce(:model, model), finish_reason = :finish_reason, prompt_tokens = :prompt_tokens,
    new_tokens = :new_tokens, prompt_was_cut = :prompt_was_cut, waiting_seconds = :waiting_seconds,
    writing_seconds = :writing_seconds
WHERE id = :id AND state = 'waiting' RETURNING *
"""

FOLLOW = """
UPDATE stories SET updated_at = :now, title = iif(title = '' OR (:has_text AND :retitle), :title, title),
    head_id = iif(:has_text, :passage_id, head_id)
WHERE id = :story_id RETURNING *
"""

SAVE_OVERRIDES = """
INSERT INTO user_settings (user_id, overrides, updated_at) VALUES (:user_id, :overrides, :now)
ON CONFLICT (user_id) DO UPDATE
SET overrides = json_patch(overrides, excluded.overrides), updated_at = excluded.updated_at
"""

COUNTS = """
SELECT count(DISTINCT owner_id) AS people, count(*) AS stories, (SELECT count(*) FROM passages) AS passages
FROM stories
"""

SET_HEAD = "UPDATE stories SET head_id = :head_id WHERE id = :id RETURNING *"

CLOSE_UNFINISHED = "UPDATE passages SET state = 'failed', finished_at = :now WHERE state = 'waiting' RETURNING id"

SET_MESSAGE = "UPDATE passages SET channel_id = :channel_id, message_id = :message_id WHERE id = :id"

RESET_OVERRIDES = """
UPDATE user_settings SET overrides = json_patch(overrides, :gone), updated_at = :now WHERE user_id = :user_id
"""

SET_META = "INSERT INTO meta VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
