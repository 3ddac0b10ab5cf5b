-- 0005_people: who works in the office, how they sign in, and what they did. What a database that is new gets as a
-- whole is in schema_people.sql.
CREATE TABLE person (
    id uuid PRIMARY KEY,
    login text NOT NULL,
    name text NOT NULL,
    email text NOT NULL DEFAULT '',
    bitrix24_user text,
    roles text[] NOT NULL,
    divisions text[],
    active boolean NOT NULL DEFAULT true,
    password_hash text,
    one_time_until timestamptz,
    totp_secret bytea,
    totp_on boolean NOT NULL DEFAULT false,
    totp_step bigint NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    made_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    last_at timestamptz,
    CONSTRAINT person_login_once UNIQUE (login),
    CONSTRAINT person_portal_user_once UNIQUE (bitrix24_user),
    CONSTRAINT person_roles_known
        CHECK (roles <@ ARRAY['courier', 'logistician', 'cashier', 'head', 'administrator']::text[]),
    CONSTRAINT person_totp_has_a_secret CHECK (NOT totp_on OR totp_secret IS NOT NULL)
);

CREATE TABLE person_code (
    hash bytea PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    kind text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    used_at timestamptz,
    CONSTRAINT person_code_kind_known CHECK (kind IN ('recovery', 'ticket'))
);
CREATE INDEX person_code_of_person ON person_code (person_id, kind);

CREATE TABLE person_entry (
    auth_hash bytea PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sign_in_guard (
    subject bytea PRIMARY KEY,
    failed integer NOT NULL,
    last_at timestamptz NOT NULL,
    locked_until timestamptz
);

ALTER TABLE token ADD COLUMN person_id uuid REFERENCES person;
ALTER TABLE token ADD COLUMN agent text NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN entry text NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN last_at timestamptz;
CREATE INDEX token_of_person ON token (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    who text NOT NULL,
    name text NOT NULL,
    person_id uuid,
    action text NOT NULL,
    operation text NOT NULL,
    subject text NOT NULL DEFAULT '',
    division_ref text,
    outcome text NOT NULL DEFAULT 'done',
    data jsonb NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_of_person ON audit (who, id);
CREATE INDEX audit_of_action ON audit (action, id);
CREATE INDEX audit_of_subject ON audit (subject, id);
CREATE TRIGGER audit_is_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
