-- journal_add: lines of the journal other than attempts. in: arrays kinds, systems, outcomes, order_refs, event_ids, codes,
-- summaries, details (JSON text or null)
INSERT INTO journal (kind, system, outcome, order_ref, event_id, code, summary, detail)
SELECT u.kind, u.system, u.outcome, u.order_ref, u.event_id, u.code, u.summary, u.detail::json
FROM unnest(%(kinds)b::text[], %(systems)b::text[], %(outcomes)b::text[], %(order_refs)b::uuid[], %(event_ids)b::uuid[],
    %(codes)b::text[], %(summaries)b::text[], %(details)b::text[]) WITH ORDINALITY
    AS u (kind, system, outcome, order_ref, event_id, code, summary, detail, n)
ORDER BY u.n
