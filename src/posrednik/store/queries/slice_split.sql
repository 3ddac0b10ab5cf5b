-- slice_split: which parts of the last comparison of a slice differ and are to be listed. in: base_id, kind, slice, run_id, parts
UPDATE slice_check SET differing = 0, unlisted = %(parts)s::text[]
WHERE id = (SELECT max(id) FROM slice_check WHERE base_id = %(base_id)s AND kind = %(kind)s AND slice = %(slice)s
        AND run_id IS NOT DISTINCT FROM %(run_id)s::uuid AND equal IS NOT NULL)
    AND NOT equal
