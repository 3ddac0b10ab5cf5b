"""What people and the other systems can do, over HTTP only: buttons of 1C, actions of the board, looks at all three."""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import aiohttp
from tests.pictures import picture

T = TypeVar("T")
Json = dict[str, Any]
POLL_S = 0.05
ANSWER_S = 45.0
PATIENCE_S = 60.0
REST = "/rest/1/sandboxsecret/"


class Refused(Exception):
    """The service understood and said no; `code` is its stable name."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('detail') or body}")
        self.status, self.code = status, str(body.get("code"))


class NotInTime(AssertionError):
    """Something did not happen before its deadline; the text has what was seen last."""


async def until(what: str, look: Callable[[], Awaitable[T | None]], within_s: float = PATIENCE_S) -> T:
    """Ask `look` until it gives something true; its value. Raises NotInTime with the last value or error."""
    deadline, seen = time.monotonic() + within_s, "nothing"
    while time.monotonic() < deadline:
        try:
            found = await look()
        except (aiohttp.ClientError, TimeoutError, Refused) as error:
            seen = repr(error)
        else:
            if found:
                return found
            seen = repr(found)
        await asyncio.sleep(POLL_S)
    raise NotInTime(f"not within {within_s:.0f} s: {what}; last seen: {seen}")


class Desk:
    """service, control, portal: addresses as `http://127.0.0.1:8000`. token: of a person of the service."""

    def __init__(self, session: aiohttp.ClientSession, service: str, control: str, portal: str, token: str) -> None:
        self.session, self.service, self.control, self.portal = session, service, control, portal
        self.token = token

    # -- the sandbox

    async def look(self, path: str) -> Any:
        """GET of the sandbox's control address: `/onec/api/state`."""
        return await self._json("GET", self.control + path)

    async def tell(self, path: str, **body: Any) -> Any:
        """POST to the sandbox's control address."""
        return await self._json("POST", self.control + path, body)

    async def switch(self, system: str, on: bool) -> None:
        """system: onec, portal or shop."""
        await self.tell("/api/switch", system=system, on=on)

    async def make_orders(self, count: int) -> list[str]:
        """Refs of new orders in 1C."""
        made = await self.tell("/onec/api/orders", count=count)
        return [str(order["ref"]) for order in made["orders"]]

    async def press(self, ref: str, button: str, **body: Any) -> Json:
        """A manager's button; pressed again only when 1C said that nothing was written. The finished command."""
        while True:
            try:
                pressed = await self.tell(f"/onec/api/orders/{ref}/{button}", **body)
                break
            except Refused as error:
                if error.status != 409:
                    raise
        key = pressed["command"]["id"]

        async def finished() -> Json | None:
            order = await self.look(f"/onec/api/orders/{ref}")
            command: Json = next(one for one in order["commands"] if one["id"] == key)
            if command["status"] in ("done", "rejected"):
                return command
            await self.tell("/onec/api/switches")  # wakes its sender, whose pauses grow up to 30 s
            return None

        return await until(f"an answer to {button} of {ref}", finished)

    # -- the service

    async def ask(self, path: str) -> Any:
        """GET of the service as a person."""
        return await self._json("GET", self.service + path, headers=self._person())

    async def order(self, path: str, **body: Any) -> Any:
        """POST to the service as a person."""
        return await self._json("POST", self.service + path, body, headers=self._person())

    async def put(self, path: str, **body: Any) -> Any:
        """PUT to the service as a person."""
        return await self._json("PUT", self.service + path, body, headers=self._person())

    async def board(self, **query: str) -> dict[str, Json]:
        """Cards of the deliveries on the board by the ref of their order."""
        params = "&".join(f"{name}={value}" for name, value in {"limit": "2000", **query}.items())
        found = await self.ask(f"/api/v1/board/deliveries?{params}")
        return {card["order_ref"]: card for card in found["deliveries"]}

    async def act(self, delivery: str, action: str, **body: Any) -> Json:
        """One action on a delivery, the same request under the same key until there is an answer to it."""
        headers = {**self._person(), "Idempotency-Key": str(uuid.uuid4())}
        url = f"{self.service}/api/v1/board/deliveries/{delivery}/actions"

        async def answered() -> Json | None:
            try:
                done: Json = await self._json("POST", url, {"action": action, **body}, headers)
            except Refused as error:
                if error.status in (429, 503) or error.code == "still_running":
                    return None
                raise _ForGood(error) from error
            return done

        try:
            return await until(f"an answer to {action} of {delivery}", answered)
        except _ForGood as error:
            raise error.refused from None

    async def proof(self, number: int = 0) -> list[str]:
        """A photo that the service keeps, as the proof of a step from the office: its SHA-256, alone in a list."""
        sha256, content = picture(number)
        headers = {**self._person(), "Content-Type": "image/jpeg"}
        async with self.session.put(f"{self.service}/api/v1/photos/{sha256}", data=content, headers=headers) as answer:
            answer.raise_for_status()
        return [sha256]

    def _person(self) -> Json:
        return {"Authorization": f"Bearer {self.token}"}

    async def cards(self, group: int) -> list[Json]:
        """What the kanban page shows of a project; costs the portal's limits nothing."""
        return list((await self.look(f"/portal/api/board?group={group}"))["cards"])

    # -- the portal, as a stranger would count it: each call counts in its limits

    async def rest(self, method: str, **params: Any) -> Json:
        """A classic REST call; the whole answer."""
        answer: Json = await self._json("POST", f"{self.portal}{REST}{method}", params)
        return answer

    async def tasks(self) -> list[Json]:
        """All tasks with a marker of ours: id, xmlId, stageId, status, groupId as REST tells them."""
        found: list[Json] = []
        start: int | None = 0
        while start is not None:
            page = await self.rest(
                "tasks.task.list", start=start, order={"ID": "asc"}, filter={},
                select=["ID", "XML_ID", "STAGE_ID", "STATUS", "GROUP_ID", "TITLE"],
            )  # fmt: skip
            found += page["result"]["tasks"]
            start = page.get("next")
        return [task for task in found if str(task.get("xmlId") or "").startswith("posrednik:")]

    async def columns(self, group: int) -> dict[str, str]:
        """Title of each column of a project by its id."""
        answer = await self.rest("task.stages.get", entityId=group, isAdmin="Y")
        return {str(row["ID"]): str(row["TITLE"]) for row in answer["result"].values()}

    async def _json(
        self, method: str, url: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        limit = aiohttp.ClientTimeout(total=ANSWER_S)
        async with self.session.request(method, url, json=body, headers=headers, timeout=limit) as answer:
            read = json.loads(await answer.read())
            if answer.status >= 400:
                raise Refused(answer.status, read)
            return read


class _ForGood(Exception):
    """Carries a refusal out of a loop that repeats after refusals of another kind."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
