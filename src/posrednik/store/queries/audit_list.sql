-- audit_list: what people did, last first. in (NULL = any): who (person:<id>, …), action (a right, or its first part with
-- a dot), q (a part of name, subject, operation or what was asked), division_ref, from_at, to_at, before (id), limit
-- out: columns of audit
SELECT id, at, who, name, person_id, action, operation, subject, division_ref, outcome, data FROM audit
WHERE (%(who)s::text IS NULL OR who = %(who)s)
    AND (%(action)s::text IS NULL OR action = %(action)s OR starts_with(action, %(action)s || '.'))
    AND (%(division_ref)s::text IS NULL OR division_ref = %(division_ref)s)
    AND (%(from_at)s::timestamptz IS NULL OR at >= %(from_at)s) AND (%(to_at)s::timestamptz IS NULL OR at < %(to_at)s)
    AND (%(before)s::bigint IS NULL OR id < %(before)s)
    AND (%(q)s::text IS NULL OR strpos(lower(name || ' ' || subject || ' ' || operation || ' ' || data::text), lower(%(q)s)) > 0)
ORDER BY id DESC LIMIT %(limit)s
