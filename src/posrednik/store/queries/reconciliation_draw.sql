-- reconciliation_draw: objects of a base at random, each as likely as any other. in: base_id, size. out: kind, ref
-- Drawn of the primary key alone, twice as many as wanted, so that a large base is not read whole for it; what is marked
-- for deletion falls out after that.
SELECT d.kind, d.ref FROM (
    SELECT kind, ref, random() AS place FROM mirror WHERE base_id = %(base_id)s ORDER BY place LIMIT 2 * %(size)s + 100
) d JOIN mirror m ON m.base_id = %(base_id)s AND m.kind = d.kind AND m.ref = d.ref AND NOT m.deleted
ORDER BY d.place LIMIT %(size)s
