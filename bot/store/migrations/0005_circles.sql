-- Revises: 0004
-- Date: 2026-11-28
-- Reason: people of a server tell stories together, in turns, with deadlines and votes that outlive a restart

-- One row for each story that is or was told together; the story itself belongs to nobody (owner_id 0).
CREATE TABLE circles (
    story_id INTEGER PRIMARY KEY REFERENCES stories (id) ON DELETE CASCADE,
    guild_id INTEGER NOT NULL,
    -- Where it is told: a thread, or the channel itself.
    channel_id INTEGER NOT NULL,
    -- Where the command was typed, so that commands typed there again find it.
    begun_in INTEGER NOT NULL,
    -- Whoever began it; 0 where that person is forgotten.
    starter_id INTEGER NOT NULL,
    turn_order TEXT NOT NULL CHECK (turn_order IN ('anyone', 'no_double_turns', 'round_robin')),
    turn_seconds INTEGER NOT NULL CHECK (turn_seconds > 0),
    passages_wanted INTEGER NOT NULL CHECK (passages_wanted > 0),
    bot_part TEXT NOT NULL CHECK (bot_part IN ('between', 'asked')),
    votes INTEGER NOT NULL CHECK (votes IN (0, 1)),
    phase TEXT NOT NULL CHECK (phase IN ('turn', 'writing', 'voting', 'resting', 'ended')),
    -- Counts whatever changes who may do what, so that an old form or button is known for what it is.
    turn INTEGER NOT NULL,
    turn_user_id INTEGER,
    -- The seat of whoever had the turn last; it stays when that person leaves.
    turn_seat INTEGER NOT NULL,
    -- 0: the bot, or somebody who is forgotten.
    last_writer_id INTEGER,
    -- Turns in a row that ended without a passage because the time was over.
    slept INTEGER NOT NULL DEFAULT 0,
    passages_told INTEGER NOT NULL,
    -- The end of the story as it was agreed on. No foreign key: passages only go with their story.
    tip_id INTEGER NOT NULL,
    -- The passages that are voted on, in their order.
    candidates TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(candidates)),
    -- UTC seconds; NULL where nothing is waited for.
    deadline INTEGER,
    -- The message with the controls, and the turn that it shows: another one is still to be shown.
    message_id INTEGER,
    shown_turn INTEGER NOT NULL DEFAULT 0,
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    CHECK ((phase = 'ended') = (ended_at IS NOT NULL))
) STRICT;

CREATE INDEX circles_by_deadline ON circles (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX circles_by_channel ON circles (channel_id);
CREATE INDEX circles_by_beginning ON circles (begun_in);
CREATE INDEX circles_by_starter ON circles (starter_id);

CREATE TABLE circle_members (
    story_id INTEGER NOT NULL REFERENCES circles (story_id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL,
    -- Whoever comes later sits further on.
    seat INTEGER NOT NULL,
    PRIMARY KEY (story_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX circle_members_by_user ON circle_members (user_id);

-- Votes are there only while a vote is open.
CREATE TABLE circle_votes (
    story_id INTEGER NOT NULL REFERENCES circles (story_id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL,
    passage_id INTEGER NOT NULL,
    -- Which vote came first: that decides a tie.
    place INTEGER NOT NULL,
    PRIMARY KEY (story_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX circle_votes_by_user ON circle_votes (user_id);
