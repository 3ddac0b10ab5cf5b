-- portal_end_people: the sessions that people of the office opened by these users of the portal end. in: users (texts)
UPDATE token SET revoked_at = now()
WHERE revoked_at IS NULL AND entry = 'portal'
    AND person_id IN (SELECT id FROM person WHERE bitrix24_user = ANY(%(users)s::text[]))
