-- base_lock: one base's exchange state, locked: all calls of a base that write take turns. in: base_id
-- out: id, name, time_zone, lease_s, epoch, epoch_no, instance, last_accepted, arrivals, encoding, doubt_epoch_no,
-- doubt_number, maps_version
SELECT id, name, time_zone, lease_s, epoch, epoch_no, instance, last_accepted, arrivals, encoding, doubt_epoch_no, doubt_number,
    maps_version
FROM base WHERE id = %(base_id)s FOR UPDATE
