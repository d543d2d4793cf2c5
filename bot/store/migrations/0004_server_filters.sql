-- Revises: 0003
-- Date: 2026-11-28
-- Reason: a server may want some words in no story, and may be stricter than the bot; nothing in here is about a person

-- How strict a server is; whichever is not in here, as strict as the bot.
CREATE TABLE server_filters (
    guild_id INTEGER PRIMARY KEY,
    level TEXT NOT NULL CHECK (level IN ('off', 'adults', 'everyone', 'strict')),
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE server_filter_words (
    guild_id INTEGER NOT NULL,
    -- As the program keeps it: in lower case, with one space between its words.
    word TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (guild_id, word)
) STRICT, WITHOUT ROWID;
