-- waiting_for_value: objects of a kind that wait for this one, which one of their fields names. in: base_id, kind, needed_kind,
-- needed_ref, limit. out: as waiting_release
SELECT w.kind, w.ref, w.version, w.hash, w.epoch_no, w.number, w.idx, w.deleted, w.posted, w.event_id, w.data::text AS data
FROM waiting_need n JOIN waiting_object w ON w.base_id = n.base_id AND w.kind = n.kind AND w.ref = n.ref
WHERE n.base_id = %(base_id)s AND n.needed_kind = %(needed_kind)s AND n.needed_ref = %(needed_ref)s AND n.kind = %(kind)s
ORDER BY w.epoch_no, w.number, w.idx LIMIT %(limit)s
