-- division_open: deliveries of a division that are not over. in: ref. out: id, trial, couriers (refs)
SELECT id, trial, array_remove(ARRAY[courier_ref, doc #>> '{holder,ref}', doc #>> '{handed_over_by,ref}'], NULL) AS couriers
FROM delivery WHERE division_ref = %(ref)s AND on_board AND stage NOT IN ('settled', 'returned', 'cancelled')
