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
    (SELECT count(*) FROM presets WHERE user_id = :user_id) AS presets,
    (SELECT count(*) FROM without_history WHERE user_id = :user_id) = 0 AS keeps_history,
    (
        SELECT count(*) FROM user_settings, json_each(user_settings.overrides) WHERE user_id = :user_id
    ) AS saved_options,
    (SELECT coalesce(sum(word_count(text)), 0) FROM passages WHERE {_ELSEWHERE} AND {_TYPED}) AS words_in_others,
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

# The statements of forgetting, in order; each takes :user_id. The person's own stories are gone before.
UNTITLE = f"""
UPDATE stories SET title = '', title_origin = 'text', titled_by = NULL
WHERE titled_by = :user_id OR (
    title_origin != 'typed' AND id IN (SELECT story_id FROM passages WHERE user_id = :user_id AND {_TYPED})
)
"""  # noqa: S608 - likewise

TAKE_WORDS_BACK = f"UPDATE passages SET text = '' WHERE user_id = :user_id AND {_TYPED}"  # noqa: S608 - likewise

LEAVE_NO_NAME = (
    "UPDATE stories SET titled_by = 0 WHERE titled_by = :user_id",
    "DELETE FROM hearts WHERE user_id = :user_id",
    "DELETE FROM shares WHERE user_id = :user_id",
    "DELETE FROM reports WHERE reporter_id = :user_id",
    "DELETE FROM presets WHERE user_id = :user_id",
    "DELETE FROM user_settings WHERE user_id = :user_id",
    "DELETE FROM without_history WHERE user_id = :user_id",
)

_ASKED_FOR = "passage_id IN (SELECT id FROM passages WHERE user_id = :user_id)"
# Without the token: whoever has it could write in the bot's name.
OPEN_ANSWERS = f"SELECT passage_id, message_id, before_id, created_at FROM open_answers WHERE {_ASKED_FOR}"  # noqa: S608 - likewise
CLOSE_ANSWERS = f"DELETE FROM open_answers WHERE {_ASKED_FOR}"  # noqa: S608 - likewise
