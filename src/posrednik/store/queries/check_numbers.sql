-- check_numbers: must be true: a number of a message and a key of a request are kept once. The locks of the base and of the
-- key see to it, no constraint does: it would have to name the month. out: subject, what
SELECT 'message ' || number || ' of base ' || base_id || ', epoch ' || epoch_no AS subject, 'taken ' || count(*) || ' times' AS what
FROM inbox GROUP BY base_id, epoch_no, number HAVING count(*) > 1
UNION ALL
SELECT 'key of ' || principal, 'kept ' || count(*) || ' times' FROM idempotency GROUP BY principal, key HAVING count(*) > 1
LIMIT 20
