-- The application of Posrednik as it is installed on a portal of Bitrix24. See docs/subsystems/portal.md.
CREATE TABLE portal_install (
    domain text PRIMARY KEY,
    member_id text NOT NULL,
    client_id text NOT NULL,
    user_id bigint NOT NULL,
    access bytea,
    refresh bytea,
    application_token bytea,
    scope text[] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'installed',
    code text NOT NULL DEFAULT '',
    revision integer NOT NULL DEFAULT 1,
    expires_at timestamptz,
    installed_at timestamptz NOT NULL DEFAULT now(),
    refreshed_at timestamptz NOT NULL DEFAULT now(),
    failures integer NOT NULL DEFAULT 0,
    rest_until timestamptz,
    lease_owner uuid,
    lease_until timestamptz,
    CONSTRAINT portal_state_known CHECK (state IN ('installed', 'broken', 'uninstalled')),
    CONSTRAINT tokens_until_uninstalled CHECK ((state = 'uninstalled') = (access IS NULL) AND (access IS NULL) = (refresh IS NULL)),
    CONSTRAINT portal_lease_has_an_end CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
);
