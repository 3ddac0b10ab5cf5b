-- audit_who: who is in the audit, by name. out: who, name
SELECT DISTINCT ON (who) who, name FROM audit ORDER BY who, id DESC
