-- waiting_release: these objects have come; take out what waited for nothing else. in: base_id; arrays kinds, refs
-- out: kind, ref, version, hash, epoch_no, number, idx, deleted, posted, event_id, data (text)
WITH come AS (
    DELETE FROM waiting_need n USING unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref)
    WHERE n.base_id = %(base_id)s AND n.needed_kind = u.kind AND n.needed_ref = u.ref
    RETURNING n.kind, n.ref, n.needed_kind, n.needed_ref
), free AS (
    SELECT DISTINCT c.kind, c.ref FROM come c
    WHERE NOT EXISTS (
        SELECT 1 FROM waiting_need n
        WHERE n.base_id = %(base_id)s AND n.kind = c.kind AND n.ref = c.ref
            AND NOT EXISTS (SELECT 1 FROM come x WHERE x.kind = n.kind AND x.ref = n.ref
                AND x.needed_kind = n.needed_kind AND x.needed_ref = n.needed_ref))
)
SELECT w.kind, w.ref, w.version, w.hash, w.epoch_no, w.number, w.idx, w.deleted, w.posted, w.event_id, w.data::text AS data
FROM free f JOIN waiting_object w ON w.base_id = %(base_id)s AND w.kind = f.kind AND w.ref = f.ref
ORDER BY w.epoch_no, w.number, w.idx
