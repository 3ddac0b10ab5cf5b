"""KPI over HTTP: what counts and what does not, what each is compared with, who may see it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.command import posrednik
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    SECOND_COURIER,
    Service,
    command,
    new_ref,
    order,
    product,
    references,
    running,
)
from tests.flow.kpi_kit import KPI, arrive, cases, configured, counted, database_of, figured, kpis, lasted
from tests.flow.people_kit import Office
from tests.flow.reconcile_kit import start as start_run
from tests.flow.test_slices import compare

from posrednik.checks.housekeeper import Housekeeper
from posrednik.kit.ids import uuid7
from posrednik.store import lags
from posrednik.store.lags import Lag

Json = dict[str, Any]
OTHER = "d0000000-0000-4000-8000-000000000002"


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database, configured()) as made:
        yield made


def today(days_ago: int = 0) -> str:
    return str((datetime.now(ZoneInfo("Europe/Moscow")) - timedelta(days=days_ago)).date())


async def handed_over(service: Service, minutes: int = 0, courier: str = COURIER, **order_data: Any) -> str:
    """A delivery that took so long from «Готов»; its id."""
    _, delivery = await service.ready_order(ready={"courier": courier}, **order_data)
    if minutes:
        ready_at = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
        await service.rows(
            "UPDATE delivery SET doc = jsonb_set(doc, '{ready_at}', to_jsonb(%s::text)) WHERE id = %s RETURNING id",
            ready_at, delivery["id"],
        )  # fmt: skip
    await service.act(delivery["id"], "pick_up")
    await service.act(delivery["id"], "hand_over", amount_taken="2280.00")
    return str(delivery["id"])


async def received_ago(service: Service, seconds: int) -> None:
    await service.rows("UPDATE command SET received_at = received_at - make_interval(secs => %s) RETURNING id", seconds)


# -- from 1C to Bitrix24


async def test_an_order_counts_when_the_portal_has_its_task(service: Service):
    await service.ready_order()
    await received_ago(service, 90)
    assert (await kpis(service))["order_to_bitrix24"]["state"] == "unknown"
    assert await arrive(service, "bitrix24") == 2  # the task, and its checklist, which counts nowhere
    told = (await kpis(service))["order_to_bitrix24"]
    assert (told["n"], told["state"], told["note"]) == (1, "met", "Дольше 2 минут: 0 из 1.")
    assert told["p50"] == pytest.approx(90, rel=0.05) == told["p95"]
    assert told["worst"] == pytest.approx(90, abs=10)
    assert [(one["day"], one["n"]) for one in told["trend"]] == [(today(), 1)]


async def test_an_order_that_took_longer_than_two_minutes_misses_the_target_and_is_named(service: Service):
    await service.ready_order()
    await received_ago(service, 200)
    await arrive(service, "bitrix24")
    told = (await kpis(service))["order_to_bitrix24"]
    assert (told["state"], told["note"]) == ("missed", "Дольше 2 минут: 1 из 1.")
    [case] = await cases(service, told)
    assert (case["order_number"], case["unit"], case["division"]) == ("ТД00-000123", "seconds", "Центр")
    assert case["value"] == pytest.approx(200, abs=10)


async def test_a_task_counts_when_it_is_made_and_not_when_it_changes(service: Service):
    _, delivery = await service.ready_order()
    await arrive(service, "bitrix24")
    await service.act(delivery["id"], "assign", courier=COURIER)
    assert await arrive(service, "bitrix24") == 1
    assert (await kpis(service))["order_to_bitrix24"]["n"] == 1


async def test_a_command_that_waited_for_its_order_counts_from_its_first_arrival(service: Service):
    ref = new_ref()
    await service.onec.send(references())
    assert (await service.onec.press("delivery.ready", ref))["status"] == "waiting"
    await received_ago(service, 600)
    await service.onec.send([order(ref)])
    await arrive(service, "bitrix24")
    assert (await kpis(service))["order_to_bitrix24"]["worst"] == pytest.approx(600, abs=10)


async def test_a_repeated_ready_does_not_make_the_way_shorter(service: Service):
    ref, _ = await service.ready_order()
    await received_ago(service, 300)
    again = await service.onec.press_as(command("delivery.ready", ref))
    assert (again["status"], again["result"]["already"]) == ("done", True)
    await arrive(service, "bitrix24")
    assert (await kpis(service))["order_to_bitrix24"]["worst"] == pytest.approx(300, abs=10)


async def test_orders_of_before_a_division_was_switched_on_count_from_the_switch(database: str):
    async with running(database, configured("shadow")) as service:
        await service.ready_order()
        await received_ago(service, 86_400)
        body = {"mode": "live", "reason": "включаем", "force": True}
        assert (await service.person("POST", f"/api/v1/admin/pilot/{DIVISION}/mode", body)).status_code == 200
        assert await arrive(service, "bitrix24") == 2
        assert (await kpis(service))["order_to_bitrix24"]["worst"] < 60


async def test_trial_orders_count_nowhere(service: Service):
    await handed_over(service, 30, trial=True)
    assert await arrive(service, "bitrix24") >= 1
    events = await service.onec.events()
    assert [one["trial"] for one in events] == [True, True]
    await service.onec.ack([one["id"] for one in events])
    assert await service.rows("SELECT * FROM lag_day") == []
    assert await service.rows("SELECT * FROM day_count") == []


# -- events to 1C and to the site


async def lag_counts(service: Service) -> dict[str, int]:
    rows = await service.rows("SELECT name, sum(n)::int AS n FROM lag_day GROUP BY name")
    return {row["name"]: row["n"] for row in rows}


async def test_an_event_counts_when_1c_has_accepted_it_and_only_once(service: Service):
    await service.picked_up()
    [event] = await service.onec.events()
    assert "event_to_onec" not in await lag_counts(service)
    await service.onec.ack([event["id"]])
    await service.onec.ack([event["id"]])
    assert (await lag_counts(service))["event_to_onec"] == 1


async def test_an_event_counts_when_a_subscriber_has_accepted_it(service: Service):
    await service.picked_up()
    assert await arrive(service, "site") == 2
    assert (await lag_counts(service))["event_to_site"] == 2
    assert await arrive(service, "site") == 0


# -- «готов → отдан» and its baseline


async def freeze(service: Service, **body: Any) -> Json:
    body = {"division": DIVISION, "from": today(9), "to": today(1), "why": "начало пилота", **body}
    answer = await service.person("POST", f"{KPI}/baselines", body)
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    return told


async def test_without_a_baseline_there_is_nothing_to_compare_with_and_it_says_so(service: Service):
    await handed_over(service, 50)
    told = (await kpis(service))["ready_to_handed"]
    assert (told["state"], told["target"]["value"], told["n"]) == ("unknown", None, 1)
    assert told["p50"] == pytest.approx(3000, rel=0.05)
    assert "подразделений без базы — 1" in told["note"]
    assert told["groups"] is None


@pytest.mark.parametrize(("minutes", "state"), [(70, "met"), (90, "missed")])
async def test_the_median_is_to_be_a_fifth_below_the_frozen_one(service: Service, minutes: int, state: str):
    await lasted(service, "ready_to_handed", *[6000] * 5, days_ago=5)
    await freeze(service)
    await handed_over(service, minutes)
    told = (await kpis(service, since=today()))["ready_to_handed"]
    assert told["state"] == state
    assert told["target"]["value"] == pytest.approx(4800, rel=0.05)
    assert "на 20 % короче базы" in told["target"]["text"]


async def test_the_baseline_stays_what_it_was_when_its_days_change(service: Service):
    await lasted(service, "ready_to_handed", 6000, days_ago=5)
    await freeze(service)
    await lasted(service, "ready_to_handed", *[60] * 10, days_ago=5)
    [one] = (await service.person("GET", f"{KPI}/baselines")).json()["baselines"]
    assert (one["n"], one["kind"], one["who"], one["why"]) == (1, "measured", "Логист", "начало пилота")
    assert one["p50_s"] == pytest.approx(6000, rel=0.05)


async def test_a_later_baseline_supersedes_and_the_earlier_one_is_kept(service: Service):
    await freeze(service, p50_s=7200, n=340, source="журнал диспетчера")
    await freeze(service, p50_s=5400, n=120, source="пересчитали", why="в журнале были ошибки")
    found = (await service.person("GET", f"{KPI}/baselines")).json()["baselines"]
    assert [(one["p50_s"], one["valid"], one["source"]) for one in found] == [
        (5400, True, "пересчитали"), (7200, False, "журнал диспетчера"),
    ]  # fmt: skip
    with psycopg.connect(service.dsn) as conn, pytest.raises(psycopg.errors.RestrictViolation):
        conn.execute("UPDATE baseline SET p50_s = 1")
    with psycopg.connect(service.dsn) as conn, pytest.raises(psycopg.errors.RestrictViolation):
        conn.execute("DELETE FROM baseline")


@pytest.mark.parametrize("body", [
    {"p50_s": 0, "n": 3, "source": "x"}, {"p50_s": 60, "n": 0, "source": "x"}, {"p50_s": 60, "n": 3, "source": " "},
    {"p50_s": 60, "n": 3, "source": "x", "why": " "},
    {"from": today(1), "to": today(5), "p50_s": 1, "n": 1, "source": "x"},
])  # fmt: skip
async def test_figures_that_cannot_be_are_no_baseline(service: Service, body: Json):
    whole = {"division": DIVISION, "from": today(9), "to": today(1), "why": "так", **body}
    answer = await service.person("POST", f"{KPI}/baselines", whole)
    assert (answer.status_code, answer.json()["code"]) == (422, "baseline_unfit")
    assert await service.rows("SELECT * FROM baseline") == []


async def test_days_without_deliveries_cannot_be_frozen(service: Service):
    body = {"division": DIVISION, "from": today(9), "to": today(1), "why": "так"}
    answer = await service.person("POST", f"{KPI}/baselines", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "baseline_empty")


async def test_baselines_of_before_come_from_a_csv(service: Service):
    rows = f"\ufeffdivision;from;to;p50_s;n;source\r\n{DIVISION};2026-01-01;2026-03-31;7200,5;340;Учёт логиста\r\n"
    done = await service.person("POST", f"{KPI}/baselines/import", {"csv": rows, "why": "до Посредника"})
    assert (done.status_code, len(done.json()["frozen"])) == (201, 1)
    [one] = (await service.person("GET", f"{KPI}/baselines")).json()["baselines"]
    assert (one["p50_s"], one["n"], one["kind"], one["source"]) == (7200.5, 340, "imported", "Учёт логиста")
    for wrong in ("a;b\r\n1;2", rows.replace("7200,5", "два часа"), rows.splitlines()[0]):
        answer = await service.person("POST", f"{KPI}/baselines/import", {"csv": wrong, "why": "так"})
        assert (answer.status_code, answer.json()["code"]) == (422, "baseline_unfit")


async def test_couriers_of_the_pilot_stand_beside_the_others_of_the_same_days(service: Service):
    pilot = f"/api/v1/admin/pilot/{DIVISION}"
    await service.onec.send(references())
    await service.person("POST", f"{pilot}/couriers", {"add": [COURIER], "remove": [], "reason": "пилот"})
    switched = await service.person("POST", f"{pilot}/mode", {"mode": "pilot", "reason": "пилот", "force": True})
    assert switched.status_code == 200, switched.text
    await handed_over(service, 30)
    await handed_over(service, 90, SECOND_COURIER)
    told = (await kpis(service))["ready_to_handed"]
    assert {name: group["n"] for name, group in told["groups"].items()} == {"pilot": 1, "control": 1}
    assert told["groups"]["pilot"]["p50"] == pytest.approx(1800, rel=0.06)
    assert told["groups"]["control"]["p50"] == pytest.approx(5400, rel=0.06)
    assert told["n"] == 2


async def test_the_command_line_freezes_shows_and_lists(service: Service):
    await lasted(service, "ready_to_handed", 6000, days_ago=5)
    done = posrednik("baseline", "freeze", "--division", DIVISION, "--from", today(9), "--to", today(1), "--why", "так",
                     dsn=service.dsn)  # fmt: skip
    assert (done.returncode, "заморожена" in done.stdout) == (0, True), done.stdout + done.stderr
    [row] = await service.rows("SELECT action, subject FROM audit WHERE who LIKE 'cli:%%'")
    assert row == {"action": "baseline.freeze", "subject": DIVISION}
    shown = posrednik("kpi", "show", dsn=service.dsn)
    assert "Объекты сходятся" in shown.stdout, shown.stderr
    listed = posrednik("baseline", "list", dsn=service.dsn)
    assert (listed.returncode, "так" in listed.stdout) == (0, True)
    gates = posrednik("kpi", "gates", "--days", "3", dsn=service.dsn)
    assert (gates.returncode, "нет данных" in gates.stdout) == (1, True), gates.stderr


# -- the others


async def test_a_delivery_with_a_refused_line_is_one_with_a_return(service: Service):
    await handed_over(service)
    _, delivery = await service.picked_up()
    lines = [{"line": "1", "accepted": "1"}]
    await service.act(delivery["id"], "hand_over", amount_taken="1290.00", lines=lines)
    told = (await kpis(service))["without_return"]
    assert (told["value"], told["n"], told["state"]) == (0.5, 2, "missed")
    assert [one["order_number"] for one in await cases(service, told)] == ["ТД00-000123"]


async def test_cash_that_differs_is_compared_with_the_cash_taken(service: Service):
    await figured(service, taken_cash_kop=9_000_00, sold_cash_kop=1_000_00, cash_shortage_kop=20_00, hand_ins=4)
    assert (await kpis(service))["cash_discrepancy"]["state"] == "met"
    await figured(service, days_ago=2, cash_surplus_kop=20_00)
    told = (await kpis(service))["cash_discrepancy"]
    assert (told["value"], told["n"], told["state"]) == (0.004, 4, "missed")


async def test_doubles_are_counted_by_what_destinations_tell_and_zero_is_no_success(service: Service):
    told = (await kpis(service))["duplicates"]
    assert (told["value"], told["state"]) == (0, "unknown")
    assert "ещё не проверялось" in told["note"]
    await service.ready_order()
    await arrive(service, "bitrix24", code="double_at_destination")
    told = (await kpis(service))["duplicates"]
    assert (told["value"], told["state"]) == (1, "missed")
    assert [one["value"] for one in await cases(service, told)] == [1]


async def test_agreement_is_unknown_and_says_why(service: Service):
    told = (await kpis(service))["agree"]
    assert (told["value"], told["state"], told["cases"]) == (None, "unknown", "")
    assert "ничего не сверяла" in told["note"]


async def test_agreement_is_that_of_the_last_comparisons(service: Service):
    ref = new_ref()
    await service.onec.send([product(ref)])
    await compare(service, "product", {})
    told = (await kpis(service))["agree"]
    assert (told["value"], told["state"], told["n"]) == (0, "missed", 1)
    await compare(service, "product", {ref: "1"})
    told = (await kpis(service))["agree"]
    assert (told["value"], told["state"], len(told["trend"])) == (1, "met", 1)


async def test_agreement_is_that_of_a_run_object_by_object_before_anything_was_repaired(service: Service):
    """Of four one differs; that it was sent at once and agrees now does not make the exchange better than it was."""
    refs = dict.fromkeys((new_ref() for _ in range(4)), "1")
    last = next(iter(refs))
    await service.onec.send([product(ref) for ref in refs])
    has = {**refs, last: "2"}
    run = await start_run(service)
    assert await run.digest("product", has) == "list"
    assert (await kpis(service))["agree"]["value"] == 0, "nobody has said yet which differ"
    await run.listing("product", has)
    assert (await kpis(service))["agree"]["value"] == 0.75
    await service.onec.send([{**product(last, "Термос 2"), "version": "2"}])
    assert await run.digest("product", has) == "equal"
    await run.end()
    told = (await kpis(service))["agree"]
    assert (told["value"], told["n"], [point["value"] for point in told["trend"]]) == (0.75, 4, [0.75])
    await start_run(service)
    assert (await kpis(service))["agree"]["value"] == 0.75, "a run that has compared nothing says nothing"


async def test_each_report_is_timed_on_the_screen_and_as_a_file(service: Service):
    for query in ("", "?format=csv", "?format=xlsx"):
        assert (await service.person("GET", f"/api/v1/reports/couriers{query}")).status_code == 200
    told = (await kpis(service))["report_time"]
    assert (told["n"], told["state"]) == (3, "met")
    assert {one["what"] for one in await cases(service, told)} == {"couriers"}


async def test_every_kpi_has_a_definition_a_target_and_a_state_in_both_languages(service: Service):
    for lang in ("ru", "en"):
        answer = await service.person("GET", KPI, headers={"Accept-Language": lang})
        for one in answer.json()["kpis"]:
            assert all(one[key] for key in ("title", "definition", "state_text")), one
            assert one["target"]["text"]


async def test_only_the_worst_of_a_day_are_kept_by_name(service: Service):
    await lasted(service, "event_to_site", *range(1, 101))
    rows = await service.rows("SELECT seconds FROM lag ORDER BY seconds")
    assert [row["seconds"] for row in rows] == list(range(81, 101))
    await lasted(service, "event_to_site", 50, 200)
    rows = await service.rows("SELECT seconds FROM lag ORDER BY seconds DESC LIMIT 1")
    assert (rows[0]["seconds"], (await lag_counts(service))["event_to_site"]) == (200, 102)


async def test_what_was_among_the_worst_for_a_while_goes_when_the_day_is_over(service: Service):
    for seconds in range(1, 41):
        await lasted(service, "event_to_site", seconds, days_ago=3)
    await lasted(service, "event_to_site", *range(1, 10), days_ago=0)
    assert len(await service.rows("SELECT * FROM lag")) == 49
    async with database_of(service.dsn) as db:
        keeper = Housekeeper(db, uuid7())
        assert await keeper._lead()
        await keeper._prune()
    rows = await service.rows("SELECT seconds FROM lag WHERE day < current_date ORDER BY seconds")
    assert [row["seconds"] for row in rows] == list(range(21, 41))
    assert (await lag_counts(service))["event_to_site"] == 49


async def test_many_at_once_are_all_counted_and_never_in_each_other_s_way(service: Service):
    async def some(turn: int) -> None:
        found = [
            Lag("event_to_site", uuid7(), datetime.now(UTC), one, ref)
            for one in (1, 50, 900)
            for ref in (OTHER, DIVISION)
        ]
        for _ in range(5):
            await db.transact(lambda tx: lags.add(tx, found[:: 1 if turn % 2 else -1]))

    async with database_of(service.dsn, size=8) as db:
        await asyncio.gather(*(some(turn) for turn in range(8)))
    assert (await lag_counts(service))["event_to_site"] == 8 * 5 * 6


# -- who, and which days


async def test_whoever_is_limited_sees_only_his_divisions(service: Service):
    office = Office(service)
    await lasted(service, "ready_to_handed", 60, days_ago=1)
    await lasted(service, "ready_to_handed", 60, 60, days_ago=1, division_ref=OTHER)
    await figured(service, done=1)
    await figured(service, ref=OTHER, done=5)
    await counted(service, "duplicates", 3, ref=OTHER)
    _, token = await office.employed("one", ["head"], [DIVISION])
    answer = await office.ask(token, "GET", KPI)
    told = {one["key"]: one for one in answer.json()["kpis"]}
    assert (told["ready_to_handed"]["n"], told["without_return"]["n"], told["duplicates"]["value"]) == (1, 1, 0)
    assert (await kpis(service))["ready_to_handed"]["n"] == 3
    for path in (KPI, f"{KPI}/duplicates/cases", f"{KPI}/baselines"):
        refused = await office.ask(token, "GET", f"{path}?division={OTHER}")
        assert (refused.status_code, refused.json()["code"]) == (403, "other_division")


async def test_a_cashier_sees_no_kpi_and_a_head_freezes_nothing(service: Service):
    office = Office(service)
    _, cashier = await office.employed("cash", ["cashier"])
    _, head = await office.employed("head", ["head"])
    assert (await office.ask(cashier, "GET", KPI)).status_code == 403
    body = {"division": DIVISION, "from": today(2), "to": today(1), "why": "так", "p50_s": 1, "n": 1, "source": "x"}
    assert (await office.ask(head, "POST", f"{KPI}/baselines", body)).status_code == 403


async def test_days_that_cannot_be_are_refused_in_words(service: Service):
    for query, code in (
        (f"from={today()}&to={today(1)}", "kpi_range_wrong"),
        ("from=2020-01-01", "kpi_range_too_long"),
    ):
        answer = await service.person("GET", f"{KPI}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await service.person("GET", f"{KPI}/nothing/cases")).status_code == 404
