-- deliveries_put: new and changed deliveries. in: arrays ids, base_ids, order_refs, order_numbers, division_refs,
-- courier_refs, stages, on_boards, versions, trials, docs (JSON text), planned_ats, dues, takens, on_hands, searches,
-- sorted by id. A trigger notes the transaction.
INSERT INTO delivery (id, base_id, order_ref, order_number, division_ref, courier_ref, stage, on_board, version, trial,
    doc, planned_at, due_kop, taken_kop, on_hand_kop, search)
SELECT u.id, u.base_id, u.order_ref, u.order_number, u.division_ref, u.courier_ref, u.stage, u.on_board, u.version,
    u.trial, u.doc::jsonb, u.planned_at, u.due, u.taken, u.on_hand, u.search
FROM unnest(%(ids)b::uuid[], %(base_ids)b::uuid[], %(order_refs)b::uuid[], %(order_numbers)b::text[],
    %(division_refs)b::text[], %(courier_refs)b::text[], %(stages)b::text[], %(on_boards)b::bool[], %(versions)b::bigint[],
    %(trials)b::bool[], %(docs)b::text[], %(planned_ats)b::timestamptz[], %(dues)b::bigint[], %(takens)b::bigint[],
    %(on_hands)b::bigint[], %(searches)b::text[])
    AS u (id, base_id, order_ref, order_number, division_ref, courier_ref, stage, on_board, version, trial, doc,
        planned_at, due, taken, on_hand, search)
ON CONFLICT (id) DO UPDATE SET order_number = excluded.order_number, division_ref = excluded.division_ref,
    moved_from = CASE WHEN delivery.division_ref <> excluded.division_ref THEN delivery.division_ref ELSE delivery.moved_from END,
    courier_ref = excluded.courier_ref, stage = excluded.stage, on_board = excluded.on_board, version = excluded.version,
    trial = excluded.trial, doc = excluded.doc, planned_at = excluded.planned_at, due_kop = excluded.due_kop,
    taken_kop = excluded.taken_kop, on_hand_kop = excluded.on_hand_kop, search = excluded.search, changed_at = now()
