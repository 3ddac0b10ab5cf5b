-- field_cases_open: open incidents about fields, oldest first. in: subjects (array of kind:ref:field). out: id
SELECT id FROM incident
WHERE state = 'open' AND kind = 'ownership_violation' AND subject_kind = 'field'
    AND subject_id = ANY(%(subjects)b::text[]) ORDER BY raised_at, id
