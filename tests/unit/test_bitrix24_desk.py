"""What the desk at the portal makes of answers, without a portal."""

from collections.abc import Mapping
from typing import Any

import pytest

from posrednik.connectors.base import Held
from posrednik.connectors.bitrix24 import inbound, wire
from posrednik.connectors.bitrix24.commands import Command
from posrednik.connectors.bitrix24.desk import Desk, trouble
from posrednik.connectors.bitrix24.inbound import Answer, Problem
from posrednik.domain.portal_desk import PortalTrouble

PAGE = [{"ID": str(number), "ACTIVE": True, "NAME": "Имя"} for number in range(1, wire.PAGE + 1)]


class Calls:
    """Answers by method: a list is given page by page, its last one again and again."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.asked = answers, list[Mapping[str, Any]]()

    async def call(self, method: str, body: Mapping[str, Any], *, key: str = "", v3: bool = False) -> Answer | Problem:
        self.asked.append(body)
        told = self.answers[method.replace(".", "_")]
        if isinstance(told, Exception):
            raise told
        return told if isinstance(told, Problem) else Answer(told.pop(0) if len(told) > 1 else told[0])

    async def batch(self, commands: Mapping[str, Command]) -> dict[str, Answer | Problem]:
        return {label: await self.call(label, {}) for label in commands}


def desk(**answers: Any) -> tuple[Desk, Calls]:
    calls = Calls(**answers)
    return Desk(calls, application=False), calls  # type: ignore[arg-type]


async def what(asked: Any) -> str:
    with pytest.raises(PortalTrouble) as raised:
        await asked
    return raised.value.what


async def test_a_portal_that_repeats_its_pages_gives_no_list() -> None:
    at, calls = desk(user_get=[PAGE])
    assert await what(at.users()) == "refused"
    assert [body["start"] for body in calls.asked] == [0, 50]


async def test_pages_are_read_until_a_short_one() -> None:
    second = [{"ID": "60"}, {"ID": "1"}]
    at, calls = desk(user_get=[PAGE, second])
    assert len(await at.users()) == 51
    assert len(calls.asked) == 2


async def test_projects_are_compared_by_name_here_too() -> None:
    """The portal passes over a filter that it does not know."""
    rows = [{"ID": "3", "NAME": "Доставка: Центр "}, {"ID": "2", "NAME": "Другой"},
            {"ID": "1", "NAME": "доставка: центр", "CLOSED": "Y"}]  # fmt: skip
    at, _ = desk(sonet_group_get=[rows])
    assert [one.id for one in await at.projects("Доставка: Центр")] == [3, 1]


@pytest.mark.parametrize("answer", [{}, [], None, "1", {"ID": "x"}])
async def test_a_profile_that_cannot_be_read_is_no_user(answer: Any) -> None:
    at, _ = desk(profile=[answer])
    assert await what(at.me()) == "unclear"


@pytest.mark.parametrize("answer", [True, [], "да", None])
async def test_a_project_without_a_number_may_have_been_made(answer: Any) -> None:
    at, _ = desk(sonet_group_create=[answer])
    assert await what(at.make_project("Имя")) == "unclear"


async def test_a_gate_that_holds_says_that_it_is_for_later() -> None:
    at, _ = desk(profile=Held("лимит исчерпан", 3.0))
    assert await what(at.me()) == "busy"


@pytest.mark.parametrize(("status", "body", "meant"), [
    (401, {"error": "NO_AUTH_FOUND"}, "access"), (403, {"error": "insufficient_scope"}, "scope"),
    (403, {"error": "ACCESS_DENIED"}, "tariff"), (400, {"error": "ACCESS_DENIED"}, "refused"),
    (402, {"error": "PAYMENT_REQUIRED"}, "tariff"), (503, {"error": "QUERY_LIMIT_EXCEEDED"}, "busy"),
    (503, {"error": "OVERLOAD_LIMIT"}, "busy"), (429, {"error": "OPERATION_TIME_LIMIT"}, "busy"),
    (500, {"error": "INTERNAL_SERVER_ERROR"}, "unclear"), (403, {"error": "PORTAL_DELETED"}, "address"),
    (403, {"error": "WRONG_AUTH_TYPE"}, "webhook"), (404, {"error": "ERROR_METHOD_NOT_FOUND"}, "absent"),
    (400, {"error": "INVALID_REQUEST"}, "address"), (400, {"error": "", "error_description": "Wrong ID"}, "refused"),
    (401, {"error": "expired_token"}, "access"),
])  # fmt: skip
def test_an_error_is_told_as_what_a_person_can_do_about_it(status: int, body: dict[str, str], meant: str) -> None:
    problem = inbound.read(status, repr(body).replace("'", '"').encode())
    assert isinstance(problem, Problem)
    found = trouble(problem, "user.get")
    assert found.what == meant
    assert found.why
