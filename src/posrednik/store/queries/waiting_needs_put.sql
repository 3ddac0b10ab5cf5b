-- waiting_needs_put: what each waiting object waits for. in: base_id; arrays needed_kinds, needed_refs, kinds, refs
INSERT INTO waiting_need (base_id, needed_kind, needed_ref, kind, ref)
SELECT %(base_id)s, * FROM unnest(%(needed_kinds)b::text[], %(needed_refs)b::text[], %(kinds)b::text[], %(refs)b::text[])
