-- value_maps_changed: all processes read the maps of this base anew. in: base_id
UPDATE base SET maps_version = maps_version + 1 WHERE id = %(base_id)s
