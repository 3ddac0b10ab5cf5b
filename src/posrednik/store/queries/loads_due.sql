-- loads_due: loads that nobody reads although they should be read. in: bases (array). out: id, base_id
SELECT id, base_id FROM load
WHERE state = 'running' AND base_id = ANY(%(bases)s::uuid[]) AND (runner IS NULL OR lease_until < now())
