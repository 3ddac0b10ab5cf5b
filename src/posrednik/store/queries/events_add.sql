-- events_add: what happened, in the order it happened. in: arrays ids, types, subject_kinds, subject_ids, versions,
-- occurred_ats, actors, division_refs, trials, base_ids, cause_bases, order_refs, datas,
-- publisheds (false: the division is in shadow or off, so subscribers never see it, not by the feed either)
INSERT INTO event (id, type, subject_kind, subject_id, version, occurred_at, actor, division_ref, trial, base_id,
    cause_base, order_ref, data, published)
SELECT u.id, u.type, u.subject_kind, u.subject_id, u.version, u.occurred_at, u.actor::jsonb, u.division_ref, u.trial,
    u.base_id, u.cause_base, u.order_ref, u.data::json, u.published
FROM unnest(%(ids)b::uuid[], %(types)b::text[], %(subject_kinds)b::text[], %(subject_ids)b::text[], %(versions)b::bigint[],
    %(occurred_ats)b::timestamptz[], %(actors)b::text[], %(division_refs)b::text[], %(trials)b::bool[],
    %(base_ids)b::uuid[], %(cause_bases)b::uuid[], %(order_refs)b::uuid[], %(datas)b::text[], %(publisheds)b::bool[]) WITH ORDINALITY
    AS u (id, type, subject_kind, subject_id, version, occurred_at, actor, division_ref, trial, base_id, cause_base,
        order_ref, data, published, n)
ORDER BY u.n
