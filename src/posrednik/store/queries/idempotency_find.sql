-- idempotency_find: the kept answer of a key. in: principal, key. out: request_hash, status, answer
-- A statement of its own after idempotency_lock, so that a first request that has just committed is seen.
SELECT request_hash, status, answer FROM idempotency WHERE principal = %(principal)s AND key = %(key)s
