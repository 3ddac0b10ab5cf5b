-- base_get: one base's exchange state, not locked. in: base_id. out: as base_lock
SELECT id, name, time_zone, lease_s, epoch, epoch_no, instance, last_accepted, arrivals, encoding, doubt_epoch_no, doubt_number,
    maps_version
FROM base WHERE id = %(base_id)s
