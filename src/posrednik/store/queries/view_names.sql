-- view_names: couriers and divisions of the mirror. out: base_id, kind, ref, name, division, active, bitrix24_user (a
-- page's word before 1C's)
SELECT m.base_id, m.kind, m.ref, m.data->>'name' AS name, m.data->>'division' AS division,
    NOT m.deleted AND coalesce((m.data->>'active')::boolean, true) AS active,
    coalesce(p.bitrix24_user, m.data->>'bitrix24_user') AS bitrix24_user
FROM mirror m LEFT JOIN courier_mapping p ON m.kind = 'courier' AND p.courier_ref = m.ref
WHERE m.kind IN ('courier', 'division') ORDER BY m.data->>'name'
