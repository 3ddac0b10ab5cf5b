-- division_save: a division's row and the line of its history. in: the columns of division_setting; kind, who, reason,
-- at, history (JSON text). Runs under division_lock.
WITH kept AS (
    UPDATE division_setting SET version = %(version)s, mode = %(mode)s, mode_at = %(mode_at)s, mode_by = %(mode_by)s,
        quiet_since = %(quiet_since)s, pilot_couriers = %(pilot_couriers)s, changes = %(changes)s::jsonb
    WHERE division_ref = %(ref)s RETURNING division_ref, version
)
INSERT INTO division_change (division_ref, version, at, who, kind, reason, changes)
SELECT division_ref, version, %(at)s, %(who)s, %(kind)s, %(reason)s, %(history)s::jsonb FROM kept
