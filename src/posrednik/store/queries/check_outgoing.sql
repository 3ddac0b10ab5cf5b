-- check_outgoing: must be true: events given to a base are numbered without a gap, but for those skipped on purpose. out: subject, what
SELECT 'base ' || c.base_id AS subject, 'last number ' || c.last_number || ', skipped ' || c.skipped || ', events ' || o.n AS what
FROM outgoing_counter c CROSS JOIN LATERAL (SELECT count(*) AS n FROM outgoing o WHERE o.base_id = c.base_id) o
WHERE c.last_number <> o.n + c.skipped LIMIT 20
