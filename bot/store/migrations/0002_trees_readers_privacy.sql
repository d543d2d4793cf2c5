-- Revises: 0001
-- Date: 2026-11-23
-- Reason: people move about in a story's tree (undo, redo, versions, branches), edit it and keep facts for it; readers
--         give ♥, share and report; people have presets of their own, and choose whether a history is kept

ALTER TABLE stories ADD COLUMN memory TEXT NOT NULL DEFAULT '';
ALTER TABLE stories ADD COLUMN title_origin TEXT NOT NULL DEFAULT 'text'
    CHECK (title_origin IN ('text', 'model', 'typed'));
-- Who typed the title, so that it can be taken back: a branch keeps the title of somebody else.
ALTER TABLE stories ADD COLUMN titled_by INTEGER;
-- No foreign key: the story that it was branched from may be deleted, and this one stays.
ALTER TABLE stories ADD COLUMN branched_from INTEGER;

-- The child through which the head went last, for Redo; where it is NULL or gone, the newest one.
ALTER TABLE passages ADD COLUMN chosen_child_id INTEGER;
-- A person has changed the model's words.
ALTER TABLE passages ADD COLUMN edited INTEGER NOT NULL DEFAULT 0 CHECK (edited IN (0, 1));
-- The model's first try repeated itself, and this is the second.
ALTER TABLE passages ADD COLUMN rewritten INTEGER NOT NULL DEFAULT 0 CHECK (rewritten IN (0, 1));

-- Version 1 did not say where a title came from: one that is not how the story begins was typed.
UPDATE stories SET title_origin = 'typed', titled_by = owner_id
WHERE title != '' AND NOT EXISTS (
    SELECT 1 FROM passages
    WHERE story_id = stories.id AND parent_id IS NULL AND substr(
        trim(replace(text, char(10), ' ')), 1, length(rtrim(title, '…'))
    ) = substr(rtrim(title, '…'), 1, length(trim(text)))
);

CREATE INDEX passages_by_message ON passages (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX passages_by_user ON passages (user_id);
CREATE INDEX stories_by_guild ON stories (guild_id, updated_at) WHERE private = 0;
CREATE INDEX stories_by_titler ON stories (titled_by) WHERE titled_by IS NOT NULL;

-- What a search looks through: a story's title and first words without the difference of upper and lower case.
-- The program's own connection keeps it up to date (bot/store/searching.py).
CREATE TABLE searched_words (
    story_id INTEGER PRIMARY KEY REFERENCES stories (id) ON DELETE CASCADE,
    words TEXT NOT NULL
) STRICT;

CREATE TABLE hearts (
    story_id INTEGER NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL,
    guild_id INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (story_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hearts_by_user ON hearts (user_id);

-- Where a story was posted for others to read.
CREATE TABLE shares (
    id INTEGER PRIMARY KEY,
    story_id INTEGER NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL,
    guild_id INTEGER,
    channel_id INTEGER NOT NULL,
    message_id INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX shares_by_story ON shares (story_id);
CREATE INDEX shares_by_user ON shares (user_id);
CREATE INDEX shares_by_guild ON shares (guild_id, story_id);

CREATE TABLE reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    story_id INTEGER NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
    passage_id INTEGER NOT NULL,
    reporter_id INTEGER NOT NULL,
    guild_id INTEGER,
    reason TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'dismissed', 'upheld')),
    created_at INTEGER NOT NULL,
    -- One person reports a passage once; a second report replaces the first.
    UNIQUE (passage_id, reporter_id)
) STRICT;

CREATE INDEX reports_by_story ON reports (story_id);
CREATE INDEX reports_by_reporter ON reports (reporter_id);

CREATE TABLE presets (
    user_id INTEGER NOT NULL,
    -- As people type it; two that differ only in upper and lower case are one (the program compares with casefold).
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    overrides TEXT NOT NULL CHECK (json_valid(overrides)),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, folded_name)
) STRICT, WITHOUT ROWID;

-- People who want no history; whoever is not in here has one.
CREATE TABLE without_history (
    user_id INTEGER PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT;
