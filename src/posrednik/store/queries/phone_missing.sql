-- phone_missing: numbers that a phone has given and that have not come. in: courier_ref, device, below (null = under its
-- greatest one), limit. out: seq
SELECT n AS seq FROM device d, generate_series(d.whole_to + 1, coalesce(%(below)s::bigint, d.last_seq) - 1) n
WHERE d.courier_ref = %(courier_ref)s AND d.device = %(device)s AND NOT EXISTS (
    SELECT 1 FROM courier_event e WHERE e.courier_ref = d.courier_ref AND e.device = d.device AND e.seq = n)
ORDER BY n LIMIT %(limit)s
