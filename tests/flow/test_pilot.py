"""The pilot over HTTP and by command line: the check list, the dry run, going back, who may."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.flow.exchange_client import (
    BASE,
    BASE_TOKEN,
    COURIER,
    DIVISION,
    SECOND_COURIER,
    Json,
    Service,
    new_ref,
    order,
    references,
    running,
    settings,
)
from tests.flow.people_kit import Office
from tests.flow.test_modes import SECRET
from typer.testing import CliRunner

from posrednik.cli import app
from posrednik.config import Bitrix24, Division, SubscriptionSection, Webhooks

PILOT = f"/api/v1/admin/pilot/{DIVISION}"
configured = settings(
    divisions=(Division(ref=DIVISION, mode="shadow", bitrix24_group=11),),
    bitrix24=Bitrix24(portal_url="https://portal.example", webhook="1/secret", status_chat="chat1"),
    webhooks=Webhooks(allow_private=True),
    subscriptions=(SubscriptionSection(url="http://127.0.0.1:9/hook", secret=SECRET),),
)


@pytest.fixture
async def service(database: str) -> AsyncIterator[Service]:
    async with running(database, configured) as it:
        await it.onec.send(references())
        await it.rows("INSERT INTO worker (id, host, pid) VALUES (gen_random_uuid(), 'here', 1) RETURNING 1")
        yield it


async def post(service: Service, what: str, status: int = 200, **body: Any) -> Json:
    answer = await service.person("POST", f"{PILOT}/{what}", {"reason": "проверка", **body})
    assert answer.status_code == status, answer.text
    told: Json = answer.json()
    return told


async def stand(service: Service) -> Json:
    answer = await service.person("GET", "/api/v1/admin/pilot")
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()["divisions"][0]
    return told


def states(told: Json) -> dict[str, str]:
    return {check["key"]: check["state"] for check in told["checklist"]}


async def test_the_page_tells_how_a_division_stands_and_what_comes_next(service: Service) -> None:
    told = await stand(service)
    assert (told["mode"], told["source"], told["since"], told["next"]) == ("shadow", "file", None, "pilot")
    assert {courier["name"]: courier["chosen"] for courier in told["couriers"]} == {
        "Иван Петров": False, "Пётр Иванов": False
    }  # fmt: skip
    assert states(told) == {
        "bases": "ok", "tokens": "ok", "portal": "ok", "workers": "ok", "group": "ok", "couriers": "ok",
        "pilot_couriers": "warn", "subscribers": "ok", "dead": "ok", "waits": "ok", "quarantine": "ok",
        "incidents": "ok", "gates": states(told)["gates"],
    }  # fmt: skip
    assert all(check["title"] and check["text"] for check in told["checklist"])


async def test_a_dry_run_changes_nothing_and_tells_what_would_be_done(service: Service) -> None:
    await service.picked_up()
    told = await post(service, "mode", mode="live", dry_run=True)
    assert (told["done"], told["was"], told["mode"], told["plan"]["tell"]) == (False, "shadow", "live", 1)
    assert (await stand(service))["mode"] == "shadow"
    assert not await service.rows("SELECT 1 FROM division_change")


async def test_without_gates_nothing_goes_live_unless_it_is_forced_and_the_journal_tells(service: Service) -> None:
    refused = await post(service, "mode", 422, mode="live")
    assert refused["code"] == "switch_not_ready"
    assert [error["pointer"] for error in refused["errors"]] == ["/gates"]
    assert (await stand(service))["mode"] == "shadow"
    done = await post(service, "mode", mode="live", force=True)
    assert done["done"]
    after = await stand(service)
    assert (after["mode"], after["source"], after["by"]) == ("live", "page", "Логист")
    lines = await service.rows("SELECT outcome, summary FROM journal WHERE kind = 'switch'")
    assert [line["outcome"] for line in lines] == ["live"]
    assert "принудительно" in lines[0]["summary"]
    assert "«Теневой режим» → «Работает»" in lines[0]["summary"]
    audited = await service.rows("SELECT action, division_ref FROM audit WHERE operation = 'switchMode'")
    assert audited == [{"action": "pilot.switch", "division_ref": DIVISION}]


async def test_what_stands_in_the_way_is_said(service: Service) -> None:
    await service.rows("DELETE FROM worker RETURNING 1")
    await service.rows("UPDATE token SET revoked_at = now() WHERE kind = 'base' RETURNING 1")
    await service.rows("UPDATE destination SET state = 'disabled', why = '403' WHERE kind = 'bitrix24' RETURNING 1")
    told = await post(service, "mode", mode="pilot", dry_run=True)
    assert not told["may_switch"]
    assert {key for key, state in states(told).items() if state == "stop"} == {"tokens", "portal", "workers"}
    back = await post(service, "mode", mode="off", dry_run=True)
    assert back["may_switch"]


async def test_strangers_are_no_pilot(service: Service) -> None:
    await post(service, "couriers", add=["c0000000-0000-4000-8000-00000000000f"])
    told = await post(service, "mode", mode="pilot", dry_run=True)
    assert states(told)["pilot_couriers"] == "stop"
    await post(service, "couriers", add=[COURIER], remove=["C0000000-0000-4000-8000-00000000000F"])
    assert states(await post(service, "mode", mode="pilot", dry_run=True))["pilot_couriers"] == "ok"


async def test_two_pages_do_not_switch_over_each_other(service: Service) -> None:
    done = await post(service, "mode", mode="pilot", force=True, version=0)
    refused = await post(service, "mode", 409, mode="off", version=0)
    assert (refused["code"], refused["version"]) == ("settings_changed", done["version"])


@pytest.mark.parametrize("body", [{"mode": "nearly"}, {"mode": "live", "version": -1}, {"mode": 5}, {}])
async def test_what_is_no_switch_is_not_read(service: Service, body: Json) -> None:
    answer = await service.person("POST", f"{PILOT}/mode", {"reason": "x", **body})
    assert answer.status_code == 400, answer.text


async def test_a_switch_needs_a_reason_and_a_known_division(service: Service) -> None:
    told = await post(service, "mode", 422, mode="off", reason=" ")
    assert told["code"] == "setting_reason_missing"
    other = "/api/v1/admin/pilot/d0000000-0000-4000-8000-00000000000f/mode"
    assert (await service.person("POST", other, {"mode": "off", "reason": "x"})).status_code == 404


@pytest.mark.parametrize("q", ["ТД00-999999", "  "])
async def test_no_order_is_marked_by_a_word_that_finds_none(service: Service, q: str) -> None:
    answer = await service.person("POST", "/api/v1/admin/pilot/orders", {"order": q, "reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "order_not_one")


async def test_whoever_is_limited_sees_and_switches_his_divisions_only(service: Service) -> None:
    other = "d0000000-0000-4000-8000-000000000002"
    await service.onec.send([{"kind": "division", "ref": other, "version": "1", "data": {"name": "Север"}}])
    office = Office(service)
    _, token = await office.employed("north", ["administrator"], [other])
    names = [one["name"] for one in (await office.ask(token, "GET", "/api/v1/admin/pilot")).json()["divisions"]]
    assert names == ["Север"]
    refused = await office.ask(token, "POST", f"{PILOT}/mode", {"mode": "off", "reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "other_division")
    for way in ("shadow", "week"):
        answer = await office.ask(token, "GET", f"/api/v1/admin/{way}?division={DIVISION}")
        assert (answer.status_code, answer.json()["code"]) == (403, "other_division")
    own = await office.ask(token, "POST", PILOT.replace(DIVISION, other) + "/mode", {"mode": "off", "reason": "x"})
    assert own.status_code == 200, own.text
    await service.onec.send([order(new_ref())])
    mark = await office.ask(token, "POST", "/api/v1/admin/pilot/orders", {"order": "ТД00-000123", "reason": "x"})
    assert mark.json()["code"] == "other_division"


# -- the command line


@pytest.fixture
def run(database: str, tmp_path: Path) -> Callable[..., Any]:
    """`posrednik pilot …` on the test's database."""
    file = tmp_path / "config.toml"
    file.write_text(
        f'[database]\nurl = "{database}"\n[bitrix24]\nportal_url = "https://portal.example"\nwebhook = "1/secret"\n'
        f'status_chat = "chat1"\n[[divisions]]\nref = "{DIVISION}"\nmode = "shadow"\n'
        f'[[bases]]\nid = "{BASE}"\ntoken = "{BASE_TOKEN}"\n',
        encoding="utf-8",
    )

    def invoke(*words: str, says: str | None = None) -> Any:
        return CliRunner().invoke(app, ["pilot", *words, "--config", str(file)], input=says)

    return invoke


def test_a_switch_by_command_line_shows_the_check_list_asks_and_goes_back(
    database: str, run: Callable[..., Any]
) -> None:
    import asyncio

    async def prepare() -> None:
        async with running(database, configured) as service:
            await service.onec.send([*references(), order(new_ref())])

    asyncio.run(prepare())
    words = ("switch", "--division", "Центр", "--mode", "pilot", "--reason", "первый день", "--force")
    said_no = run(*words, says="n\n")
    assert said_no.exit_code == 1, said_no.output
    assert "Обработчики очередей" in said_no.output
    assert "будет: состояний в Битрикс24" in said_no.output
    done = run(*words, says="y\n")
    assert done.exit_code == 0, done.output
    assert "Пилот" in run("status").output
    assert run("couriers", "--division", DIVISION, "--add", SECOND_COURIER, "--reason", "он", "--yes").exit_code == 0
    refused = run("switch", "--division", DIVISION, "--mode", "live", "--reason", "рано", "--yes")
    assert refused.exit_code == 1, refused.output
    back = run("back", "--division", DIVISION, "--reason", "хватит", "--yes")
    assert back.exit_code == 0, back.output
    assert "Теневой режим" in back.output
    assert run("switch", "--division", "Юг", "--mode", "off", "--reason", "x").exit_code == 2
    assert run("shadow").exit_code == 0
    marked = run("trial", "--order", "ТД00-000123", "--reason", "проба")
    assert marked.exit_code == 0, marked.output
    assert run("trial", "--order", "ТД00-999999", "--reason", "проба").exit_code == 1
    week = run("week", "--send")
    assert week.exit_code == 0, week.output
    assert "# Доставка: неделя по фактам" in week.output
    assert "Теневой режим → Пилот" in week.output

    async def audited() -> list[Json]:
        async with running(database, configured) as service:
            said = await service.rows("SELECT body FROM message WHERE method = 'chat.say'")
            assert [line["body"]["dialog"] for line in said] == ["chat1"]
            return await service.rows("SELECT who FROM audit WHERE action = 'pilot.switch'")

    assert all(line["who"].startswith("cli:") for line in asyncio.run(audited()))
