"""Plays the day, once at a time, and tells how far it has come."""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

import aiohttp

from posrednik_sandbox.day import story
from posrednik_sandbox.day.doors import NotDone, Office, Phone, Service
from posrednik_sandbox.day.words import say
from posrednik_sandbox.onec.base import Onec
from posrednik_sandbox.onec.drills import Drills
from posrednik_sandbox.traffic import Note

Json = dict[str, Any]
FREE_ORDERS = 2  # ready, and nobody is to bring them yet
COMPARED_S, POLL_S = 10.0, 0.2


class AlreadyPlayed(Exception):
    """The day is being played now."""


class Player:
    """token: of a head of the office, who lets couriers in and counts their cash; empty = there is no day to play."""

    def __init__(self, onec: Onec, drills: Drills, service: str, token: str, note: Note) -> None:
        self._onec, self._drills, self._service, self._token, self._note = onec, drills, service, token, note
        self._task: asyncio.Task[None] | None = None
        self._state, self._words = "none", dict[str, Any]()
        self._failure: NotDone | None = None

    @property
    def known(self) -> bool:
        return bool(self._token)

    def begin(self, language: str) -> None:
        """Raises AlreadyPlayed."""
        if self._task is not None and not self._task.done():
            raise AlreadyPlayed
        self._state, self._failure = "running", None
        self._task = asyncio.create_task(self._play(language), name="day")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def told(self, language: str) -> Json:
        """state: none, running, done, failed; text: in words."""
        words = dict(self._words)
        if self._failure is not None:
            words["why"] = say(language, self._failure.key, **self._failure.data)
        text = "" if self._state == "none" else say(language, self._state, **words)
        return {"state": self._state, "text": text}

    async def _play(self, language: str) -> None:
        began, told = time.monotonic(), story.Told()
        try:
            async with aiohttp.ClientSession() as session:
                await self._work(Service(session, self._service), told, language)
        except NotDone as error:
            self._state, self._failure = "failed", error
            return
        took_s = max(1, round(time.monotonic() - began))
        self._words = {
            "took_s": took_s, "orders": told.orders, "handed_over": told.handed_over,
            "not_delivered": told.not_delivered, "sales": told.sales, "handed_in": told.handed_in,
        }  # fmt: skip
        self._state = "done"
        await self._compare()

    async def _work(self, service: Service, told: story.Told, language: str) -> None:
        couriers = _by_turns(self._onec.store.names("courier"))[: len(story.STORIES)]
        if not couriers:
            raise NotDone("nobody")
        made = {one["ref"]: self._onec.prepare_day(one["ref"], story.ORDERS, near=True) for one in couriers}
        free = self._onec.create_orders(FREE_ORDERS, ready=True)
        told.orders = sum(map(len, made.values())) + len(free)
        self._note(say(language, "ready", orders=told.orders))
        jobs = [
            self._courier(service, courier, [str(one["ref"]) for one in made[courier["ref"]]], number, told, language)
            for number, courier in enumerate(couriers)
        ]
        results = await asyncio.gather(*jobs, return_exceptions=True)
        for failed in results:
            if isinstance(failed, BaseException):
                raise failed

    async def _courier(
        self, service: Service, courier: Json, orders: Sequence[str], number: int, told: story.Told, language: str
    ) -> None:
        def tell(key: str, *, subject: str = "", **data: Any) -> None:
            self._note(say(language, key, **data), subject=subject)

        rng, office = random.Random(), Office(service, self._token)
        phone = await Phone.let_in(service, office, courier, rng)
        why, less = say(language, "short_why"), say(language, "less")
        one = story.Courier(phone, office, tell, told, why, less)
        await one.begins(orders)
        await story.STORIES[number](one)

    async def _compare(self) -> None:
        """The comparison that 1C does at night, as soon as everything of the day has gone."""
        for _ in range(int(COMPARED_S / POLL_S)):
            try:
                await self._drills.digest({})
                return
            except ValueError:
                await asyncio.sleep(POLL_S)


def _by_turns(known: dict[str, Json]) -> list[Json]:
    """Those who work, one of each division after the other."""
    divisions: dict[str, list[Json]] = {}
    for ref, data in sorted(known.items(), key=lambda item: str(item[1].get("name"))):
        if data.get("active", True):
            divisions.setdefault(str(data["division"]), []).append({"ref": ref, "name": data["name"]})
    turns = [(place, number, one) for number, all in enumerate(divisions.values()) for place, one in enumerate(all)]
    return [one for _, _, one in sorted(turns, key=lambda turn: turn[:2])]
