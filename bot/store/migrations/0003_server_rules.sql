-- Revises: 0002
-- Date: 2026-11-28
-- Reason: those who run a server say where, by whom and how much is told there, block people, and see who changed what

-- A server without a row has no rules. Lists are JSON arrays of Discord's numbers.
CREATE TABLE server_rules (
    guild_id INTEGER PRIMARY KEY,
    channel_mode TEXT NOT NULL CHECK (channel_mode IN ('everywhere', 'only', 'except')),
    channels TEXT NOT NULL CHECK (json_type(channels) = 'array'),
    -- Who may tell stories, everybody where it is empty; who may change these rules besides those with Manage Server.
    teller_roles TEXT NOT NULL CHECK (json_type(teller_roles) = 'array'),
    admin_roles TEXT NOT NULL CHECK (json_type(admin_roles) = 'array'),
    -- Of everybody, and of roles that may have more: an object of limits by the role's number.
    limits TEXT NOT NULL CHECK (json_type(limits) = 'object'),
    role_limits TEXT NOT NULL CHECK (json_type(role_limits) = 'object'),
    -- The server's sampling options, for whoever has none of their own.
    overrides TEXT NOT NULL CHECK (json_type(overrides) = 'object'),
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE server_blocks (
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    -- 0 where that person is forgotten.
    blocked_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (guild_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX server_blocks_by_user ON server_blocks (user_id);
CREATE INDEX server_blocks_by_blocker ON server_blocks (blocked_by);

-- Who changed what; kept for a while only.
CREATE TABLE server_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    -- Who did it; 0 where that person is forgotten.
    user_id INTEGER NOT NULL,
    what TEXT NOT NULL,
    details TEXT NOT NULL CHECK (json_valid(details)),
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX server_changes_by_guild ON server_changes (guild_id, id);
CREATE INDEX server_changes_by_user ON server_changes (user_id);
CREATE INDEX server_changes_by_time ON server_changes (created_at);

-- What counts against a server's limits on cooldown and passages an hour, and is of no use an hour later. Not read from
-- the passages: those go when their story is deleted, and deleting would be the way round the limit.
CREATE TABLE recent_tellings (
    passage_id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    told_at INTEGER NOT NULL
) STRICT;

CREATE INDEX recent_tellings_by_user ON recent_tellings (guild_id, user_id, told_at);
CREATE INDEX recent_tellings_by_time ON recent_tellings (told_at);

-- What failed, or was stopped before its first word, does not count. A trigger, so that no way to end can forget it.
CREATE TRIGGER recent_tellings_without_text AFTER UPDATE OF state ON passages
WHEN NEW.state = 'failed' OR (NEW.state = 'stopped' AND NEW.text = '')
BEGIN
    DELETE FROM recent_tellings WHERE passage_id = NEW.id;
END;
