-- Divisions while the service runs: what a page or a command set over the file, and who takes part in a pilot.

-- One row of each division that was ever changed here. mode NULL: the file's. changes: key of [[divisions]] →
-- {"value", "who", "at"}. quiet_since: since when not everything of it is sent that was sent before.
CREATE TABLE division_setting (
    division_ref text PRIMARY KEY,
    version bigint NOT NULL DEFAULT 0,
    mode text,
    mode_at timestamptz,
    mode_by text,
    quiet_since timestamptz,
    pilot_couriers text[] NOT NULL DEFAULT '{}',
    changes jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT division_mode_known CHECK (mode IN ('off', 'shadow', 'pilot', 'live')),
    CONSTRAINT mode_with_its_time CHECK ((mode IS NULL) = (mode_at IS NULL) AND (mode IS NULL) = (mode_by IS NULL))
);

CREATE TABLE division_change (
    division_ref text NOT NULL REFERENCES division_setting,
    version bigint NOT NULL,
    at timestamptz NOT NULL,
    who text NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    changes jsonb NOT NULL,
    PRIMARY KEY (division_ref, version),
    CONSTRAINT division_change_kind_known CHECK (kind IN ('settings', 'mode', 'couriers'))
);

-- Deliveries that take part in the pilot of their division: what began in it ends in it, whoever carries them later.
CREATE TABLE pilot_delivery (
    delivery_id uuid PRIMARY KEY,
    division_ref text NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pilot_delivery_of ON pilot_delivery (division_ref);

-- What would have been sent, for «что было бы отправлено». body: without whole phone numbers, NULL when too large.
CREATE TABLE shadow_message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    division_ref text NOT NULL,
    type text NOT NULL,
    destination text NOT NULL,
    method text NOT NULL,
    event_id uuid NOT NULL,
    order_ref uuid,
    trial boolean NOT NULL,
    bytes integer NOT NULL,
    body json
);
CREATE INDEX shadow_message_by_time ON shadow_message (at, division_ref);

CREATE INDEX delivery_open_of ON delivery (division_ref)
    WHERE on_board AND stage NOT IN ('settled', 'returned', 'cancelled');
CREATE INDEX delivery_trial_of ON delivery (division_ref, changed_at) WHERE trial;
CREATE INDEX order_terms_trial ON order_terms (base_id) WHERE terms ? 'trial';
CREATE INDEX delivery_changed_of ON delivery (division_ref, changed_at);

-- A lane is held while its division is switched away from sending: nothing goes out, nothing gets lost.
ALTER TABLE lane ADD COLUMN held boolean NOT NULL DEFAULT false;
DROP INDEX lane_ready;
CREATE INDEX lane_ready ON lane (destination_id, priority, due_at) WHERE state = 'ready' AND NOT held;
CREATE INDEX lane_held ON lane (destination_id, key) WHERE held;

CREATE OR REPLACE VIEW lane_wait AS
SELECT l.id AS lane_id, d.name AS destination, d.kind, l.key, l.depth, l.state, w.why, w.why_text,
    CASE w.why WHEN 'breaker' THEN d.breaker_until WHEN 'method_pause' THEN coalesce(p.until, l.due_at) WHEN 'sending' THEN l.leased_until
        WHEN 'disabled' THEN NULL WHEN 'paused' THEN NULL WHEN 'held' THEN NULL WHEN 'dead' THEN NULL ELSE l.due_at END AS due_at,
    l.attempt, h.made_at AS since, h.order_ref, h.event_id, h.seq
FROM lane l
JOIN destination d ON d.id = l.destination_id AND d.state <> 'deleted'
LEFT JOIN LATERAL (
    SELECT m.seq, m.event_id, m.order_ref, m.method, m.made_at, m.dead_why FROM message m
    WHERE m.lane_id = l.id AND (m.dead_at IS NULL OR l.state = 'dead') ORDER BY m.seq LIMIT 1
) h ON true
LEFT JOIN method_pause p ON p.destination_id = l.destination_id AND p.method = h.method AND p.until > statement_timestamp()
CROSS JOIN LATERAL (
    SELECT r.why, r.why_text FROM (VALUES
        (1, d.state = 'disabled', 'disabled', concat_ws(': ', 'система отключена', nullif(d.why, ''))),
        (2, d.state = 'paused', 'paused', concat_ws(': ', 'отправка приостановлена', nullif(d.why, ''))),
        (3, l.held AND l.state <> 'leased', 'held', 'подразделение переключено, отправка остановлена; уйдёт, когда его включат снова'),
        (4, d.breaker <> 'closed', 'breaker', concat_ws(': ', 'система не отвечает, проверяем её время от времени',
            nullif(d.breaker_why, ''))),
        (5, l.state = 'dead', 'dead', concat_ws(': ', 'не принято, нужно решение человека', nullif(h.dead_why, ''))),
        (6, p.until IS NOT NULL OR l.why = 'method_pause' AND l.due_at > statement_timestamp(), 'method_pause',
            concat_ws(': ', 'система просит подождать с этим действием', nullif(coalesce(p.why, l.why_text), ''))),
        (7, h.seq <= l.doubt_upto, 'in_doubt', concat_ws(': ', 'неизвестно, дошло ли; сначала проверим',
            nullif(l.why_text, ''))),
        (8, l.state = 'leased', 'sending', 'отправляется'),
        (9, l.why = 'given' AND l.due_at > statement_timestamp(), 'given', 'передано в 1С, ждём подтверждения'),
        (10, l.why = 'limiter' AND l.due_at > statement_timestamp(), 'limiter', 'ждём очереди: лимит обращений к системе'),
        (11, l.due_at > statement_timestamp(), 'try_later', concat_ws(': ', 'повторим позже', nullif(l.why_text, ''))),
        (12, true, 'ready', 'готово к отправке')
    ) AS r (rank, holds, why, why_text) WHERE r.holds ORDER BY r.rank LIMIT 1
) w
WHERE l.depth > 0;

-- The modes by which a transaction sends, fixed until its commit: a switch waits for it, and it for a switch. An
-- advisory lock, because a lock of the row would write to it with every event. A function, because a statement that
-- waited for a lock still reads what was there before it waited; a volatile one looks anew.
CREATE FUNCTION division_modes(refs text[], deliveries uuid[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    one text;
    found jsonb;
    members jsonb;
BEGIN
    FOREACH one IN ARRAY refs LOOP
        PERFORM pg_advisory_xact_lock_shared(hashtext('division'), hashtext(one));
    END LOOP;
    SELECT coalesce(jsonb_object_agg(s.division_ref, jsonb_build_object('mode', s.mode, 'couriers', s.pilot_couriers)), '{}')
        INTO found FROM division_setting s WHERE s.division_ref = ANY (refs);
    SELECT coalesce(jsonb_agg(p.delivery_id), '[]') INTO members FROM pilot_delivery p
        WHERE p.delivery_id = ANY (deliveries);
    RETURN jsonb_build_object('divisions', found, 'members', members);
END $$;
