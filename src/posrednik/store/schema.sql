-- The schema as a fresh database gets it; the courier's application is in schema_courier.sql. The same comes out of
-- migrations/ in order (a test compares them).
-- PostgreSQL >= 15 only: no later features, no ICU collations, no extensions.

-- ---------------------------------------------------------------------------------------- who may come in

CREATE TABLE token (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    owner text NOT NULL,
    name text NOT NULL DEFAULT '',
    hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    expires_at timestamptz,
    CONSTRAINT token_kind_known CHECK (kind IN ('base', 'device', 'person', 'feed')),
    CONSTRAINT token_hash_once UNIQUE (hash)
);

CREATE TABLE idempotency (
    principal text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    answer bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, key, made_at),
    CONSTRAINT key_of_bearable_length CHECK (length(key) BETWEEN 1 AND 255)
) PARTITION BY RANGE (made_at);
CREATE TABLE idempotency_default PARTITION OF idempotency DEFAULT;

-- ------------------------------------------------------------------------------------------- the 1C bases

CREATE TABLE base (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    time_zone text NOT NULL DEFAULT 'Europe/Moscow',
    lease_s integer NOT NULL DEFAULT 60,
    mode text NOT NULL DEFAULT 'pull',
    encoding text NOT NULL DEFAULT 'json',
    push_url text NOT NULL DEFAULT '',
    epoch uuid,
    epoch_no integer NOT NULL DEFAULT 0,
    instance text,
    last_accepted bigint NOT NULL DEFAULT 0,
    arrivals bigint NOT NULL DEFAULT 0,
    CONSTRAINT base_mode_known CHECK (mode IN ('pull', 'push')),
    CONSTRAINT base_encoding_known CHECK (encoding IN ('json', 'xml')),
    CONSTRAINT base_lease_sensible CHECK (lease_s BETWEEN 1 AND 86400),
    CONSTRAINT base_bound_whole CHECK ((epoch IS NULL) = (instance IS NULL) AND (epoch IS NULL) = (epoch_no = 0))
);

CREATE TABLE base_epoch (
    base_id uuid NOT NULL REFERENCES base,
    epoch uuid NOT NULL,
    epoch_no integer NOT NULL,
    reason text NOT NULL DEFAULT '',
    last_accepted bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (base_id, epoch),
    CONSTRAINT epoch_numbered_once UNIQUE (base_id, epoch_no)
);

CREATE TABLE base_gap (
    base_id uuid NOT NULL REFERENCES base,
    epoch_no integer NOT NULL,
    first_number bigint NOT NULL,
    last_number bigint NOT NULL,
    PRIMARY KEY (base_id, epoch_no, first_number),
    CONSTRAINT gap_not_empty CHECK (first_number <= last_number)
);

-- By months, as `idempotency` is: partitions are made ahead by store/partitions.py. That a number is taken once is kept by
-- the lock of its base's row, since a constraint of the whole table would have to name the month.
CREATE TABLE inbox (
    base_id uuid NOT NULL,
    epoch_no integer NOT NULL,
    number bigint NOT NULL,
    body_hash bytea NOT NULL,
    body bytea NOT NULL,
    answer json NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (base_id, epoch_no, number, received_at),
    CONSTRAINT number_starts_at_one CHECK (number >= 1)
) PARTITION BY RANGE (received_at);
ALTER TABLE inbox ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE inbox_default PARTITION OF inbox DEFAULT;

CREATE TABLE mirror (
    base_id uuid NOT NULL REFERENCES base,
    kind text NOT NULL,
    ref text NOT NULL,
    version text NOT NULL,
    hash bytea NOT NULL,
    epoch_no integer NOT NULL,
    number bigint NOT NULL,
    idx integer NOT NULL,
    deleted boolean NOT NULL,
    posted boolean NOT NULL,
    event_id uuid,
    data jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (base_id, kind, ref)
);

CREATE INDEX mirror_order_number ON mirror ((data ->> 'number')) WHERE kind = 'order';
CREATE INDEX mirror_order_site_number ON mirror ((data ->> 'site_number')) WHERE kind = 'order';

CREATE TABLE waiting_object (
    base_id uuid NOT NULL REFERENCES base,
    kind text NOT NULL,
    ref text NOT NULL,
    version text NOT NULL,
    hash bytea NOT NULL,
    epoch_no integer NOT NULL,
    number bigint NOT NULL,
    idx integer NOT NULL,
    deleted boolean NOT NULL,
    posted boolean NOT NULL,
    event_id uuid,
    data jsonb NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (base_id, kind, ref)
);

CREATE TABLE waiting_need (
    base_id uuid NOT NULL,
    needed_kind text NOT NULL,
    needed_ref text NOT NULL,
    kind text NOT NULL,
    ref text NOT NULL,
    PRIMARY KEY (base_id, needed_kind, needed_ref, kind, ref),
    CONSTRAINT need_of_a_waiting_object
        FOREIGN KEY (base_id, kind, ref) REFERENCES waiting_object ON DELETE CASCADE
);
CREATE INDEX waiting_need_of ON waiting_need (base_id, kind, ref);

CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    base_id uuid NOT NULL REFERENCES base,
    kind text NOT NULL,
    ref text NOT NULL,
    epoch_no integer NOT NULL,
    number bigint NOT NULL,
    idx integer NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    body bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    cleared_at timestamptz,
    cleared_why text,
    CONSTRAINT cleared_with_a_reason CHECK ((cleared_at IS NULL) = (cleared_why IS NULL))
);
CREATE INDEX quarantine_open ON quarantine (base_id, kind, ref) WHERE cleared_at IS NULL;
CREATE INDEX quarantine_cleared ON quarantine (cleared_at) WHERE cleared_at IS NOT NULL;

CREATE TABLE command (
    base_id uuid NOT NULL REFERENCES base,
    id uuid NOT NULL,
    type text NOT NULL,
    content_hash bytea NOT NULL,
    status text NOT NULL,
    code text,
    message text,
    result json NOT NULL DEFAULT '{}',
    order_ref uuid,
    data jsonb NOT NULL,
    issued_at timestamptz,
    issued_by text NOT NULL DEFAULT '',
    epoch_no integer NOT NULL,
    number bigint NOT NULL,
    idx integer NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (base_id, id),
    CONSTRAINT command_status_known CHECK (status IN ('done', 'waiting', 'rejected')),
    CONSTRAINT finished_unless_waiting CHECK ((status = 'waiting') = (finished_at IS NULL))
);
CREATE INDEX command_that_compares ON command (received_at) WHERE type NOT LIKE 'delivery.%' AND type NOT LIKE 'backpack.%';
CREATE INDEX command_waiting ON command (base_id, order_ref, epoch_no, number, idx) WHERE status = 'waiting';

-- ------------------------------------------------------------------------------------ deliveries and events

-- What commands said of an order beside what the order itself says (price, amount, courier), each with its rank.
CREATE TABLE order_terms (
    base_id uuid NOT NULL REFERENCES base,
    order_ref uuid NOT NULL,
    terms jsonb NOT NULL,
    PRIMARY KEY (base_id, order_ref)
);

CREATE TABLE delivery (
    id uuid PRIMARY KEY,
    base_id uuid NOT NULL REFERENCES base,
    order_ref uuid NOT NULL,
    order_number text NOT NULL,
    division_ref text NOT NULL,
    courier_ref text,
    stage text NOT NULL,
    on_board boolean NOT NULL,
    version bigint NOT NULL,
    trial boolean NOT NULL DEFAULT false,
    doc jsonb NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_delivery_of_an_order UNIQUE (base_id, order_ref),
    CONSTRAINT delivery_version_counts CHECK (version >= 1),
    CONSTRAINT delivery_stage_known CHECK (stage IN ('ready', 'picked_up', 'en_route', 'handed_over', 'settled',
        'not_delivered', 'returned', 'cancelled'))
);
CREATE INDEX delivery_on_board ON delivery (changed_at) WHERE on_board;
CREATE INDEX delivery_by_number ON delivery (order_number);

CREATE TABLE event (
    pos bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL,
    type text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    version bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    actor jsonb NOT NULL,
    division_ref text NOT NULL DEFAULT '',
    trial boolean NOT NULL DEFAULT false,
    base_id uuid,
    cause_base uuid,
    order_ref uuid,
    data json NOT NULL,
    published boolean NOT NULL DEFAULT true,
    feed_no bigint,
    CONSTRAINT event_id_once UNIQUE (id),
    CONSTRAINT one_event_per_version UNIQUE (subject_kind, subject_id, version),
    CONSTRAINT feed_number_once UNIQUE (feed_no)
);
CREATE INDEX event_of_order ON event (order_ref) WHERE order_ref IS NOT NULL;
CREATE INDEX event_not_in_feed ON event (pos) WHERE feed_no IS NULL AND published;

CREATE TABLE feed_counter (
    one boolean PRIMARY KEY DEFAULT true,
    last_no bigint NOT NULL DEFAULT 0,
    CONSTRAINT feed_counter_is_one_row CHECK (one)
);
INSERT INTO feed_counter DEFAULT VALUES;

-- --------------------------------------------------------------------------------------------- dispatch

CREATE TABLE destination (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL DEFAULT 'open',
    why text NOT NULL DEFAULT '',
    breaker text NOT NULL DEFAULT 'closed',
    breaker_until timestamptz,
    breaker_pause_s real NOT NULL DEFAULT 0,
    breaker_why text NOT NULL DEFAULT '',
    revision integer NOT NULL DEFAULT 1,
    made_at timestamptz NOT NULL DEFAULT now(),
    breaker_since timestamptz,
    CONSTRAINT destination_name_once UNIQUE (name),
    CONSTRAINT destination_kind_known CHECK (kind IN ('bitrix24', 'onec', 'site')),
    CONSTRAINT destination_state_known CHECK (state IN ('open', 'paused', 'disabled', 'deleted')),
    CONSTRAINT breaker_state_known CHECK (breaker IN ('closed', 'open', 'half_open')),
    CONSTRAINT breaker_has_an_end CHECK ((breaker = 'closed') = (breaker_until IS NULL))
);

CREATE TABLE subscription (
    id uuid PRIMARY KEY,
    destination_id integer NOT NULL REFERENCES destination,
    url text NOT NULL,
    events text[] NOT NULL,
    division_ref text,
    secret text NOT NULL,
    old_secret text,
    old_secret_until timestamptz,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT subscription_destination_once UNIQUE (destination_id),
    CONSTRAINT old_secret_has_an_end CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
);

CREATE TABLE worker (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    beat_at timestamptz NOT NULL DEFAULT now(),
    steady_since timestamptz NOT NULL DEFAULT '-infinity'
);

-- One row per (destination, key): the head's due time lives here, so that the cost of a claim depends on the
-- lanes that are ready and not on the messages that wait. `due_at` of a pulled lane is also the end of its lease.
CREATE TABLE lane (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    destination_id integer NOT NULL REFERENCES destination,
    key text COLLATE "C" NOT NULL,
    state text NOT NULL DEFAULT 'idle',
    priority smallint NOT NULL DEFAULT 1,
    due_at timestamptz NOT NULL DEFAULT now(),
    depth integer NOT NULL DEFAULT 0,
    last_seq bigint NOT NULL DEFAULT 0,
    attempt integer NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT 0,
    owner uuid,
    leased_until timestamptz,
    sending_upto bigint NOT NULL DEFAULT 0,
    doubt_upto bigint NOT NULL DEFAULT 0,
    why text NOT NULL DEFAULT '',
    why_text text NOT NULL DEFAULT '',
    CONSTRAINT lane_once UNIQUE (destination_id, key),
    CONSTRAINT lane_state_known CHECK (state IN ('idle', 'ready', 'leased', 'dead')),
    CONSTRAINT lease_has_an_end CHECK ((state = 'leased') = (leased_until IS NOT NULL)),
    CONSTRAINT lease_has_an_owner CHECK ((state = 'leased') = (owner IS NOT NULL)),
    CONSTRAINT idle_means_empty CHECK ((state = 'idle') = (depth = 0)),
    CONSTRAINT lane_depth_not_negative CHECK (depth >= 0),
    CONSTRAINT lane_priority_known CHECK (priority IN (0, 1))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX lane_ready ON lane (destination_id, priority, due_at) WHERE state = 'ready';
CREATE INDEX lane_leased ON lane (owner) WHERE state = 'leased';
CREATE INDEX lane_dead ON lane (destination_id) WHERE state = 'dead';

CREATE TABLE message (
    lane_id bigint NOT NULL REFERENCES lane,
    seq bigint NOT NULL,
    event_id uuid NOT NULL,
    order_ref uuid,
    state_of text,
    method text NOT NULL,
    priority smallint NOT NULL,
    body json NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    dead_at timestamptz,
    dead_code text,
    dead_why text,
    PRIMARY KEY (lane_id, seq),
    CONSTRAINT dead_with_a_reason CHECK ((dead_at IS NULL) = (dead_code IS NULL) AND (dead_at IS NULL) = (dead_why IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX message_dead ON message (dead_at) WHERE dead_at IS NOT NULL;

-- The object of a lane at its destination: its id there and what was last written, in the connector's own form.
CREATE TABLE remote_object (
    lane_id bigint PRIMARY KEY REFERENCES lane,
    remote_id text NOT NULL,
    written json
);

-- What was handed to a base that pulls: numbered without gaps when it is first given.
CREATE TABLE outgoing (
    base_id uuid NOT NULL REFERENCES base,
    number bigint NOT NULL,
    event_id uuid NOT NULL,
    lane_id bigint NOT NULL,
    seq bigint NOT NULL,
    batch uuid NOT NULL,
    state text NOT NULL DEFAULT 'given',
    given_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    PRIMARY KEY (base_id, number),
    CONSTRAINT outgoing_event_once UNIQUE (base_id, event_id),
    CONSTRAINT outgoing_state_known CHECK (state IN ('given', 'accepted', 'rejected'))
);

CREATE TABLE outgoing_counter (
    base_id uuid PRIMARY KEY REFERENCES base,
    last_number bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0
);

CREATE TABLE bucket (
    name text PRIMARY KEY,
    tokens double precision NOT NULL,
    filled_at timestamptz NOT NULL DEFAULT now(),
    learned double precision,
    slowed_at timestamptz,
    refused bigint NOT NULL DEFAULT 0,
    CONSTRAINT learned_rate_has_a_start CHECK ((learned IS NULL) = (slowed_at IS NULL))
);

-- Calls a second that a bucket fills by: what a refusal taught, which grows by a tenth each half minute and is forgotten
-- after an hour, or what is configured.
CREATE FUNCTION bucket_rate(learned float8, slowed_at timestamptz, configured float8) RETURNS float8 LANGUAGE sql AS $$
    SELECT CASE WHEN learned IS NULL OR slowed_at < clock_timestamp() - interval '1 hour' THEN configured
        ELSE least(configured, learned * power(1.1,
            greatest(extract(epoch FROM clock_timestamp() - slowed_at), 0)::float8 / 30)) END
$$;

CREATE TABLE method_pause (
    destination_id integer NOT NULL REFERENCES destination,
    method text NOT NULL,
    until timestamptz NOT NULL,
    why text NOT NULL,
    PRIMARY KEY (destination_id, method)
);

-- Why does it wait? One row for every lane that is not empty, with the first reason that holds. `why` is stable.
CREATE VIEW lane_wait AS
SELECT l.id AS lane_id, d.name AS destination, d.kind, l.key, l.depth, l.state, w.why, w.why_text,
    CASE w.why WHEN 'breaker' THEN d.breaker_until WHEN 'method_pause' THEN coalesce(p.until, l.due_at) WHEN 'sending' THEN l.leased_until
        WHEN 'disabled' THEN NULL WHEN 'paused' THEN NULL WHEN 'dead' THEN NULL ELSE l.due_at END AS due_at,
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
        (3, d.breaker <> 'closed', 'breaker', concat_ws(': ', 'система не отвечает, проверяем её время от времени',
            nullif(d.breaker_why, ''))),
        (4, l.state = 'dead', 'dead', concat_ws(': ', 'не принято, нужно решение человека', nullif(h.dead_why, ''))),
        (5, p.until IS NOT NULL OR l.why = 'method_pause' AND l.due_at > statement_timestamp(), 'method_pause',
            concat_ws(': ', 'система просит подождать с этим действием', nullif(coalesce(p.why, l.why_text), ''))),
        (6, h.seq <= l.doubt_upto, 'in_doubt', concat_ws(': ', 'неизвестно, дошло ли; сначала проверим',
            nullif(l.why_text, ''))),
        (7, l.state = 'leased', 'sending', 'отправляется'),
        (8, l.why = 'given' AND l.due_at > statement_timestamp(), 'given', 'передано в 1С, ждём подтверждения'),
        (9, l.why = 'limiter' AND l.due_at > statement_timestamp(), 'limiter', 'ждём очереди: лимит обращений к системе'),
        (10, l.due_at > statement_timestamp(), 'try_later', concat_ws(': ', 'повторим позже', nullif(l.why_text, ''))),
        (11, true, 'ready', 'готово к отправке')
    ) AS r (rank, holds, why, why_text) WHERE r.holds ORDER BY r.rank LIMIT 1
) w
WHERE l.depth > 0;

CREATE TABLE leader (
    duty text PRIMARY KEY,
    holder uuid NOT NULL,
    until timestamptz NOT NULL
);

-- ------------------------------------------------------------------------------------------- the journal

-- Every exchange, in and out, each attempt with its result. Partitions by month are made ahead by
-- store/partitions.py; the default one only catches a clock that jumps.
CREATE TABLE journal (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    system text NOT NULL,
    outcome text NOT NULL,
    order_ref uuid,
    event_id uuid,
    attempt smallint,
    duration_ms integer,
    code text NOT NULL DEFAULT '',
    summary text NOT NULL DEFAULT '',
    detail json
) PARTITION BY RANGE (at);
CREATE INDEX journal_of_order ON journal (order_ref, at) WHERE order_ref IS NOT NULL;
CREATE INDEX journal_by_time ON journal USING brin (at);
CREATE TABLE journal_default PARTITION OF journal DEFAULT;
