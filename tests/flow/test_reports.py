"""Reports over HTTP: figures of the moment, files that a spreadsheet opens, what is behind a figure, who may see."""

import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st
from tests.command import posrednik
from tests.flow import test_trade
from tests.flow.courier_phone import Phone, a_phone
from tests.flow.exchange_client import (
    COURIER,
    DIVISION,
    PERSON_TOKEN,
    PRODUCT,
    SECOND_COURIER,
    Service,
    courier,
    running,
    settings,
)
from tests.flow.test_trade import counted, handed_over, loaded, sale

from posrednik.config import Division, Proofs
from posrednik.domain.reports import REPORTS
from posrednik.kit.csv import safe
from posrednik.kit.sheets import Column, Sheet
from posrednik.store import reports as stored
from posrednik.store.db import Database
from posrednik.store.tokens import hash_of
from posrednik.usecases import report_files
from posrednik.usecases.order_facts import Rules
from posrednik.usecases.reports import Span

service = test_trade.service
Json = dict[str, Any]
OTHER = "d0000000-0000-4000-8000-000000000002"
EVIL = "=cmd|' /C calc'!A0"


async def ask(service: Service, name: str, token: str = PERSON_TOKEN, **query: Any) -> Response:
    params = {("from" if key == "since" else key): value for key, value in query.items()}
    headers = {"Authorization": f"Bearer {token}"}
    return await service.client.get(f"/api/v1/reports/{name}", params=params, headers=headers)


async def report(service: Service, name: str = "couriers", **query: Any) -> Json:
    answer = await ask(service, name, **query)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def row(service: Service, name: str = "couriers", **query: Any) -> Json:
    told = await report(service, name, **query)
    assert len(told["rows"]) == 1, told["rows"]
    found: Json = told["rows"][0]
    return found


def today() -> str:
    return datetime.now(ZoneInfo("Europe/Moscow")).date().isoformat()


async def a_person(service: Service, *divisions: str, role: str = "logistician") -> str:
    """The token of somebody who is limited to these divisions."""
    token, person = str(uuid4()), uuid4()
    await service.rows(
        "WITH p AS (INSERT INTO person (id, login, name, roles, divisions) VALUES (%s, %s, 'Ольга', %s, %s)"
        " RETURNING id) INSERT INTO token (id, kind, owner, hash, person_id)"
        " SELECT %s, 'person', id::text, %s, id FROM p RETURNING id",
        person, str(person), [role], list(divisions) or None, uuid4(), hash_of(token),
    )  # fmt: skip
    return token


async def failed(service: Service, phone: Phone, **order: Any) -> str:
    _, delivery = await service.ready_order(ready={"courier": COURIER}, **order)
    await phone.do("delivery.pick_up", delivery["id"])
    done = await phone.do("delivery.not_deliver", delivery["id"], payload={"reason": "not_home"})
    assert done["status"] == "accepted", done
    return str(delivery["id"])


# -- figures


async def test_a_day_of_a_courier_is_one_row_with_its_totals(service: Service):
    phone = await loaded(service)
    await service.person("POST", "/api/v1/board/cash/change", {"courier": COURIER, "sum": "2000.00"})
    await handed_over(service, phone)
    await failed(service, phone)
    await phone.do("sale.make", **sale(1))
    await phone.do("sale.make", **sale(1, "card"))
    told = await report(service)
    (line,) = told["rows"]
    assert {key: line[key] for key in ("day", "courier", "done", "not_delivered", "sales", "without_return")} == {
        "day": today(), "courier": "Пётр Иванов", "done": 1, "not_delivered": 1, "sales": 2, "without_return": 1.0,
    }  # fmt: skip
    money = ("revenue", "cash", "card", "transfer", "change_issued", "to_hand_in", "handed_in")
    assert [line[key] for key in money] == ["4260.00", "3270.00", "990.00", "0.00", "2000.00", "5270.00", "0.00"]
    assert {key: line[key] for key in told["totals"]} == told["totals"]
    assert told["took_ms"] > 0
    book = (await service.person("GET", f"/api/v1/board/cash/couriers/{COURIER}")).json()
    assert line["to_hand_in"] == book["to_hand_in"]


async def test_what_happens_is_in_the_next_answer(service: Service):
    assert (await report(service))["rows"] == []
    phone = await a_phone(service)
    await handed_over(service, phone)
    assert (await row(service))["done"] == 1
    await handed_over(service, phone)
    assert (await row(service))["done"] == 2


async def test_a_report_of_each_kind_answers_with_its_columns(service: Service):
    phone = await loaded(service)
    await handed_over(service, phone)
    await failed(service, phone)
    await phone.do("sale.make", **sale(2))
    for name, known in REPORTS.items():
        told = await report(service, name)
        assert [one["key"] for one in told["columns"]] == [one.key for one in known.columns]
        assert all({one.key for one in known.columns} <= set(line) for line in told["rows"])
        assert bool(told["rows"]) == (name != "cash")
    english = await service.person("GET", "/api/v1/reports/sales", headers={"Accept-Language": "en"})
    assert english.json()["title"] == "Sales from the backpack"


async def test_sales_are_told_by_product_and_a_correction_takes_back(service: Service):
    phone = await loaded(service)
    made = phone.act("sale.make", **sale(3))
    await phone.send(made)
    line = await row(service, "sales")
    assert [line[key] for key in ("product", "quantity", "sum", "price")] == ["Термос", "3", "2970.00", "990.00"]
    payload = {"of": made["id"], "reason": "взял один", "payload": sale(1)["payload"]}
    await phone.do("correction", payload=payload)
    line = await row(service, "sales")
    assert [line[key] for key in ("quantity", "sum")] == ["1", "990.00"]


async def test_failures_are_told_by_their_reason(service: Service):
    phone = await a_phone(service)
    await failed(service, phone)
    line = await row(service, "returns")
    assert [line[key] for key in ("what", "reason", "n", "share")] == ["Не вручено", "нет дома", 1, 1.0]


async def test_missing_cash_is_told_with_its_causes_until_it_is_decided(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    told = await counted(service, "2240.00")
    body = {"reason": EVIL, "second": "Иванова А."}
    assert (await service.person("POST", f"/api/v1/board/cash/counts/{told['id']}/confirm", body)).status_code == 200
    line = await row(service, "cash")
    keys = ("hand_ins", "handed_in", "shortage", "surplus", "decided", "open", "causes")
    assert [line[key] for key in keys] == [1, "2240.00", "40.00", "0.00", "0.00", "-40.00", EVIL]
    old = await row(service, "cash", since="2026-01-01", to="2026-01-02")
    assert [old[key] for key in ("hand_ins", "open")] == [0, "-40.00"]
    decision = {"decision": "shortage", "reason": "обсчёт", "second": "Иванова А."}
    await service.person("POST", f"/api/v1/board/cash/differences/{COURIER}", decision)
    line = await row(service, "cash")
    assert [line[key] for key in ("shortage", "decided", "open")] == ["40.00", "40.00", "0.00"]


async def test_proofs_are_told_by_what_was_asked(service: Service):
    phone = await a_phone(service)
    _, delivery = await service.ready_order(ready={"courier": COURIER})
    await phone.do("delivery.pick_up", delivery["id"], geo=None, geo_error="denied")
    line = await row(service, "proofs")
    asked = [line[key] for key in ("steps", "photos_wanted", "photos_there", "positions_wanted", "positions_there")]
    assert asked == [1, 1, 0, 1, 0]
    assert (line["photo_share"], line["flags"], line["flag_no_position"]) == (0.0, 1, 1)


# -- what is told to nobody


async def test_before_the_count_no_report_tells_what_a_courier_hands_in(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    await phone.do("cash.hand_in_request", payload={"sum": "2280.00"})
    told = await report(service)
    (line,) = told["rows"]
    assert [line[key] for key in ("cash", "to_hand_in", "revenue", "done")] == [None, None, None, 1]
    assert (told["totals"]["cash"], told["hidden"]) == ("0.00", 1)
    file = (await ask(service, "couriers", format="csv")).content.decode()
    cases = await ask(service, "couriers/cases", column="cash")
    assert cases.json()["cases"] == []
    assert "2280" not in str(told) + file
    await counted(service, "2280.00")
    assert (await row(service))["cash"] == "2280.00"


# -- files


async def test_a_sheet_has_numbers_formulas_and_a_filter(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    answer = await ask(service, "couriers", format="xlsx")
    assert answer.status_code == 200, answer.text
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    sheet = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml").decode()
    assert '<pane ySplit="7"' in sheet
    assert '<autoFilter ref="A7:' in sheet
    assert 'orientation="landscape"' in sheet
    assert "<v>2280</v>" in sheet
    assert "<f>SUBTOTAL(109,D8)</f><v>1.0</v>" in sheet
    assert "<f>IFERROR(MAX(0,SUBTOTAL(109,D8)-SUBTOTAL(109,G8))/(SUBTOTAL(109,D8)+SUBTOTAL(109,F8))" in sheet


async def test_csv_opens_in_a_russian_excel(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    answer = await ask(service, "couriers", format="csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    header, line = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    told = dict(zip(header, line, strict=True))
    day = date.fromisoformat(today())
    assert (told["День"], told["Наличные"], told["Вручено"]) == (f"{day:%d.%m.%Y}", "2280,00", "1")


async def test_a_name_is_never_taken_for_a_formula(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    await service.onec.send([{**courier(COURIER, EVIL), "version": "2"}])
    sheet = (await ask(service, "couriers", format="xlsx")).content
    text = zipfile.ZipFile(io.BytesIO(sheet)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>cmd" not in text
    assert "=cmd|" in text
    assert f"'{EVIL}" in (await ask(service, "couriers", format="csv")).content.decode()


@given(st.text())
def test_no_text_of_a_cell_begins_as_a_formula(text: str):
    assert safe(text).lstrip(" ")[:1] not in {*"=+-@\t\r\n"}
    assert safe(text).removeprefix("'") == text.removeprefix("'") or safe(text) == text


def test_a_table_of_a_hundred_thousand_rows_takes_no_more_memory_than_a_small_one(tmp_path: Path):
    columns = [Column("name", "Имя", "text"), Column("sum", "Сумма", "money", "{sum}")]
    peaks = []
    for rows in (1_000, 30_000):
        tracemalloc.start()
        sheet = Sheet(tmp_path / f"{rows}.xlsx", "Отчёт", ["строка"], columns)
        sheet.write({"name": f"Курьер {n}", "sum": n} for n in range(rows))
        sheet.close("Итого", {"sum": 1})
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 5_000_000


async def test_a_large_report_is_written_in_pieces_and_refused_beyond_the_limit(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    await service.rows(
        "INSERT INTO day_figure SELECT date '2026-01-01' + d, %s, 'c' || c, 'done', 1"
        " FROM generate_series(0, 99) d, generate_series(1, 60) c RETURNING day", DIVISION,
    )  # fmt: skip
    span = {"since": "2026-01-01", "to": "2026-06-01"}
    refused = await ask(service, "couriers", **span)
    assert (refused.status_code, refused.json()["code"]) == (422, "report_too_big")
    assert "5 000" in refused.json()["detail"].replace("\u202f", " ").replace("\u00a0", " ") or "5000" in refused.text
    answer = await ask(service, "couriers", format="csv", **span)
    assert answer.text.count("\r\n") == 6001
    monkeypatch.setattr(stored, "BATCH", 7)
    db = Database(service.dsn, size=1)
    await db.open()
    try:
        days = Span(date(2026, 1, 1), date(2026, 1, 10))
        read = await report_files.write(
            db, REPORTS["couriers"], days, Rules({}), "ru", tmp_path / "r.csv", "csv", datetime.now(UTC)
        )
    finally:
        await db.close()
    assert (read, (tmp_path / "r.csv").read_text().count("\n")) == (600, 601)


# -- what is behind a figure


async def test_each_figure_opens_its_cases(service: Service):
    phone = await loaded(service)
    delivery = await handed_over(service, phone)
    lost = await failed(service, phone)
    await phone.do("sale.make", **sale(2))
    told = await report(service)
    line = told["rows"][0]

    async def behind(address: str, line: Json) -> list[Json]:
        answer = await service.person("GET", address.format_map(line))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["cases"])

    (one,) = await behind(told["cases"]["done"], line)
    assert (one["subject"], one["value"], one["title"]) == ({"kind": "delivery", "id": delivery}, 1, "Вручил")
    assert one["order_number"]
    assert [case["value"] for case in await behind(told["cases"]["cash"], line)] == ["1980.00", "2280.00"]
    told = await report(service, "returns")
    (one,) = await behind(told["cases"]["n"], told["rows"][0])
    assert (one["subject"]["id"], one["note"], one["value"]) == (lost, "нет дома", 1)
    told = await report(service, "sales")
    (one,) = await behind(told["cases"]["quantity"], told["rows"][0])
    assert (one["title"], one["value"]) == ("Продажа", "2")
    assert (await ask(service, "sales/cases", column="quantity", product=PRODUCT[:-1] + "9")).json()["cases"] == []
    assert (await ask(service, "couriers/cases", column="courier")).status_code == 404
    few = (await ask(service, "couriers/cases", column="cash", limit=1)).json()
    assert (len(few["cases"]), few["more"]) == (1, True)


# -- who may see, and what is refused


async def two_divisions(service: Service) -> None:
    await handed_over(service, await a_phone(service))
    await service.rows(
        "INSERT INTO day_figure VALUES (%s, %s, %s, 'done', 5) RETURNING day", date.fromisoformat(today()), OTHER,
        SECOND_COURIER,
    )  # fmt: skip


async def test_who_is_limited_to_a_division_sees_nothing_of_another(service: Service):
    await two_divisions(service)
    assert {line["division_ref"] for line in (await report(service))["rows"]} == {DIVISION, OTHER}
    token = await a_person(service, DIVISION)
    own = (await ask(service, "couriers", token)).json()
    assert [line["division_ref"] for line in own["rows"]] == [DIVISION]
    assert own["totals"]["done"] == 1
    for way in ("couriers", "couriers/cases"):
        other = await ask(service, way, token, division=OTHER, column="done")
        assert (other.status_code, other.json()["code"]) == (403, "other_division")
    elsewhere = await a_person(service, OTHER)
    assert (await ask(service, "couriers/cases", elsewhere, column="done", courier=COURIER)).json()["cases"] == []
    assert COURIER not in (await ask(service, "couriers", elsewhere, format="csv")).text


async def test_a_courier_has_no_reports(service: Service):
    token = await a_person(service, DIVISION, role="courier")
    assert (await ask(service, "couriers", token)).status_code == 403
    assert (await ask(service, "couriers", "wrong")).status_code == 401


@pytest.mark.parametrize(
    ("name", "query", "status", "code"),
    [
        ("unknown", {}, 404, "not_found"), ("couriers", {"since": "yesterday"}, 400, "malformed"),
        ("couriers", {"format": "pdf"}, 400, "malformed"),
        ("couriers", {"since": "2026-02-02", "to": "2026-02-01"}, 422, "report_range_wrong"),
        ("couriers", {"since": "2024-01-01", "to": "2026-02-01"}, 422, "report_range_too_long"),
        ("couriers", {"since": "2024-01-01", "to": "2026-02-01", "format": "xlsx"}, 422, "report_range_too_long"),
        ("couriers/cases", {"column": "done", "limit": 10_000}, 400, "malformed"),
    ],
)  # fmt: skip
async def test_what_cannot_be_a_report_is_refused_in_words(
    service: Service, name: str, query: Json, status: int, code: str
):
    answer = await ask(service, name, **query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_days_are_those_of_the_division(database: str):
    """In Kamchatka it is tomorrow for half of Moscow's day."""
    zone = "Asia/Kamchatka"
    configured = settings(proofs=Proofs(), divisions=(Division(ref=DIVISION, time_zone=zone),))
    async with running(database, configured) as service:
        phone = await a_phone(service)
        midnight = datetime.now(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        for at in (midnight - timedelta(minutes=1), midnight):
            _, delivery = await service.ready_order(ready={"courier": COURIER})
            told = {"at_device": at.astimezone(UTC).isoformat()}
            await phone.do("delivery.pick_up", delivery["id"], **told)
            await phone.do("delivery.not_deliver", delivery["id"], payload={"reason": "refused"}, **told)
        day = midnight.date()
        both = await report(service, since=str(day - timedelta(days=1)), to=str(day), division=DIVISION)
        assert [(line["day"], line["not_delivered"]) for line in both["rows"]] == [
            (str(day), 1), (str(day - timedelta(days=1)), 1),
        ]  # fmt: skip


# -- the command line


async def test_figures_are_checked_and_counted_anew_by_command(service: Service):
    phone = await a_phone(service)
    await handed_over(service, phone)
    fine = posrednik("figures", "check", dsn=service.dsn)
    assert (fine.returncode, "сходятся" in fine.stdout) == (0, True), fine.stderr
    await service.rows("DELETE FROM day_entry RETURNING day")
    wrong = posrednik("figures", "check", "--since", today(), dsn=service.dsn)
    assert (wrong.returncode, "is not counted" in wrong.stdout) == (1, True), wrong.stderr
    await service.rows("DELETE FROM day_figure RETURNING day")
    done = posrednik("figures", "rebuild", dsn=service.dsn)
    assert (done.returncode, "исправлено событий: 2" in done.stdout) == (0, True), done.stdout + done.stderr
    assert (await row(service))["done"] == 1
    assert posrednik("figures", "check", "--since", "вчера", dsn=service.dsn).returncode == 2
