-- proof_rules_put: rules that phones are given from now on. in: version, rules (JSON)
INSERT INTO proof_rules (version, rules) VALUES (%(version)s, %(rules)s)
ON CONFLICT (version) DO UPDATE SET last_at = now()
