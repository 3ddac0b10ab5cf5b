-- mapping_put: what a person says of a courier's user. in: ref, bitrix24_user, who, at, reason. Runs under mappings_lock.
INSERT INTO courier_mapping AS m (courier_ref, bitrix24_user, who, at, reason)
VALUES (%(ref)s, %(bitrix24_user)s, %(who)s, %(at)s, %(reason)s)
ON CONFLICT (courier_ref) DO UPDATE SET bitrix24_user = excluded.bitrix24_user, version = m.version + 1,
    who = excluded.who, at = excluded.at, reason = excluded.reason
