-- bench/filling.sql: what bench/filling.py puts into a database. A part is a comment and the one statement below it.
-- in: base, deliveries, days, couriers, divisions, first, last (days), settled, returned, ready (deliveries as JSON),
-- told (a text of every event), search
-- job: one delivery a row. One in twelve fails, a third of the last day is still ready.

-- bases, divisions, couriers, products
WITH b AS (INSERT INTO base (id, name) VALUES (%(base)s, 'Основная') ON CONFLICT DO NOTHING)
INSERT INTO mirror (base_id, kind, ref, version, hash, epoch_no, number, idx, deleted, posted, data)
SELECT %(base)s, o.kind, o.ref, '1', '', 1, 1, 1, false, true, o.data FROM (
    SELECT 'division' AS kind, 'd' || n AS ref, jsonb_build_object('name', 'Подразделение ' || n) AS data
    FROM generate_series(0, %(divisions)s - 1) AS n
    UNION ALL SELECT 'courier', 'c' || n, jsonb_build_object('name', 'Курьер ' || n, 'active', true, 'division', 'd' || n %% %(divisions)s)
    FROM generate_series(0, %(couriers)s - 1) AS n
    UNION ALL SELECT 'product', 'p' || n, jsonb_build_object('name', 'Товар ' || n, 'unit', 'шт') FROM generate_series(0, 199) AS n
) AS o

-- jobs
CREATE TEMPORARY TABLE job AS
SELECT i, j.day, 'c' || j.c AS courier, 'd' || j.c %% %(divisions)s AS division,
    ('0d' || lpad(to_hex(i), 30, '0'))::uuid AS id, ('0e' || lpad(to_hex(i), 30, '0'))::uuid AS order_ref,
    (j.day + interval '6 hours' + (i %% 600) * interval '1 minute') AT TIME ZONE 'UTC' AS at,
    CASE WHEN j.day = %(last)s AND i %% 3 = 0 THEN 'ready' WHEN i %% 12 = 0 THEN 'returned' ELSE 'settled' END AS state,
    (ARRAY['cash', 'card', 'transfer'])[1 + i %% 3] AS method, 100000 + (i %% 50) * 1000 AS goods_kop,
    'p' || i %% 200 AS product, 600 + (i %% 90) * 60 AS waited_s, i %% 33 = 0 AS doubted
FROM (SELECT i, %(first)s::date + (i::bigint * %(days)s / %(deliveries)s)::int AS day, (i %% %(couriers)s)::int AS c
    FROM generate_series(0, %(deliveries)s - 1) AS i) AS j

-- statistics of the jobs
ANALYZE job

-- deliveries
INSERT INTO delivery (id, base_id, order_ref, order_number, division_ref, courier_ref, stage, on_board, version, doc, made_at,
    changed_at, planned_at, due_kop, taken_kop, on_hand_kop, search, changed_xid)
SELECT id, %(base)s, order_ref, 'N-' || i, division, courier, state, true, 7,
    CASE state WHEN 'settled' THEN %(settled)s::jsonb WHEN 'returned' THEN %(returned)s::jsonb ELSE %(ready)s::jsonb END
        || jsonb_build_object('id', id, 'order_ref', order_ref, 'order_number', 'N-' || i, 'division_ref', division,
            'courier_ref', courier, 'version', 7, 'ready_at', at - waited_s * interval '1 s')
        || CASE state WHEN 'settled' THEN jsonb_build_object('handed_over_at', at, 'payment_method', method, 'amount_taken_kop',
            goods_kop + 30000, 'handed_over_by', jsonb_build_object('ref', courier, 'name', NULL)) ELSE '{}' END,
    at, at, at, goods_kop + 30000, CASE state WHEN 'settled' THEN goods_kop + 30000 ELSE 0 END, 0, 'n-' || i || ' ' || %(search)s,
    pg_current_xact_id()
FROM job

-- events
INSERT INTO event (pos, id, type, subject_kind, subject_id, version, occurred_at, recorded_at, actor, division_ref, base_id,
    order_ref, data, feed_no)
OVERRIDING SYSTEM VALUE
SELECT j.i::bigint * 10 + e.k + 1, lpad(to_hex(j.i::bigint * 10 + e.k + 1), 32, '0')::uuid, e.type, e.kind,
    CASE e.kind WHEN 'delivery' THEN j.id ELSE lpad(to_hex(j.i::bigint * 10 + e.k + 1), 32, '0')::uuid END::text,
    CASE e.kind WHEN 'delivery' THEN e.k + 1 ELSE 1 END, j.at + (e.k - 5) * interval '1 minute', j.at + e.k * interval '1 minute',
    '{"kind": "courier"}', j.division, %(base)s, j.order_ref,
    (CASE e.type WHEN 'delivery.not_delivered' THEN '{"reason": "not_home", ' ELSE '{' END || '"courier_ref": "' || j.courier
        || '", "kind": "no_position", "what": "нет места", "told": ' || %(told)s || '}')::json,
    j.i::bigint * 10 + e.k + 1
FROM job AS j CROSS JOIN LATERAL (VALUES
    (0, 'delivery', 'delivery.readied'), (1, 'delivery', 'delivery.assigned'),
    (2, 'delivery', CASE j.state WHEN 'ready' THEN 'delivery.changed' ELSE 'delivery.picked_up' END),
    (3, 'delivery', CASE j.state WHEN 'ready' THEN 'delivery.changed' ELSE 'delivery.departed' END),
    (4, 'delivery', 'delivery.changed'),
    (5, 'delivery', CASE j.state WHEN 'ready' THEN 'delivery.changed' WHEN 'settled' THEN 'delivery.handed_over'
        ELSE 'delivery.not_delivered' END),
    (6, 'delivery', CASE j.state WHEN 'settled' THEN 'delivery.settled' ELSE 'delivery.changed' END),
    (7, 'sale', CASE j.state WHEN 'ready' THEN 'sale.seen' ELSE 'sale.made' END),
    (8, 'incident', CASE WHEN j.doubted THEN 'incident.raised' ELSE 'incident.noted' END),
    (9, 'delivery', 'delivery.changed')) AS e (k, kind, type)

-- entries of days
CREATE TEMPORARY TABLE told AS
SELECT j.i::bigint * 10 + f.k + 1 AS pos, j.day, j.division, j.courier, f.figures, f.k, j.product, j.state
FROM job AS j CROSS JOIN LATERAL (VALUES
    (2, '{"steps": 1, "photos_wanted": 1, "photos_there": 1, "positions_wanted": 1, "positions_there": 1}'::jsonb),
    (3, '{"steps": 1}'::jsonb),
    (5, CASE j.state WHEN 'settled' THEN jsonb_build_object('done', 1, 'due_kop', j.goods_kop + 30000, 'goods_kop', j.goods_kop,
            'delivery_price_kop', 30000, 'taken_' || j.method || '_kop', j.goods_kop + 30000, 'in_window', 1, 'ready_to_handed_n', 1,
            'ready_to_handed_s', j.waited_s, 'steps', 1, 'photos_wanted', 1, 'photos_there', 1)
        ELSE '{"not_delivered": 1, "steps": 1, "photos_wanted": 1}'::jsonb END),
    (7, jsonb_build_object('sales', 1, 'sold_units_milli', 1000, 'sold_cash_kop', 99000)),
    (8, CASE WHEN j.doubted THEN '{"flags": 1, "flag_no_position": 1}'::jsonb END)) AS f (k, figures)
WHERE f.figures IS NOT NULL AND (j.state <> 'ready' OR f.k = 8)

-- entries
INSERT INTO day_entry (event_id, day, division_ref, courier_ref, counted)
SELECT lpad(to_hex(pos), 32, '0')::uuid, day, division, courier, jsonb_build_object('figures', figures)
    || CASE WHEN k = 5 AND state = 'returned' THEN '{"reasons": {"not_home": 1}}'::jsonb ELSE '{}' END
    || CASE WHEN k = 7 THEN jsonb_build_object('products', jsonb_build_array(jsonb_build_array(product, NULL, 1000, 99000))) ELSE '{}' END
FROM told

-- figures
INSERT INTO day_figure
SELECT d.day, d.division, d.courier, f.name, f.value
FROM (
    SELECT day, division, courier, count(*) FILTER (WHERE state = 'settled') AS done,
        count(*) FILTER (WHERE state = 'returned') AS failed, count(*) FILTER (WHERE state <> 'ready') AS over,
        count(*) FILTER (WHERE doubted) AS doubts, sum(goods_kop) FILTER (WHERE state = 'settled') AS goods,
        sum(waited_s) FILTER (WHERE state = 'settled') AS waited,
        sum(goods_kop + 30000) FILTER (WHERE state = 'settled' AND method = 'cash') AS cash,
        sum(goods_kop + 30000) FILTER (WHERE state = 'settled' AND method = 'card') AS card,
        sum(goods_kop + 30000) FILTER (WHERE state = 'settled' AND method = 'transfer') AS transfer
    FROM job GROUP BY 1, 2, 3
) AS d CROSS JOIN LATERAL (VALUES
    ('done', done), ('due_kop', goods + done * 30000), ('goods_kop', goods), ('delivery_price_kop', done * 30000),
    ('taken_cash_kop', cash), ('taken_card_kop', card), ('taken_transfer_kop', transfer), ('in_window', done),
    ('ready_to_handed_n', done), ('ready_to_handed_s', waited), ('not_delivered', failed), ('steps', over * 3),
    ('photos_wanted', over * 2), ('photos_there', over + done), ('positions_wanted', over), ('positions_there', over),
    ('sales', over), ('sold_units_milli', over * 1000), ('sold_cash_kop', over * 99000), ('flags', doubts),
    ('flag_no_position', doubts)) AS f (name, value)
WHERE f.value <> 0
ORDER BY 1, 2, 3, 4

-- reasons
INSERT INTO day_reason SELECT day, division, courier, 'not_home', count(*) FROM job WHERE state = 'returned' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3

-- products
INSERT INTO day_product SELECT day, division, courier, product, NULL, count(*) * 1000, count(*) * 99000
FROM job WHERE state <> 'ready' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4

-- money
INSERT INTO money_posting (event_id, n, source, target, sum_kop, why, subject_kind, subject_id, courier_ref, at)
SELECT lpad(to_hex(i::bigint * 10 + p.k + 1), 32, '0')::uuid, 1, 'customer', CASE p.method WHEN 'cash' THEN 'cash:' || courier
    WHEN 'card' THEN 'acquiring' ELSE 'transfers' END, p.sum_kop, p.why, p.kind, id::text, courier, at
FROM job CROSS JOIN LATERAL (VALUES (5, 'hand_over', 'delivery', goods_kop + 30000, method, state = 'settled'),
    (7, 'sale', 'sale', 99000, 'cash', state <> 'ready')) AS p (k, why, kind, sum_kop, method, there)
WHERE p.there

-- goods
INSERT INTO goods_posting (event_id, n, source, target, product, quantity_milli, why, subject_kind, subject_id, courier_ref, at)
SELECT lpad(to_hex(i::bigint * 10 + 6), 32, '0')::uuid, 1, 'orders:' || courier, 'customer', 'product-1', 1000, 'hand_over',
    'delivery', id::text, courier, at FROM job WHERE state = 'settled'

-- balances
WITH goods AS (
    INSERT INTO goods_balance (account, product, characteristic, quantity_milli)
    SELECT a.account, p.product, NULL, sum(a.sign * p.quantity_milli) FROM goods_posting p
    CROSS JOIN LATERAL (VALUES (source, -1), (target, 1)) AS a (account, sign) GROUP BY 1, 2
)
INSERT INTO money_balance (account, sum_kop) SELECT a.account, sum(a.sign * p.sum_kop)
FROM money_posting p CROSS JOIN LATERAL (VALUES (source, -1), (target, 1)) AS a (account, sign) GROUP BY 1

-- incidents
INSERT INTO incident (id, kind, severity, subject_kind, subject_id, division_ref, courier_ref, base_id, order_ref, raised_at, last_at,
    version, state, doc)
SELECT ('0f' || lpad(to_hex(i), 30, '0'))::uuid, 'no_position', 'notice', 'delivery', id::text, division, courier, %(base)s, order_ref,
    at, at, 2, CASE WHEN day > %(last)s::date - 7 THEN 'open' ELSE 'decided' END, jsonb_build_object(
    'id', ('0f' || lpad(to_hex(i), 30, '0'))::uuid, 'kind', 'no_position', 'severity', 'notice', 'subject_kind', 'delivery',
    'subject_id', id, 'division_ref', division, 'courier_ref', courier, 'base_id', %(base)s, 'order_ref', order_ref,
    'order_number', 'N-' || i, 'what', 'нет места', 'why', 'телефон не дал места', 'suggestion', 'спросите курьера', 'data', '{}'::jsonb,
    'raised_at', at, 'last_at', at)
FROM job WHERE doubted

-- counters
WITH f AS (UPDATE feed_counter SET last_no = %(deliveries)s * 10)
SELECT setval(pg_get_serial_sequence('event', 'pos'), %(deliveries)s * 10 + 1)

-- lags by day: five names, forty buckets each
INSERT INTO lag_day
SELECT n.name, d.day, d.division, '', b.bucket - 30, greatest(1, d.n / 40)
FROM (SELECT day, division, count(*) AS n FROM job GROUP BY 1, 2) d
CROSS JOIN (VALUES ('onec_to_bitrix24'), ('ready_to_handed'), ('event_to_onec'), ('event_to_site'), ('report_time')) n (name)
CROSS JOIN generate_series(1, 40) AS b (bucket)
ORDER BY 1, 2, 3, 5

-- the longest of a day
INSERT INTO lag (name, day, division_ref, seconds, subject, at, grp)
SELECT n.name, d.day, d.division, 100 + k, gen_random_uuid(), d.day + time '12:00', ''
FROM (SELECT DISTINCT day, division FROM job) d
CROSS JOIN (VALUES ('onec_to_bitrix24'), ('ready_to_handed'), ('event_to_onec'), ('event_to_site'), ('report_time')) n (name)
CROSS JOIN generate_series(1, 20) AS k
