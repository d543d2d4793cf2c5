-- Revises: 0005
-- Date: 2026-11-28
-- Reason: servers have an archive of stories, take stories out of their lists, and decide on reports

-- The channel or forum of a server in which stories are put up that their owners send there.
CREATE TABLE archives (
    guild_id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- A story as it stands in a server's archive: one post, as far as the passage with which it was sent last.
CREATE TABLE archive_posts (
    story_id INTEGER NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
    guild_id INTEGER NOT NULL,
    archive_id INTEGER NOT NULL,
    -- The channel that has the message: in a forum the post, which is a thread with a message of the same id.
    channel_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    passage_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    -- How often the story was changed since the post was brought up to date.
    stale INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (story_id, guild_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX archive_posts_stale ON archive_posts (story_id) WHERE stale > 0;
CREATE INDEX archive_posts_by_user ON archive_posts (user_id);

-- Messages that have to be taken away from Discord, since what they show is gone here; nothing about whose it was.
CREATE TABLE gone_messages (
    channel_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (channel_id, message_id)
) STRICT, WITHOUT ROWID;

-- Triggers, so that no statement can forget the archive: whatever deletes or changes a story is seen.
CREATE TRIGGER archive_post_went AFTER DELETE ON archive_posts
BEGIN
    INSERT OR IGNORE INTO gone_messages (channel_id, message_id) VALUES (old.channel_id, old.message_id);
END;

CREATE TRIGGER archived_story_changed AFTER UPDATE OF title, genre ON stories
WHEN old.title IS NOT new.title OR old.genre IS NOT new.genre
BEGIN
    UPDATE archive_posts SET stale = stale + 1 WHERE story_id = new.id;
END;

-- A passage that gets its first text is none that was sent.
CREATE TRIGGER archived_passage_changed AFTER UPDATE OF text, user_id ON passages
WHEN old.text != '' AND (old.text IS NOT new.text OR old.user_id IS NOT new.user_id)
BEGIN
    UPDATE archive_posts SET stale = stale + 1 WHERE story_id = new.story_id;
END;

-- Stories that a server has taken out of its lists; to their owners they stay.
CREATE TABLE withdrawn_stories (
    story_id INTEGER NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
    guild_id INTEGER NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('report', 'purge')),
    decided_by INTEGER NOT NULL,
    -- Whether the owner was told.
    told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (story_id, guild_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX withdrawn_stories_untold ON withdrawn_stories (story_id) WHERE told = 0;
CREATE INDEX withdrawn_stories_by_decider ON withdrawn_stories (decided_by);

-- What was being written while its story was taken out goes as soon as it is shown.
CREATE TRIGGER withdrawn_story_shown AFTER UPDATE OF message_id ON passages
WHEN new.message_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM withdrawn_stories JOIN stories ON stories.id = withdrawn_stories.story_id
    WHERE stories.id = new.story_id AND stories.channel_id = new.channel_id
        AND stories.guild_id = withdrawn_stories.guild_id
)
BEGIN
    INSERT OR IGNORE INTO gone_messages (channel_id, message_id) VALUES (new.channel_id, new.message_id);
END;

ALTER TABLE reports ADD COLUMN decided_by INTEGER;
ALTER TABLE reports ADD COLUMN decided_at INTEGER;

CREATE INDEX reports_open ON reports (guild_id, id) WHERE state = 'open';
CREATE INDEX reports_by_decider ON reports (decided_by) WHERE decided_by IS NOT NULL;
