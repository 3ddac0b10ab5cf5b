-- deliveries_put: new and changed deliveries. in: arrays ids, base_ids, order_refs, order_numbers, division_refs,
-- courier_refs, stages, on_boards, versions, trials, docs (JSON text), sorted by id
INSERT INTO delivery (id, base_id, order_ref, order_number, division_ref, courier_ref, stage, on_board, version, trial, doc)
SELECT u.id, u.base_id, u.order_ref, u.order_number, u.division_ref, u.courier_ref, u.stage, u.on_board, u.version,
    u.trial, u.doc::jsonb
FROM unnest(%(ids)b::uuid[], %(base_ids)b::uuid[], %(order_refs)b::uuid[], %(order_numbers)b::text[],
    %(division_refs)b::text[], %(courier_refs)b::text[], %(stages)b::text[], %(on_boards)b::bool[], %(versions)b::bigint[],
    %(trials)b::bool[], %(docs)b::text[])
    AS u (id, base_id, order_ref, order_number, division_ref, courier_ref, stage, on_board, version, trial, doc)
ON CONFLICT (id) DO UPDATE SET order_number = excluded.order_number, division_ref = excluded.division_ref,
    courier_ref = excluded.courier_ref, stage = excluded.stage, on_board = excluded.on_board, version = excluded.version,
    trial = excluded.trial, doc = excluded.doc, changed_at = now()
