"""The longer SQL statements about what those who run a server decide."""

# One row whether or not there are rules, so that one look tells all.
STANDING = """
SELECT server_rules.*, EXISTS (
    SELECT 1 FROM server_blocks WHERE guild_id = :guild_id AND user_id = :user_id
) AS blocked
FROM (SELECT 1) LEFT JOIN server_rules ON server_rules.guild_id = :guild_id
"""

SAVE_RULES = """
INSERT INTO server_rules (
    guild_id, channel_mode, channels, teller_roles, admin_roles, limits, role_limits, overrides, updated_at
)
VALUES (
    :guild_id, :channel_mode, :channels, :teller_roles, :admin_roles, :limits, :role_limits, :overrides, :now
)
ON CONFLICT (guild_id) DO UPDATE SET channel_mode = excluded.channel_mode, channels = excluded.channels,
    teller_roles = excluded.teller_roles, admin_roles = excluded.admin_roles, limits = excluded.limits,
    role_limits = excluded.role_limits, overrides = excluded.overrides, updated_at = excluded.updated_at
"""

BLOCK = """
INSERT INTO server_blocks (guild_id, user_id, reason, blocked_by, created_at)
VALUES (:guild_id, :user_id, :reason, :blocked_by, :now)
ON CONFLICT (guild_id, user_id) DO UPDATE
SET reason = excluded.reason, blocked_by = excluded.blocked_by, created_at = excluded.created_at
"""

UNBLOCK = "DELETE FROM server_blocks WHERE guild_id = :guild_id AND user_id = :user_id RETURNING user_id"

BLOCKS = "SELECT * FROM server_blocks WHERE guild_id = :guild_id ORDER BY created_at DESC, user_id LIMIT :limit"

TOLD_AT = """
SELECT told_at FROM recent_tellings
WHERE guild_id = :guild_id AND user_id = :user_id AND told_at > :since ORDER BY told_at DESC
"""

COUNT_TELLING = """
INSERT INTO recent_tellings (passage_id, guild_id, user_id, told_at) VALUES (:passage_id, :guild_id, :user_id, :now)
"""

DROP_OLD_TELLINGS = "DELETE FROM recent_tellings WHERE told_at <= :since"
