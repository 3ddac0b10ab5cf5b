-- attempts_journal: one row an attempt, in the transaction of its outcome.
-- in: system, arrays: ats, outcomes, order_refs, event_ids, attempts, durations (ms), codes, summaries, methods (null = the
-- message is all that the event has for this destination, or the main one)
INSERT INTO journal (at, kind, system, outcome, order_ref, event_id, attempt, duration_ms, code, summary, detail)
SELECT u.at, 'attempt', %(system)s, u.outcome, u.order_ref, u.event_id, u.attempt, u.duration_ms, u.code, u.summary,
    CASE WHEN u.method IS NOT NULL THEN json_build_object('method', u.method) END
FROM unnest(%(ats)b::timestamptz[], %(outcomes)b::text[], %(order_refs)b::uuid[], %(event_ids)b::uuid[],
    %(attempts)b::smallint[], %(durations)b::int[], %(codes)b::text[], %(summaries)b::text[], %(methods)b::text[])
    AS u (at, outcome, order_ref, event_id, attempt, duration_ms, code, summary, method)
