-- The second part of the schema, after schema.sql: the courier's application.

-- Keys that the service makes for itself, the same for all its processes: of photo links, the portal's member id.
CREATE TABLE secret (
    name text PRIMARY KEY,
    value bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);

-- A way in that works once: a code shown on an office page, or a ticket after the portal vouched for the user.
CREATE TABLE login_code (
    hash bytea PRIMARY KEY,
    courier_ref text NOT NULL,
    kind text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_key bytea,
    token_id uuid REFERENCES token,
    CONSTRAINT login_code_kind_known CHECK (kind IN ('code', 'portal')),
    CONSTRAINT used_code_gave_a_token CHECK ((used_at IS NULL) = (token_id IS NULL))
);

-- AUTH_IDs of the portal that let somebody in: each does so once.
CREATE TABLE portal_entry (
    auth_hash bytea PRIMARY KEY,
    courier_ref text NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE device (
    courier_ref text NOT NULL,
    device text NOT NULL,
    token_id uuid,
    entry text NOT NULL DEFAULT 'token',
    agent text NOT NULL DEFAULT '',
    app_version text NOT NULL DEFAULT '',
    unsent integer,
    clock_offset_ms bigint,
    whole_to bigint NOT NULL DEFAULT 0,
    last_seq bigint NOT NULL DEFAULT 0,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (courier_ref, device),
    CONSTRAINT device_entry_known CHECK (entry IN ('code', 'portal', 'token')),
    CONSTRAINT whole_before_last CHECK (whole_to <= last_seq)
);

-- What a phone recorded, as it was sent; never changed and never deleted. `state` is what became of it.
CREATE TABLE courier_event (
    id uuid PRIMARY KEY,
    courier_ref text NOT NULL,
    device text NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    delivery_id uuid,
    order_ref uuid,
    division_ref text NOT NULL DEFAULT '',
    shift_id uuid,
    at_device timestamptz NOT NULL,
    clock_offset_ms bigint NOT NULL DEFAULT 0,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    latitude double precision,
    longitude double precision,
    accuracy_m double precision,
    geo_error text,
    rules_version text NOT NULL DEFAULT '',
    body_hash bytea NOT NULL,
    body json NOT NULL,
    state text NOT NULL,
    code text NOT NULL DEFAULT '',
    message text NOT NULL DEFAULT '',
    incident_id uuid,
    delivery_version bigint,
    flags jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT device_counts_once UNIQUE (courier_ref, device, seq),
    CONSTRAINT seq_starts_at_one CHECK (seq >= 1),
    CONSTRAINT courier_event_state_known CHECK (state IN ('accepted', 'rejected', 'parked')),
    CONSTRAINT position_whole CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX courier_event_of_delivery ON courier_event (delivery_id, occurred_at) WHERE delivery_id IS NOT NULL;
CREATE INDEX courier_event_of_courier ON courier_event (courier_ref, occurred_at);
CREATE INDEX courier_event_parked ON courier_event (received_at) WHERE state = 'parked';

CREATE TABLE photo (
    sha256 bytea PRIMARY KEY,
    bytes integer NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    brightness real NOT NULL,
    phash bit(64) NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sha256_is_whole CHECK (length(sha256) = 32)
);
CREATE INDEX photo_by_time ON photo (received_at);

-- Who sent the bytes: `device:COURIER` or `person:NAME`, as callers are named.
CREATE TABLE photo_owner (
    sha256 bytea NOT NULL REFERENCES photo,
    owner text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sha256, owner)
);
CREATE INDEX photo_owner_day ON photo_owner (owner, received_at);

-- Which photos a step names; they may come before or after it. source: a courier's event, or the office's action.
CREATE TABLE step_photo (
    source uuid NOT NULL,
    sha256 bytea NOT NULL,
    delivery_id uuid,
    action text NOT NULL,
    courier_ref text,
    at timestamptz NOT NULL,
    PRIMARY KEY (source, sha256)
);
CREATE INDEX step_photo_of_delivery ON step_photo (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX step_photo_by_hash ON step_photo (sha256);

CREATE TABLE shift (
    id uuid PRIMARY KEY,
    courier_ref text NOT NULL,
    division_ref text NOT NULL,
    base_id uuid NOT NULL REFERENCES base,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    version bigint NOT NULL,
    doc jsonb NOT NULL
);
CREATE UNIQUE INDEX one_open_shift ON shift (courier_ref) WHERE closed_at IS NULL;
CREATE INDEX shift_of_courier ON shift (courier_ref, opened_at);

-- The proof rules that phones were given: a step is judged by those that its courier saw.
CREATE TABLE proof_rules (
    version text PRIMARY KEY,
    rules json NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at timestamptz NOT NULL DEFAULT now()
);

-- What a person must decide. One contradiction is one incident: later news on it joins the open one.
CREATE TABLE incident (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    severity text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    division_ref text NOT NULL DEFAULT '',
    courier_ref text,
    base_id uuid,
    order_ref uuid,
    raised_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL,
    doc jsonb NOT NULL,
    CONSTRAINT incident_severity_known CHECK (severity IN ('notice', 'warning', 'alarm')),
    CONSTRAINT incident_state_known CHECK (state IN ('open', 'decided'))
);
CREATE UNIQUE INDEX one_open_incident ON incident (kind, subject_kind, subject_id, coalesce(courier_ref, ''))
    WHERE state = 'open';
CREATE INDEX incident_of_order ON incident (order_ref) WHERE order_ref IS NOT NULL;
CREATE INDEX incident_of_subject ON incident (subject_kind, subject_id);
CREATE INDEX incident_by_time ON incident (raised_at);

CREATE INDEX delivery_of_courier ON delivery (courier_ref, changed_at);
CREATE INDEX delivery_of_holder ON delivery ((doc #>> '{holder,ref}')) WHERE doc #>> '{holder,ref}' IS NOT NULL;
CREATE INDEX mirror_warehouse_of_courier ON mirror ((data ->> 'courier')) WHERE kind = 'warehouse';
CREATE INDEX mirror_stock_of_warehouse ON mirror ((data ->> 'warehouse')) WHERE kind = 'stock';
