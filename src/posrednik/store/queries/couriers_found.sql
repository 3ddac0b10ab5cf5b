-- couriers_found: couriers of all bases, by name. in: name, bitrix24_user (NULL = any)
-- out: ref, base_id, name, phone, division, division_name, active, bitrix24_user (a page's word before 1C's). Known to
-- several bases: as in courier_get.
SELECT DISTINCT ON (c.data->>'name', c.ref) c.ref, c.base_id, c.data->>'name' AS name, c.data->>'phone' AS phone,
    c.data->>'division' AS division, d.data->>'name' AS division_name,
    NOT c.deleted AND coalesce((c.data->>'active')::boolean, true) AS active,
    coalesce(p.bitrix24_user, btrim(c.data->>'bitrix24_user')) AS bitrix24_user
FROM base b
JOIN mirror c ON c.base_id = b.id AND c.kind = 'courier' AND c.data ? 'name'
LEFT JOIN mirror d ON d.base_id = b.id AND d.kind = 'division' AND d.ref = c.data->>'division'
LEFT JOIN courier_mapping p ON p.courier_ref = c.ref
WHERE (%(name)s::text IS NULL OR lower(btrim(c.data->>'name')) = lower(btrim(%(name)s::text)))
    AND (%(bitrix24_user)s::text IS NULL
        OR coalesce(p.bitrix24_user, btrim(c.data->>'bitrix24_user')) = %(bitrix24_user)s::text)
ORDER BY c.data->>'name', c.ref, active DESC, c.changed_at DESC
