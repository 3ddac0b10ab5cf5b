-- courier_get: a courier by his ref, from the mirror of whichever base has him. in: ref
-- out: ref, base_id, name, phone, division, active, bitrix24_user (a page's word before 1C's). Known to several bases: the
-- one that has him active. One who was deleted may be without data: NULLs, not active.
SELECT m.ref, m.base_id, m.data->>'name' AS name, m.data->>'phone' AS phone, m.data->>'division' AS division,
    NOT m.deleted AND coalesce((m.data->>'active')::boolean, true) AS active,
    coalesce(p.bitrix24_user, btrim(m.data->>'bitrix24_user')) AS bitrix24_user
FROM base b CROSS JOIN LATERAL (
    SELECT * FROM mirror WHERE mirror.base_id = b.id AND mirror.kind = 'courier' AND mirror.ref = %(ref)s) m
LEFT JOIN courier_mapping p ON p.courier_ref = m.ref
ORDER BY active DESC, m.changed_at DESC LIMIT 1
