-- field_owners: what pages said of owners over the file, in one look. out: name, owners (NULL = the file's), version,
-- who, at, reason
SELECT name, owners, version, who, at, reason FROM field_owner ORDER BY name
