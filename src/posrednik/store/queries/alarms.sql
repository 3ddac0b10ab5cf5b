-- alarms: what is wrong now, the oldest first. out: code, subject, since, facts (JSON text)
SELECT code, subject, since, facts::text AS facts FROM alarm ORDER BY since, code, subject
