-- objects_untold: of these objects those that no person knows to be missing in the base: no open incident, none that a person has
-- decided after their last change. in: base_id; arrays kinds, refs
-- out: kind, ref, changed_at, number, division, name, epoch_no, message (number of the message that brought it)
SELECT m.kind, m.ref, m.changed_at, m.data ->> 'number' AS number, m.data ->> 'division' AS division, m.data ->> 'name' AS name,
    m.epoch_no, m.number AS message
FROM unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref)
JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = u.kind AND m.ref = u.ref AND NOT m.deleted
WHERE NOT EXISTS (
    SELECT 1 FROM incident i
    WHERE i.subject_kind = 'object' AND i.subject_id = u.kind || ':' || u.ref AND i.kind = 'does_not_agree' AND i.base_id = %(base_id)s
        AND (i.state = 'open' OR (i.doc ->> 'decided_by' <> %(onec)s AND (i.doc ->> 'decided_at')::timestamptz >= m.changed_at)))
ORDER BY m.kind, m.ref
