-- Revises: an empty database
-- Date: 2026-11-22
-- Reason: stories as trees of passages, people's settings, and what the program remembers about itself

-- AUTOINCREMENT in both: an old button must never reach a newer story that got the id of a deleted one.
CREATE TABLE stories (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id INTEGER NOT NULL,
    guild_id INTEGER,
    channel_id INTEGER NOT NULL,
    genre TEXT NOT NULL,
    title TEXT NOT NULL,
    head_id INTEGER REFERENCES passages (id) ON DELETE SET NULL,
    private INTEGER NOT NULL CHECK (private IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    story_id INTEGER NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
    parent_id INTEGER,
    author TEXT NOT NULL CHECK (author IN ('person', 'model')),
    user_id INTEGER NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'stopped', 'failed')),
    options TEXT CHECK (options IS NULL OR json_valid(options)),
    seed INTEGER,
    model TEXT,
    finish_reason TEXT,
    prompt_tokens INTEGER,
    new_tokens INTEGER,
    prompt_was_cut INTEGER NOT NULL DEFAULT 0 CHECK (prompt_was_cut IN (0, 1)),
    waiting_seconds REAL,
    writing_seconds REAL,
    channel_id INTEGER,
    message_id INTEGER,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    UNIQUE (story_id, id),
    -- A parent is a passage of the same story. No cascade: SQLite gives up on one that is 1,000 passages deep,
    -- and a story's passages go together by story_id.
    FOREIGN KEY (story_id, parent_id) REFERENCES passages (story_id, id),
    CHECK ((state = 'waiting') = (finished_at IS NULL))
) STRICT;

CREATE TABLE user_settings (
    user_id INTEGER PRIMARY KEY,
    overrides TEXT NOT NULL CHECK (json_valid(overrides)),
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX stories_by_owner ON stories (owner_id, updated_at, id);
-- The first is for the foreign key: without it each deleted passage reads all stories.
CREATE INDEX stories_by_head ON stories (head_id);
CREATE INDEX passages_by_parent ON passages (story_id, parent_id);
CREATE INDEX passages_waiting ON passages (id) WHERE state = 'waiting';
