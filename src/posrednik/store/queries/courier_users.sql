-- courier_users: users of the portal of couriers, a page's word before 1C's. in: refs. out: ref, bitrix24_user
SELECT DISTINCT ON (m.ref) m.ref, coalesce(p.bitrix24_user, m.data ->> 'bitrix24_user') AS bitrix24_user
FROM mirror m LEFT JOIN courier_mapping p ON p.courier_ref = m.ref
WHERE m.kind = 'courier' AND m.ref = ANY(%(refs)b::text[]) AND m.base_id IN (SELECT id FROM base)
ORDER BY m.ref, m.deleted, m.changed_at DESC
