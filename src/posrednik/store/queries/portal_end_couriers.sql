-- portal_end_couriers: the tokens that couriers got by the word of these users of the portal end. in: users (texts)
UPDATE token SET revoked_at = now()
WHERE revoked_at IS NULL AND id IN (
    SELECT token_id FROM login_code WHERE kind = 'portal' AND made_by = ANY (
        SELECT 'bitrix24:' || u FROM unnest(%(users)s::text[]) AS u))
