-- journal_search: lines of the journal, newest first. in: since, until; null = any: system, kind, outcomes, code,
-- order_refs, words (lower case), before_at and before_id (go on after this line); limit
-- out: id, at, kind, system, outcome, order_ref, order_number, event_id, attempt, duration_ms, code, summary
SELECT j.*, o.order_number FROM (
    SELECT id, at, kind, system, outcome, order_ref, event_id, attempt, duration_ms, code, summary FROM journal
    WHERE at >= %(since)s AND at < %(until)s
        AND (%(before_at)s::timestamptz IS NULL OR (at, id) < (%(before_at)s, %(before_id)s::bigint))
        AND (%(order_refs)s::uuid[] IS NULL OR order_ref = ANY(%(order_refs)s))
        AND (%(system)s::text IS NULL OR system = %(system)s)
        AND (%(kind)s::text IS NULL OR kind = %(kind)s)
        AND (%(outcomes)s::text[] IS NULL OR outcome = ANY(%(outcomes)s))
        AND (%(code)s::text IS NULL OR code = %(code)s AND code <> '')
        AND (%(words)s::text IS NULL OR strpos(lower(summary), %(words)s) > 0)
    ORDER BY at DESC, id DESC LIMIT %(limit)s) j
LEFT JOIN LATERAL (
    SELECT d.order_number FROM base b JOIN delivery d ON d.base_id = b.id AND d.order_ref = j.order_ref LIMIT 1) o ON true
ORDER BY j.at DESC, j.id DESC
