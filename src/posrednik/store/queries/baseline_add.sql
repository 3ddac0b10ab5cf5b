-- baseline_add: freeze one; it supersedes what its division had. in: division_ref, kind, first, last, p50_s, n, source, who,
-- why. out: id, made_at
INSERT INTO baseline (division_ref, kind, first_day, last_day, p50_s, n, source, who, why)
VALUES (%(division_ref)s, %(kind)s, %(first)s, %(last)s, %(p50_s)s, %(n)s, %(source)s, %(who)s, %(why)s)
RETURNING id, made_at
