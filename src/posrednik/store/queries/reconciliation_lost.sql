-- reconciliation_lost: objects that a run did not find in the base, that have not come since and that no person knows of: no
-- open incident, none that a person has decided after their last change. in: run_id, limit
-- out: kind, ref, changed_at, number, division, name, epoch_no, message (number of the message that brought it)
SELECT f.kind, f.ref, m.changed_at, m.data ->> 'number' AS number, m.data ->> 'division' AS division, m.data ->> 'name' AS name,
    m.epoch_no, m.number AS message
FROM reconciliation_found f
JOIN reconciliation r ON r.id = f.run_id
JOIN mirror m ON m.base_id = r.base_id AND m.kind = f.kind AND m.ref = f.ref AND NOT m.deleted
WHERE f.run_id = %(run_id)s AND f.what = 'missing_there' AND f.repaired_at IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM incident i
        WHERE i.subject_kind = 'object' AND i.subject_id = f.kind || ':' || f.ref AND i.kind = 'does_not_agree' AND i.base_id = r.base_id
            AND (i.state = 'open' OR (i.doc ->> 'decided_by' <> '1С' AND (i.doc ->> 'decided_at')::timestamptz >= m.changed_at)))
ORDER BY f.kind, f.ref LIMIT %(limit)s
