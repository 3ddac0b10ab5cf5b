-- audit_list: what people did, last first. in (NULL = any): who (person:<id>, …), action (a right, or its first part with
-- a dot), q (small letters, е for ё: a part of name, subject, operation or what was asked), division_ref, from_at, to_at,
-- before (id), limit. With q also: ids (whoever is called so), destinations (their ids, as text), operations and saids (pairs by
-- place: what is told by such words; '' = any operation; a JSON text that is in what was asked)
-- out: columns of audit
-- The ids are keys of one object, since a list would be gone through for each id of each row.
WITH called AS MATERIALIZED (SELECT coalesce(jsonb_object_agg(id, 1), '{}') AS keys FROM unnest(%(ids)s::text[]) id),
told AS MATERIALIZED (
    SELECT u.operation, u.said::jsonb AS said FROM unnest(%(operations)s::text[], %(saids)s::text[]) u (operation, said)
)
SELECT id, at, who, name, person_id, action, operation, subject, division_ref, outcome, data FROM audit a
WHERE (%(who)s::text IS NULL OR who = %(who)s)
    AND (%(action)s::text IS NULL OR action = %(action)s OR starts_with(action, %(action)s || '.'))
    AND (%(division_ref)s::text IS NULL OR division_ref = %(division_ref)s)
    AND (%(from_at)s::timestamptz IS NULL OR at >= %(from_at)s) AND (%(to_at)s::timestamptz IS NULL OR at < %(to_at)s)
    AND (%(before)s::bigint IS NULL OR id < %(before)s)
    AND (%(q)s::text IS NULL
        OR strpos(translate(lower(name || ' ' || subject || ' ' || operation || ' ' || data::text), 'ё', 'е'), %(q)s) > 0
        OR (SELECT keys FROM called) ? division_ref
        OR (operation = 'switchDestination' AND subject = ANY(%(destinations)s::text[]))
        OR EXISTS (SELECT 1 FROM told t WHERE t.operation IN ('', a.operation) AND a.data @> t.said)
        OR (cardinality(%(ids)s::text[]) > 0 AND (SELECT keys FROM called) ?| ARRAY(
            SELECT m.found[1]
            FROM regexp_matches(lower(subject || ' ' || data::text), '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'g') m (found))))
ORDER BY id DESC LIMIT %(limit)s
