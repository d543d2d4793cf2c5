"""The longer SQL statements about a story's tree."""

# Each passage on the way to :id points to the next one on it.
CHOOSE_PATH = """
WITH RECURSIVE path (id, child_id) AS (
    SELECT parent_id, id FROM passages WHERE id = :id
    UNION ALL
    SELECT passages.parent_id, passages.id FROM passages JOIN path ON passages.id = path.id
)
UPDATE passages SET chosen_child_id = path.child_id FROM path
WHERE passages.id = path.id AND passages.chosen_child_id IS NOT path.child_id
"""

MOVE_HEAD = "UPDATE stories SET head_id = :id, updated_at = :now WHERE id = :story_id RETURNING *"

VERSIONS_OF = """
SELECT * FROM passages
WHERE story_id = :story_id AND parent_id IS :parent_id AND author = :author AND (text != '' OR id = :id)
ORDER BY id
"""

# The chosen one, else the newest; one without text (its person was forgotten) only where others stand below it.
CHILD_OF = """
SELECT * FROM passages AS child
WHERE story_id = :story_id AND parent_id = :id AND (
    text != '' OR EXISTS (SELECT 1 FROM passages WHERE story_id = :story_id AND parent_id = child.id)
)
ORDER BY text != '' DESC, id = :chosen_id DESC, id DESC LIMIT 1
"""

WAITING_IN = "SELECT id FROM passages WHERE story_id = :story_id AND state = 'waiting' LIMIT 1"

# A copy: everything but its place in the tree, where it is shown and where it leads.
COPY_PASSAGE = """
INSERT INTO passages (
    story_id, parent_id, author, user_id, text, state, options, seed, model, finish_reason, prompt_tokens, new_tokens,
    prompt_was_cut, waiting_seconds, writing_seconds, created_at, finished_at, edited, rewritten
)
SELECT
    :story_id, :parent_id, author, user_id, text, state, options, seed, model, finish_reason, prompt_tokens, new_tokens,
    prompt_was_cut, waiting_seconds, writing_seconds, created_at, finished_at, edited, rewritten
FROM passages WHERE id = :id RETURNING id
"""

REPLACE_TEXT = """
UPDATE passages SET text = :text, user_id = :user_id, edited = 1, state = iif(state = 'failed', 'done', state)
WHERE id = :id RETURNING *
"""

COPY_STORY = """
INSERT INTO stories (
    owner_id, guild_id, channel_id, genre, title, private, created_at, updated_at, memory, title_origin, titled_by,
    branched_from
)
SELECT :owner_id, :guild_id, :channel_id, genre, :title, :private, :now, :now, iif(owner_id = :owner_id, memory, ''),
    title_origin, titled_by, id
FROM stories WHERE id = :id RETURNING *
"""

RENAME = """
UPDATE stories SET title = :title, title_origin = 'typed', titled_by = owner_id, updated_at = :now
WHERE id = :id RETURNING *
"""

RETITLE = """
UPDATE stories SET title = :title
WHERE id = :id AND title_origin = 'text' AND (title = '' OR NOT same_beginning(title, :title)) RETURNING *
"""

SET_MEMORY = "UPDATE stories SET memory = :memory, updated_at = :now WHERE id = :id RETURNING *"

SET_GENRE = "UPDATE stories SET genre = :genre, updated_at = :now WHERE id = :id RETURNING *"

SET_PUBLIC = "UPDATE stories SET private = 0 WHERE id = :id RETURNING *"
