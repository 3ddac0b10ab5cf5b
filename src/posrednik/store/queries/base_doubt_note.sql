-- base_doubt_note: how much of a doubt is left; null ends it. in: base_id, at (doubt_at as it was seen: a newer doubt stays), left (JSON
-- text of [[kind, slice, n]], or null). out: id if it was that doubt
UPDATE base SET doubt_left = %(left)s::jsonb,
    doubt_epoch_no = CASE WHEN %(left)s::text IS NULL THEN 0 ELSE doubt_epoch_no END,
    doubt_number = CASE WHEN %(left)s::text IS NULL THEN 0 ELSE doubt_number END,
    doubt_at = CASE WHEN %(left)s::text IS NOT NULL THEN doubt_at END,
    doubt_over_at = CASE WHEN %(left)s::text IS NULL THEN now() ELSE doubt_over_at END
WHERE id = %(base_id)s AND doubt_at = %(at)s RETURNING id
