-- portal_report_put: in: kind, at, who, lines (JSON text); an older one never replaces a newer one
INSERT INTO portal_report AS r (kind, at, who, lines) VALUES (%(kind)s, %(at)s, %(who)s, %(lines)s::jsonb)
ON CONFLICT (kind) DO UPDATE SET at = excluded.at, who = excluded.who, lines = excluded.lines WHERE r.at <= excluded.at
