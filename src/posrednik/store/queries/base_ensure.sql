-- base_ensure: a base of the configuration. in: id, name, time_zone, lease_s, mode, encoding, push_url
INSERT INTO base (id, name, time_zone, lease_s, mode, encoding, push_url)
VALUES (%(id)s, %(name)s, %(time_zone)s, %(lease_s)s, %(mode)s, %(encoding)s, %(push_url)s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone, lease_s = excluded.lease_s,
    mode = excluded.mode, encoding = excluded.encoding, push_url = excluded.push_url
