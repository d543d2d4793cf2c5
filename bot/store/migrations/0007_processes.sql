-- Revises: 0006
-- Date: 2026-11-28
-- Reason: several processes of the bot may work on one file, and each ends only what it left unfinished itself

-- The lowest shard of the process that writes the passage.
ALTER TABLE passages ADD COLUMN shard INTEGER NOT NULL DEFAULT 0;
