-- value_choices: objects of a kind that a reference may point to. in: base_id, kind, q (part of the name in lower case, or
-- the ref; null = any); limit. out: ref, name
SELECT ref, data ->> 'name' AS name FROM mirror
WHERE base_id = %(base_id)s AND kind = %(kind)s AND NOT deleted
    AND (%(q)s::text IS NULL OR ref = %(q)s OR strpos(lower(data ->> 'name'), %(q)s) > 0)
ORDER BY data ->> 'name', ref LIMIT %(limit)s
