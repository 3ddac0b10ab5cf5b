-- mappings: couriers of all bases, each with his user of the portal and his warehouses. in: ref (NULL = all)
-- out: ref, name, division, division_name, active, phone (as 1C has it), said (1C's user), told (a page's, NULL = 1C's
-- holds), version (0 = never changed here), who, at, reason, warehouses (names). Known to several bases: the one that
-- has him active.
SELECT DISTINCT ON (c.ref) c.ref, c.data->>'name' AS name, c.data->>'division' AS division,
    d.data->>'name' AS division_name, NOT c.deleted AND coalesce((c.data->>'active')::boolean, true) AS active,
    c.data->>'phone' AS phone, coalesce(btrim(c.data->>'bitrix24_user'), '') AS said, p.bitrix24_user AS told,
    coalesce(p.version, 0) AS version, p.who, p.at, p.reason, coalesce(w.names, '{}') AS warehouses
FROM base b
JOIN mirror c ON c.base_id = b.id AND c.kind = 'courier' AND c.data ? 'name'
LEFT JOIN mirror d ON d.base_id = b.id AND d.kind = 'division' AND d.ref = c.data->>'division'
LEFT JOIN courier_mapping p ON p.courier_ref = c.ref
LEFT JOIN LATERAL (
    SELECT array_agg(coalesce(m.data->>'name', m.ref) ORDER BY m.ref) AS names FROM mirror m
    WHERE m.base_id = b.id AND m.kind = 'warehouse' AND m.data->>'courier' = c.ref AND NOT m.deleted) w ON true
WHERE %(ref)s::text IS NULL OR c.ref = %(ref)s::text
ORDER BY c.ref, active DESC, c.changed_at DESC
