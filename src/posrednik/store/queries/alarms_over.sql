-- alarms_over: these are over. in: codes, subjects (pairs by place)
DELETE FROM alarm a USING unnest(%(codes)s::text[], %(subjects)s::text[]) o (code, subject)
WHERE a.code = o.code AND a.subject = o.subject
