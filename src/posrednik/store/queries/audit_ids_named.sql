-- audit_ids_named: whose title has this in it, as audit_names tells titles. in: q (small letters, е for ё), whole (as it was typed), limit
-- out: id. Of orders those with a delivery; one that never had any is found by its whole number.
WITH thing AS (
    SELECT m.kind, m.ref FROM base b JOIN mirror m ON m.base_id = b.id AND m.kind IN ('courier', 'division', 'product')
    WHERE strpos(translate(lower(m.data ->> 'name'), 'ё', 'е'), %(q)s) > 0
    UNION SELECT 'order', m.ref FROM mirror m WHERE m.kind = 'order' AND m.data ->> 'number' = %(whole)s
),
ordered AS (SELECT id, order_ref FROM delivery WHERE strpos(translate(lower(order_number), 'ё', 'е'), %(q)s) > 0),
carrier AS (SELECT ref FROM thing WHERE kind = 'courier'),
named AS (
    SELECT ref AS id FROM thing
    UNION SELECT o.id::text FROM ordered o
    UNION SELECT o.order_ref::text FROM ordered o
    UNION SELECT i.id::text FROM incident i WHERE i.order_ref IN (SELECT o.order_ref FROM ordered o)
    UNION SELECT i.id::text FROM incident i WHERE i.order_ref IS NULL AND i.courier_ref IN (SELECT ref FROM carrier)
    UNION SELECT s.id::text FROM shift s WHERE s.courier_ref IN (SELECT ref FROM carrier)
    UNION SELECT c.id::text FROM cash_count c WHERE c.courier_ref IN (SELECT ref FROM carrier)
    UNION SELECT t.id::text FROM token t WHERE t.kind = 'device' AND t.owner IN (SELECT ref FROM carrier)
    UNION SELECT p.id::text FROM person p WHERE strpos(translate(lower(p.name), 'ё', 'е'), %(q)s) > 0
    UNION SELECT b.id::text FROM base b WHERE strpos(translate(lower(b.name), 'ё', 'е'), %(q)s) > 0
    UNION SELECT t.id::text FROM token t
    WHERE t.kind <> 'device' AND strpos(translate(lower(coalesce(nullif(t.name, ''), t.owner)), 'ё', 'е'), %(q)s) > 0
    UNION SELECT s.id::text FROM subscription s WHERE strpos(lower(s.url), %(q)s) > 0
)
SELECT id FROM named LIMIT %(limit)s
