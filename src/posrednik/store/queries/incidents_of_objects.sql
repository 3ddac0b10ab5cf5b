-- incidents_of_objects: open incidents about objects of a base, of the objects named, locked in one order. in: base_id, subjects
-- (array). out: id, subject_id
SELECT id, subject_id FROM incident
WHERE state = 'open' AND kind = 'does_not_agree' AND subject_kind = 'object' AND base_id = %(base_id)s
    AND subject_id = ANY(%(subjects)s)
ORDER BY subject_id FOR UPDATE
