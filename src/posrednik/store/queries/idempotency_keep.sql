-- idempotency_keep: in: principal, key, request_hash, status, answer
INSERT INTO idempotency (principal, key, request_hash, status, answer)
VALUES (%(principal)s, %(key)s, %(request_hash)s, %(status)s, %(answer)s)
