-- incidents_of_objects_any: whether a base has open incidents about its objects at all. in: base_id. out: a row if so
SELECT 1 AS one FROM incident
WHERE state = 'open' AND kind = 'does_not_agree' AND subject_kind = 'object' AND base_id = %(base_id)s LIMIT 1
