-- division_history: what was changed of a division, newest first. in: ref, most
-- out: version, at, who, kind, reason, changes (JSON text)
SELECT version, at, who, kind, reason, changes::text AS changes
FROM division_change WHERE division_ref = %(ref)s ORDER BY version DESC LIMIT %(most)s
