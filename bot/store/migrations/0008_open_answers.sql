-- Revises: 0007
-- Date: 2026-11-28
-- Reason: what a passage has shown while it was written outlives a crash, and the message that showed it is brought to
--         its end at the next start; and so that no command stays unanswered for ever

-- The messages in which passages grow; a row goes once its message shows the passage's end.
CREATE TABLE open_answers (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    -- Discord's key to the message, good for 15 minutes.
    token TEXT NOT NULL,
    -- The message where it is one of its own; NULL: the answer to the interaction itself.
    message_id INTEGER,
    -- The passage that the message showed before, where it was a Retry.
    before_id INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

-- Commands that are being worked on; a row goes with the answer.
CREATE TABLE open_commands (
    interaction_id INTEGER PRIMARY KEY,
    -- Discord's key to the answer, good for 15 minutes.
    token TEXT NOT NULL,
    -- Of the process that works on it, as in passages.
    shard INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
