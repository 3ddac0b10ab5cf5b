"""Events: who may be bound to what, what is sent, what is lost, what waits in the offline queue."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from b24pysdk.credentials.oauth_event_data import OAuthEventData
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sandbox.portal_application import ANNA, ILYA, PAVEL, Installed, installed
from tests.sandbox.portal_running import a_task

from posrednik_sandbox.portal import Portal, event_methods
from posrednik_sandbox.portal.calls import Call
from posrednik_sandbox.portal.events import EventHandler
from posrednik_sandbox.portal.happenings import Happening
from posrednik_sandbox.portal.model import Principal


@pytest.fixture
async def app() -> AsyncIterator[Installed]:
    async with installed() as started:
        yield started


async def test_a_task_made_by_the_webhook_is_told_with_its_id_and_the_application_token(app: Installed) -> None:
    await app.bind("OnTaskAdd")
    task = (await app.portal.ok("tasks.task.add", {"fields": a_task()}))["task"]["id"]
    await app.settled()
    [event] = app.listening.events()
    assert event["event"] == "ONTASKADD"
    assert event["data[FIELDS_AFTER][ID]"] == task
    assert (event["data[FIELDS_BEFORE]"], event["data[IS_ACCESSIBLE_BEFORE]"]) == ("undefined", "N")
    assert event["auth[application_token]"] == app.state.application.application_token
    assert event["auth[member_id]"] == app.state.application.member_id
    assert event["auth[domain]"] == app.state.address
    assert "auth[refresh_token]" not in event


async def test_what_the_vendors_client_reads_of_an_event_is_the_token_of_who_acted(app: Installed) -> None:
    await app.bind("ONTASKUPDATE")
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await app.portal.page("POST", "tasks/101", {"user_id": PAVEL, "title": "Иначе"})
    await app.settled()
    [event] = app.listening.events()
    data = OAuthEventData.from_dict(event)
    assert (data.auth.user_id, data.is_system, data.auth.portal_domain) == (PAVEL, False, "127.0.0.1")
    assert data.data is not None
    assert data.data["FIELDS_AFTER"] == {"ID": "101"}
    assert (await app.ok("profile", token=event["auth[access_token]"]))["ID"] == str(PAVEL)


async def test_every_change_of_a_task_is_told_whoever_makes_it(app: Installed) -> None:
    for name in ("ONTASKADD", "ONTASKUPDATE", "ONTASKDELETE", "ONTASKCOMMENTADD"):
        await app.bind(name)
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    stages = [stage.id for stage in app.state.group_stages(11)]
    await app.portal.ok("task.stages.movetask", {"id": 101, "stageId": stages[1]})
    await app.portal.page("POST", "tasks/101/move", {"user_id": PAVEL, "stage_id": stages[2]})
    await app.portal.v3("tasks.task.update", {"id": 101, "fields": {"title": "Третье имя"}})
    await app.portal.ok("tasks.task.start", {"taskId": 101})
    await app.portal.page("POST", "tasks/101/comment", {"user_id": PAVEL, "text": "Позвоните"})
    await app.portal.page("DELETE", "tasks/101")
    await app.settled()
    names = [event["event"].removeprefix("ONTASK") for event in app.listening.events()]
    assert names == ["ADD", "UPDATE", "UPDATE", "UPDATE", "UPDATE", "COMMENTADD", "DELETE"]
    comment, gone = app.listening.events()[-2:]
    assert (comment["data[FIELDS_AFTER][ID]"], comment["data[FIELDS_AFTER][TASK_ID]"]) == ("0", "101")
    assert app.state.messages.get(int(comment["data[FIELDS_AFTER][MESSAGE_ID]"])) is not None
    assert (gone["data[FIELDS_BEFORE][ID]"], gone["data[FIELDS_AFTER]"]) == ("101", "undefined")


async def test_a_handler_may_ask_for_the_token_of_one_user(app: Installed) -> None:
    await app.bind("ONTASKADD", auth_type=ILYA)
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await app.settled()
    assert app.listening.events()[0]["auth[user_id]"] == str(ILYA)


# Binding.


@pytest.mark.parametrize(
    "method", ["event.bind", "event.get", "event.unbind", "event.test", "events", "event.offline.get", "placement.list"]
)
async def test_a_webhook_binds_nothing(app: Installed, method: str) -> None:
    app.state.add_webhook("1", "wide", frozenset({"placement", "task"}))
    status, body = await app.portal.call(method, {"event": "ONTASKADD"}, webhook="1/wide")
    assert (status, body["error"]) == (403, "WRONG_AUTH_TYPE")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"event": "ONNOTHING"}, 400, "ERROR_EVENT_NOT_FOUND"),
        ({"event": "ONCRMDEALADD"}, 400, "ERROR_EVENT_NOT_FOUND"),
        ({"event": ""}, 400, "ERROR_ARGUMENT"),
        ({"handler": ""}, 400, "ERROR_ARGUMENT"),
        ({"event_type": "sometimes"}, 400, "ERROR_ARGUMENT"),
        ({"handler": "ftp://x/y"}, 400, "ERROR_UNSUPPORTED_PROTOCOL"),
        ({"handler": "http:///y"}, 400, "ERROR_WRONG_HANDLER_URL"),
        ({"event": "ONAPPTEST", "event_type": "offline"}, 400, "ERROR_ARGUMENT"),
    ],
)
async def test_what_cannot_be_bound(app: Installed, asked: dict[str, Any], status: int, code: str) -> None:
    given = {"event": "ONTASKADD", "handler": "http://127.0.0.1:1/h"} | asked
    assert await app.refused("event.bind", **given) == (status, code)
    assert await app.ok("event.get") == []


async def test_the_same_handler_is_bound_once_and_taken_off_by_its_address(app: Installed) -> None:
    await app.bind("ONTASKADD")
    await app.bind("ONTASKADD", path="/other")
    url = f"{app.listening.url}/events"
    assert await app.refused("event.bind", event="OnTaskAdd", handler=url) == (400, "ERROR_CORE")
    assert [(row["event"], row["auth_type"], row["offline"]) for row in await app.ok("event.get")] == [
        ("ONTASKADD", "0", 0)
    ] * 2
    assert await app.ok("event.unbind", event="ONTASKADD", handler=url) == {"count": 1}
    assert await app.ok("event.unbind", event="ONTASKADD", handler=url) == {"count": 0}
    assert [row["handler"] for row in await app.ok("event.get")] == [f"{app.listening.url}/other"]


async def test_an_employee_binds_for_himself_and_sees_his_own(app: Installed) -> None:
    handler = f"{app.listening.url}/mine"
    await app.bind("ONTASKADD")
    assert await app.ok("event.bind", user=ILYA, event="ONTASKADD", handler=handler) is True
    assert [row["auth_type"] for row in await app.ok("event.get", user=ILYA)] == [str(ILYA)]
    asked = {"event": "ONTASKUPDATE", "handler": handler}
    assert await app.refused("event.bind", ILYA, auth_type=ANNA, **asked) == (403, "ACCESS_DENIED")
    assert await app.refused("event.bind", ILYA, event_type="offline", event="ONTASKADD") == (403, "ACCESS_DENIED")
    denied = (403, "ACCESS_DENIED")
    assert await app.refused("event.unbind", ILYA, auth_type=ANNA, **asked) == denied
    assert await app.ok("event.unbind", user=ILYA, event="ONTASKADD", handler=handler) == {"count": 1}


async def test_a_portal_in_the_world_takes_no_address_of_this_machine(app: Installed) -> None:
    app.state.public_handlers = True
    for url in ("http://127.0.0.1:1/h", "http://localhost/h", "http://10.0.0.5/h", "http://portal/h"):
        assert await app.refused("event.bind", event="ONTASKADD", handler=url) == (400, "ERROR_WRONG_HANDLER_URL")
    assert await app.ok("event.bind", event="ONTASKADD", handler="https://posrednik.example.com/h") is True


async def test_the_events_of_its_rights_are_listed(app: Installed) -> None:
    mine = await app.ok("events")
    assert {"ONAPPINSTALL", "ONTASKADD", "ONUSERADD"} <= set(mine)
    assert "ONTASKADD" not in await app.ok("events", SCOPE="user")
    assert set(mine) <= set(await app.ok("events", FULL=True))


async def test_a_test_event_brings_back_what_was_asked(app: Installed) -> None:
    await app.bind("ONAPPTEST")
    assert await app.ok("event.test", any="data") == 1
    await app.settled()
    [event] = app.listening.events()
    assert (event["data[QUERY][any]"], event["data[LANGUAGE_ID]"]) == ("data", "ru")
    assert not any("auth]" in name and name.startswith("data") for name in event)


# Delivery.


async def test_a_delivery_that_fails_is_never_tried_again(app: Installed) -> None:
    await app.bind("ONTASKADD")
    app.listening.status = 503
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    told = await app.settled()
    assert (told["sent"], told["failed"], told["waiting"]) == (0, 1, 0)
    assert (told["log"][0]["status"], told["log"][0]["subject"]) == (503, {"ID": 101})
    app.listening.status = 200
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    assert (await app.settled())["sent"] == 1
    assert len(app.listening.got) == 2


async def test_a_handler_that_does_not_answer_holds_only_its_own_line(app: Installed) -> None:
    await app.bind("ONTASKADD", path="/slow")
    await app.ok("event.bind", event="ONTASKADD", handler="http://127.0.0.1:1/nobody")
    app.state.events.sender.timeout_s = 1.0
    app.listening.gate.clear()
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    told = await app.settled()
    assert {row["error"] for row in told["log"]} == {"ClientConnectorError", "TimeoutError"}
    assert (told["sent"], told["failed"]) == (0, 2)


async def test_events_wait_their_turn_and_come_in_order(app: Installed) -> None:
    await app.bind("ONTASKADD")
    app.listening.gate.clear()
    for _ in range(20):
        await app.portal.ok("tasks.task.add", {"fields": a_task()})
    assert app.state.events.sender.waiting >= 18
    app.listening.gate.set()
    await app.settled()
    assert [event["data[FIELDS_AFTER][ID]"] for event in app.listening.events()] == [str(101 + n) for n in range(20)]


async def test_calls_that_answer_events_with_their_own_tokens_end_after_seven(app: Installed) -> None:
    """As an application that changes a task whenever a task was changed."""
    await app.bind("ONTASKUPDATE")
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await app.portal.ok("tasks.task.update", {"taskId": 101, "fields": {"TITLE": "0"}})
    for number in range(1, 20):
        await app.settled()
        if len(app.listening.got) < number:
            break
        token = app.listening.events()[-1]["auth[access_token]"]
        await app.ok("tasks.task.update", token=token, taskId=101, fields={"TITLE": str(number)})
    assert len(app.listening.got) == 7


async def test_a_slow_handler_is_called_more_seldom(app: Installed) -> None:
    await app.bind("ONTASKADD")
    app.state.events.sender.slow_s = 0.0
    for _ in range(2):
        await app.portal.ok("tasks.task.add", {"fields": a_task()})
    assert (await app.settled())["sent"] == 2
    assert app.state.events.sender.counts["throttled"] >= 1


# Troubles.


async def test_a_dropped_event_is_never_sent(app: Installed) -> None:
    await app.bind("ONTASKADD")
    await app.fault("event_dropped", count=1)
    for _ in range(2):
        await app.portal.ok("tasks.task.add", {"fields": a_task()})
    told = await app.settled()
    assert [event["data[FIELDS_AFTER][ID]"] for event in app.listening.events()] == ["102"]
    assert (told["dropped"], told["log"][-1]["note"]) == (1, "потеряно порталом")


async def test_a_duplicated_event_comes_twice(app: Installed) -> None:
    await app.bind("ONTASKADD")
    await app.fault("event_duplicated", count=1, method="ontaskadd")
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await app.settled()
    assert [event["data[FIELDS_AFTER][ID]"] for event in app.listening.events()] == ["101", "101"]


async def test_a_reordered_event_comes_after_the_next_one(app: Installed) -> None:
    await app.bind("ONTASKADD")
    await app.fault("event_reordered", count=1)
    for _ in range(3):
        await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await app.settled()
    assert [event["data[FIELDS_AFTER][ID]"] for event in app.listening.events()] == ["102", "101", "103"]


async def test_a_delayed_event_comes_when_the_portals_clock_says_so(app: Installed) -> None:
    await app.bind("ONTASKADD")
    await app.fault("event_delayed", count=1, seconds=600)
    for _ in range(2):
        await app.portal.ok("tasks.task.add", {"fields": a_task()})
    assert (await app.settled())["waiting"] == 1
    assert len(app.listening.got) == 1
    await app.portal.page("POST", "clock", {"shift_s": 601})
    assert (await app.settled())["waiting"] == 0
    assert [event["data[FIELDS_AFTER][ID]"] for event in app.listening.events()] == ["102", "101"]


async def test_a_forged_event_has_everything_but_the_application_token(app: Installed) -> None:
    await app.bind("ONTASKADD")
    await app.fault("event_forged", count=1)
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await app.settled()
    forged, real = app.listening.events()
    wanted = app.state.application.application_token
    assert [event["auth[application_token]"] == wanted for event in (forged, real)] == [False, True]
    assert forged["auth[member_id]"] == real["auth[member_id]"]
    assert "auth[access_token]" not in forged
    await app.portal.page("POST", "events/forge", {"event": "ONTASKDELETE", "task": 101})
    assert app.listening.events()[-1]["event"] == "ONTASKDELETE"
    assert app.listening.events()[-1]["auth[application_token]"] != wanted


# The offline queue.


async def bind_offline(app: Installed, event: str = "ONTASKUPDATE", **more: Any) -> None:
    assert await app.ok("event.bind", event=event, event_type="offline", **more) is True


async def changed(app: Installed, task: int = 101, times: int = 1, **more: Any) -> None:
    for number in range(times):
        await app.ok("tasks.task.update", taskId=task, fields={"TITLE": f"Имя {number}"}, **more)


async def queue(app: Installed, **asked: Any) -> tuple[str | None, list[dict[str, Any]]]:
    answer = await app.ok("event.offline.get", **asked)
    return answer["process_id"], answer["events"]


async def test_many_changes_of_one_task_are_one_row_which_reading_takes_away(app: Installed) -> None:
    await bind_offline(app)
    for _ in range(2):
        await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await changed(app, times=5)
    await changed(app, task=102)
    process, rows = await queue(app)
    assert process is None
    assert [row["EVENT_DATA"]["FIELDS_AFTER"]["ID"] for row in rows] == [101, 102]
    assert all(len(row["MESSAGE_ID"]) == 32 for row in rows)
    assert (await queue(app))[1] == []
    assert app.listening.got == []


async def test_reserved_rows_stay_until_they_are_acknowledged_and_a_later_change_is_a_row_of_its_own(
    app: Installed,
) -> None:
    await bind_offline(app)
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await changed(app)
    process, [row] = await queue(app, clear=0)
    assert process is not None
    await changed(app)
    other, fresh = await queue(app, clear=0)
    assert other != process
    assert [one["MESSAGE_ID"] for one in fresh] == [row["MESSAGE_ID"]]
    assert fresh[0]["ID"] != row["ID"]
    assert (await queue(app, clear=0, process_id=process))[1] == [row]
    assert await app.ok("event.offline.clear", process_id=process, message_id=[row["MESSAGE_ID"]]) is True
    listed = await app.ok("event.offline.list")
    assert [(one["ID"], one["PROCESS_ID"]) for one in listed] == [(fresh[0]["ID"], other)]


async def test_parallel_readers_get_different_rows(app: Installed) -> None:
    await bind_offline(app, "ONTASKADD")
    for _ in range(5):
        await app.portal.ok("tasks.task.add", {"fields": a_task()})
    first, second = [(await queue(app, clear=0, limit=3))[1] for _ in range(2)]
    assert [len(first), len(second)] == [3, 2]
    assert not {row["ID"] for row in first} & {row["ID"] for row in second}


async def test_what_was_never_acknowledged_is_forgotten_after_a_month(app: Installed) -> None:
    await bind_offline(app, "ONTASKADD")
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await queue(app, clear=0)
    await app.portal.page("POST", "clock", {"shift_s": 29 * 24 * 3600})
    assert len(await app.ok("event.offline.list")) == 1
    await app.portal.page("POST", "clock", {"shift_s": 2 * 24 * 3600})
    assert await app.ok("event.offline.list") == []


async def test_a_row_that_could_not_be_done_goes_back_with_an_error(app: Installed) -> None:
    await bind_offline(app)
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await changed(app)
    process, [row] = await queue(app, clear=0)
    assert await app.ok("event.offline.error", process_id=process, message_id=[row["MESSAGE_ID"]]) is True
    assert (await queue(app))[1] == []
    assert [one["ID"] for one in (await queue(app, error=1))[1]] == [row["ID"]]


async def test_our_own_changes_stay_out_of_the_queue_of_our_source(app: Installed) -> None:
    await bind_offline(app, auth_connector="posrednik")
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await changed(app, auth_connector="posrednik")
    assert (await queue(app, auth_connector="posrednik"))[1] == []
    await changed(app, auth_connector="somebody")
    assert (await queue(app))[1] == []
    assert len((await queue(app, auth_connector="posrednik"))[1]) == 1


async def test_a_tariff_below_reserves_nothing_and_knows_no_sources(app: Installed) -> None:
    app.state.limits.set_tariff("standard")
    assert await app.ok("feature.get", CODE="rest_offline_extended") == {"value": "N"}
    assert (await app.ok("app.info"))["LICENSE"] == "ru_std"
    await bind_offline(app, auth_connector="posrednik")
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await changed(app, auth_connector="posrednik")
    assert (await app.refused("event.offline.get", clear=0))[0] == 403
    assert len((await queue(app))[1]) == 1
    app.state.limits.set_tariff("enterprise")
    assert await app.ok("feature.get", CODE="rest_auth_connector") == {"value": "Y"}


@pytest.mark.parametrize(
    ("method", "asked", "code"),
    [
        ("event.offline.get", {"limit": 0}, "ERROR_ARGUMENT"),
        ("event.offline.clear", {}, "ERROR_ARGUMENT"),
        ("event.offline.error", {"process_id": "x", "message_id": ["short"]}, "ERROR_ARGUMENT"),
    ],
)
async def test_what_the_queue_refuses(app: Installed, method: str, asked: dict[str, Any], code: str) -> None:
    assert await app.refused(method, **asked) == (400, code)
    assert await app.refused(method, ILYA, **asked) == (403, "ACCESS_DENIED")


async def test_the_queue_is_filtered_and_sorted(app: Installed) -> None:
    await bind_offline(app, "ONTASKADD")
    await bind_offline(app)
    for _ in range(3):
        await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await changed(app)
    rows = await app.ok("event.offline.list", filter={"=EVENT_NAME": "ONTASKADD", ">ID": 1}, order={"ID": "DESC"})
    assert [row["ID"] for row in rows] == ["3", "2"]


async def test_a_bell_rings_for_the_queue_at_most_once_in_its_pause(app: Installed) -> None:
    await bind_offline(app, "ONTASKADD")
    await app.bind("ONOFFLINEEVENT", options={"minTimeout": 60})
    for _ in range(3):
        await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await app.portal.page("POST", "clock", {"shift_s": 61})
    await app.portal.ok("tasks.task.add", {"fields": a_task()})
    await app.settled()
    bells = app.listening.events("ONOFFLINEEVENT")
    assert len(bells) == 2
    assert not any(name.startswith("data") for name in bells[0])


ACTIONS = st.lists(st.tuples(st.sampled_from(["change", "take", "done", "fail"]), st.integers(1, 3)), max_size=30)


@given(actions=ACTIONS)
@settings(max_examples=40, deadline=None)
def test_the_queue_loses_no_change_whatever_is_done_to_it(actions: list[tuple[str, int]]) -> None:
    """A task changed since it was last taken stands in the queue, once; what was taken stays until it is done."""
    portal = Portal(seed=1)
    portal.limits.set_tariff("box")
    portal.events.handlers.put(EventHandler(1, "app", "ONTASKUPDATE", ""))
    who = Principal("app:app", ANNA, frozenset({"task"}), "app")

    def ask(method: str, **params: Any) -> Any:
        return event_methods.METHODS[method].run(Call(portal, who, method, params))

    waiting: set[int] = set()
    taken: dict[str, set[int]] = {}
    for action, task in actions:
        if action == "change":
            portal.happened(Happening("ONTASKUPDATE", task, ANNA))
            waiting.add(task)
        elif action == "take":
            answer = ask("event.offline.get", clear=0, limit=2)
            rows = [row["EVENT_DATA"]["FIELDS_AFTER"]["ID"] for row in answer["events"]]
            assert len(rows) == len(set(rows)) == min(2, len(waiting))
            taken[answer["process_id"]] = set(rows)
            waiting -= set(rows)
        elif taken:
            process, _ = taken.popitem()
            ask("event.offline.clear" if action == "done" else "event.offline.error", process_id=process)
    rows = [row for row in portal.events.offline if not row.process_id and not row.error]
    assert sorted(row.data["FIELDS_AFTER"]["ID"] for row in rows) == sorted(waiting)
    reserved = [row for row in portal.events.offline if row.process_id]
    assert len(reserved) == sum(len(tasks) for tasks in taken.values())
