-- portal_method_note: what calls of one method cost. in: destination_id, method, calls, refused (both: more than before),
-- operating_s, reset_at, limit_s, learned_at (null = not told), last_code, last_at
INSERT INTO portal_method AS m (destination_id, method, calls, refused, operating_s, reset_at, limit_s, learned_at,
    last_code, last_at)
VALUES (%(destination_id)s, %(method)s, %(calls)s, %(refused)s, %(operating_s)s, %(reset_at)s, %(limit_s)s,
    %(learned_at)s, %(last_code)s, %(last_at)s)
ON CONFLICT (destination_id, method) DO UPDATE SET calls = m.calls + excluded.calls,
    refused = m.refused + excluded.refused, operating_s = coalesce(excluded.operating_s, m.operating_s),
    reset_at = coalesce(excluded.reset_at, m.reset_at),
    limit_s = CASE WHEN excluded.learned_at >= coalesce(m.learned_at, '-infinity') THEN excluded.limit_s ELSE m.limit_s END,
    learned_at = greatest(m.learned_at, excluded.learned_at),
    last_code = CASE WHEN excluded.last_at >= m.last_at THEN excluded.last_code ELSE m.last_code END,
    last_at = greatest(m.last_at, excluded.last_at)
