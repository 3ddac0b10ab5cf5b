-- view_delivery_marks: what cards show beside the delivery itself. in: ids, order_refs (arrays of the same length)
-- out: id, incidents (open ones of its order), photos (pictures that its steps name, each once)
SELECT u.id,
    (SELECT count(*) FROM incident i WHERE i.order_ref = u.order_ref AND i.state = 'open') AS incidents,
    (SELECT count(DISTINCT p.sha256) FROM step_photo p WHERE p.delivery_id = u.id) AS photos
FROM unnest(%(ids)s::uuid[], %(order_refs)s::uuid[]) AS u (id, order_ref)
