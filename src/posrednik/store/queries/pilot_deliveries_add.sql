-- pilot_deliveries_add: these deliveries take part in the pilot of their division. in: arrays ids, divisions
INSERT INTO pilot_delivery (delivery_id, division_ref)
SELECT u.id, u.division_ref FROM unnest(%(ids)b::uuid[], %(divisions)b::text[]) AS u (id, division_ref)
ON CONFLICT (delivery_id) DO NOTHING
