-- field_owners_put: what a person says of owners. in: names, owners (arrays; a text is owners joined by a line feed, NULL
-- = the file's again), version, who, at, reason. Runs under field_owners_lock.
INSERT INTO field_owner (name, owners, version, who, at, reason)
SELECT u.name, string_to_array(u.owners, chr(10)), %(version)s, %(who)s, %(at)s, %(reason)s
FROM unnest(%(names)b::text[], %(owners)b::text[]) AS u (name, owners)
ON CONFLICT (name) DO UPDATE SET owners = excluded.owners, version = excluded.version, who = excluded.who,
    at = excluded.at, reason = excluded.reason
