-- idempotency_lock: the right to work on a key now; ends with the transaction. in: principal, key. out: mine
SELECT pg_try_advisory_xact_lock(hashtextextended(%(principal)s || chr(10) || %(key)s, 0)) AS mine
