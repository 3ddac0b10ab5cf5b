-- mirror_get: objects with their data. in: base_id, kinds, refs (arrays)
-- out: kind, ref, epoch_no, number, idx, deleted, posted, data (text). A courier has the user of the portal that a page
-- gave him, if one did.
SELECT m.kind, m.ref, m.epoch_no, m.number, m.idx, m.deleted, m.posted,
    CASE WHEN c.bitrix24_user IS NOT NULL AND m.data ? 'name'
        THEN m.data || jsonb_build_object('bitrix24_user', c.bitrix24_user) ELSE m.data END::text AS data
FROM unnest(%(kinds)b::text[], %(refs)b::text[]) AS u (kind, ref)
JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = u.kind AND m.ref = u.ref
LEFT JOIN courier_mapping c ON u.kind = 'courier' AND c.courier_ref = u.ref
