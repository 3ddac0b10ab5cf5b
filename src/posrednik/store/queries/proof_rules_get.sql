-- proof_rules_get: rules that a phone may still have seen. in: version, keep_h. out: rules (text)
SELECT rules::text AS rules FROM proof_rules
WHERE version = %(version)s AND last_at > now() - make_interval(hours => %(keep_h)s)
