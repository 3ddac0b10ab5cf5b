"""Rows of the portal: found by what they are filed under, and kept over a restart with what files hold."""

import base64
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.sandbox.portal_running import a_task, running

from posrednik_sandbox.portal import Portal
from posrednik_sandbox.portal.tables import Journal, Table


@dataclass
class Line:
    id: int
    dialog: str


STEPS = st.lists(st.tuples(st.sampled_from(["put", "drop"]), st.integers(1, 6), st.sampled_from("abc")), max_size=40)


@given(STEPS)
def test_rows_filed_under_a_key_are_those_a_look_through_all_finds(steps: list[tuple[str, int, str]]) -> None:
    table = Table("line", Line, Journal(None), by=lambda row: row.dialog)
    for what, number, dialog in steps:
        row = table.get(number) or Line(number, dialog)
        if what == "drop":
            table.drop(number)
        else:
            row.dialog = dialog
            table.put(row)
        for key in "abc":
            assert {one.id for one in table.of(key)} == {one.id for one in table if one.dialog == key}


async def test_a_restart_keeps_the_disk_the_chat_the_steps_and_the_bin(tmp_path: Path) -> None:
    first = Portal(tmp_path, seed=1)
    first.limits.set_tariff("box")
    async with running(first) as portal:
        for _ in range(2):
            await portal.ok("tasks.task.add", {"fields": a_task()})
        folder = (await portal.ok("disk.storage.getlist"))[0]["ROOT_OBJECT_ID"]
        body = {"id": folder, "data": {"NAME": "а.jpg"}, "fileContent": ["а.jpg", base64.b64encode(b"x").decode()]}
        file = (await portal.ok("disk.folder.uploadFile", body))["ID"]
        await portal.ok("tasks.task.files.attach", {"taskId": 101, "fileId": file})
        await portal.ok("task.checklistitem.add", [101, {"TITLE": "Забрал"}])
        await portal.ok("im.message.add", {"DIALOG_ID": "chat5101", "MESSAGE": "Привет"})
        await portal.ok("tasks.task.delete", {"taskId": 102})
    first.close()
    second = Portal(tmp_path, seed=1)
    second.limits.set_tariff("box")
    async with running(second) as portal:
        _, card = await portal.page("GET", "tasks/101")
        assert [row["name"] for row in card["attached"]] == ["а.jpg"]
        assert [row["text"] for row in card["messages"]] == ["Привет"]
        assert [row["title"] for row in card["checklist"]] == ["Чек-лист", "Забрал"]
        async with portal.session.get(f"{portal.control}/portal/api/files/{file}") as response:
            assert (response.content_type, await response.read()) == ("image/jpeg", b"x")
        assert (await portal.page("POST", "act", {"user": 2, "task": 102, "do": "restore"}))[1]["id"] == 102
    second.close()


async def test_a_portal_kept_by_an_earlier_version_gets_log_ins_and_moderators(tmp_path: Path) -> None:
    first = Portal(tmp_path)
    for user in first.users:
        user.last_login = None
        first.users.put(user)
    for group in first.groups:
        group.moderators = []
        first.groups.put(group)
    first.close()
    second = Portal(tmp_path)
    assert all(user.last_login for user in second.users)
    assert [group.moderators for group in second.groups] == [[2], [2]]
    second.close()
