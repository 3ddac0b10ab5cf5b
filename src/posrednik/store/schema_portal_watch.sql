-- What people change in the portal. See docs/subsystems/portal.md, "Coming from the portal".

-- Tasks that are to be looked at. mark: another one with each event, so that what comes while a task is being read is
-- not forgotten with it.
CREATE TABLE portal_hint (
    task_id bigint PRIMARY KEY,
    mark bigint GENERATED ALWAYS AS IDENTITY,
    due_at timestamptz NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    times integer NOT NULL DEFAULT 1
);
CREATE INDEX portal_hint_due ON portal_hint (due_at);

-- Tasks of ours as they were seen last. texts: hashes of title, description and deadline as they stood after message
-- `seq` of the task's lane, which the portal may have changed a little. gone_at: since when it is deleted. backs: how
-- often it was put back since backs_since.
CREATE TABLE portal_task (
    task_id bigint PRIMARY KEY,
    delivery_id uuid NOT NULL,
    group_id bigint,
    chat_id bigint,
    changed_at timestamptz,
    changed_by bigint,
    seq bigint NOT NULL DEFAULT 0,
    texts jsonb,
    seen_at timestamptz NOT NULL DEFAULT now(),
    gone_at timestamptz,
    backs integer NOT NULL DEFAULT 0,
    backs_since timestamptz
);
CREATE INDEX portal_task_of ON portal_task (delivery_id);

-- How far the watch has come. polled_to, swept_to: by the portal's clock; the rest by ours. zone_s: the portal's zone,
-- seconds east of UTC. failure: why it could not be read since failed_since, empty = it could. events, forged: calls at
-- the door of events.
CREATE TABLE portal_watch (
    one boolean PRIMARY KEY DEFAULT true,
    polled_to timestamptz,
    polled_at timestamptz,
    zone_s integer NOT NULL DEFAULT 0,
    failed_since timestamptz,
    failure text NOT NULL DEFAULT '',
    compared_at timestamptz,
    swept_to timestamptz,
    swept_at timestamptz,
    events bigint NOT NULL DEFAULT 0,
    last_event_at timestamptz,
    forged bigint NOT NULL DEFAULT 0,
    last_forged_at timestamptz,
    CONSTRAINT portal_watch_is_one_row CHECK (one)
);
INSERT INTO portal_watch DEFAULT VALUES;

-- Deliveries with more than one task. over_at: since when there is only one again.
CREATE TABLE portal_duplicate (
    delivery_id uuid PRIMARY KEY,
    task_ids bigint[] NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    over_at timestamptz
);
CREATE INDEX portal_duplicate_now ON portal_duplicate (found_at) WHERE over_at IS NULL;

-- Tasks are known by their number: which delivery is it of?
CREATE INDEX remote_object_by_id ON remote_object (remote_id);
