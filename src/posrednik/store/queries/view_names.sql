-- view_names: couriers and divisions of the mirror. out: base_id, kind, ref, name, division, active
SELECT base_id, kind, ref, data->>'name' AS name, data->>'division' AS division,
    NOT deleted AND coalesce((data->>'active')::boolean, true) AS active, data->>'bitrix24_user' AS bitrix24_user
FROM mirror WHERE kind IN ('courier', 'division') ORDER BY data->>'name'
