-- check_versions: must be true: a delivery has exactly one event a version. out: subject, what
SELECT 'delivery ' || d.id AS subject, 'version ' || d.version || ', events ' || e.n AS what
FROM delivery d CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM event e WHERE e.subject_kind = 'delivery' AND e.subject_id = d.id::text) e
WHERE d.changed_at > now() - interval '2 days' AND d.version <> e.n LIMIT 20
