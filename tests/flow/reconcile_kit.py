"""A base that can compare itself in detail (docs/subsystems/reconciliation.md): what it says, and what it is told."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from tests.flow.exchange_client import BASE, Service

PATH = "/api/v1/admin/reconciliation"
Json = dict[str, Any]
Versions = Mapping[str, str]


def lines_of(objects: Versions) -> list[str]:
    return sorted((f"{ref}:{version}" for ref, version in objects.items()), key=str.encode)


def hash_of(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def parts_of(objects: Versions, at: int = 1) -> list[Json]:
    parts: dict[str, list[str]] = defaultdict(list)
    for line in lines_of(objects):
        parts[line[at - 1 : at + 1].lower()].append(line)
    return [{"part": part, "count": len(lines), "hash": hash_of(lines)} for part, lines in parts.items()]


class Comparing:
    """One base's side of a run; run None: it compares of its own accord."""

    def __init__(self, service: Service, run: str | None = None, slice: str = "") -> None:
        self._service, self.run, self._slice = service, run, slice

    async def say(self, type: str, **data: Any) -> Json:
        """The answer as an element of `commands`."""
        data |= {"run": self.run} if self.run else {}
        data |= {"slice": self._slice} if self._slice and type in ("digest", "digest_parts", "listing") else {}
        return await self._service.onec.press_as({"id": str(uuid4()), "type": type, "data": data})

    async def digest(self, kind: str, objects: Versions, *, detail: bool = True) -> str:
        """The answer in one word."""
        lines = lines_of(objects)
        told = await self.say("digest", kind=kind, count=len(lines), hash=hash_of(lines), detail=detail)
        return str(told["result"]["answer"])

    async def parts(self, kind: str, objects: Versions, at: int = 1) -> list[str]:
        told = await self.say("digest_parts", kind=kind, at=at, parts=parts_of(objects, at))
        return list(told["result"]["parts"])

    async def listing(self, kind: str, objects: Versions, part: str | None = None, at: int = 1) -> Json:
        more: Json = {} if part is None else {"part": part, "at": at}
        told = await self.say("listing", kind=kind, versions=lines_of(objects), **more)
        result: Json = told["result"]
        return result

    async def sample(self, *objects: Json) -> Json:
        result: Json = (await self.say("sample", objects=list(objects)))["result"]
        return result

    async def end(self) -> Json:
        result: Json = (await self.say("digest_end"))["result"]
        return result


async def start(service: Service, sample: int = 0) -> Comparing:
    """A run that a person has begun; its events are taken."""
    answer = await service.person("POST", f"{PATH}/start", {"base": str(BASE), "sample": sample})
    assert answer.status_code == 200, answer.text
    await service.onec.ack([event["id"] for event in await service.onec.events()])
    return Comparing(service, answer.json()["run"])


async def run_of(service: Service, run: str | None = None) -> Json:
    """A run as the page shows it; None: the newest."""
    if run is None:
        run = (await service.person("GET", f"{PATH}/runs?base={BASE}")).json()["runs"][0]["id"]
    answer = await service.person("GET", f"{PATH}/runs/{run}")
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def found_of(service: Service) -> dict[str, tuple[str, bool]]:
    """ref → (what, repaired) of the newest run."""
    return {f["ref"]: (f["what"], f["repaired_at"] is not None) for f in (await run_of(service))["found"]}
