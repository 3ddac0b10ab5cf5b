-- slice_listed: how many objects of the last comparison of a slice differ, whole or of one part. in: base_id, kind, slice, run_id,
-- part (null = whole), differing
UPDATE slice_check SET differing = CASE WHEN %(part)s::text IS NULL THEN %(differing)s ELSE coalesce(differing, 0) + %(differing)s END,
    unlisted = array_remove(unlisted, %(part)s::text)
WHERE id = (SELECT max(id) FROM slice_check WHERE base_id = %(base_id)s AND kind = %(kind)s AND slice = %(slice)s
        AND run_id IS NOT DISTINCT FROM %(run_id)s::uuid AND equal IS NOT NULL)
    AND NOT equal AND (%(part)s::text IS NULL OR %(part)s = ANY(unlisted))
