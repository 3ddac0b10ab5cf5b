-- pilot_members: deliveries in the pilot of a division. in: ref. out: delivery_id
SELECT delivery_id FROM pilot_delivery WHERE division_ref = %(ref)s
