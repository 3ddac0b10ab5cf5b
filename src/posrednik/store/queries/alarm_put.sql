-- alarm_put: something is wrong (still). in: code, subject, since (null = since now, where it is new), facts (JSON text)
INSERT INTO alarm AS a (code, subject, since, seen_at, facts)
VALUES (%(code)s, %(subject)s, coalesce(%(since)s, now()), now(), %(facts)s::jsonb)
ON CONFLICT (code, subject) DO UPDATE SET seen_at = excluded.seen_at, facts = excluded.facts
