"""What is known of a delivery's steps: places, times, pictures, doubts. For people of the office."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get
from litestar.params import FromPath

from posrednik.api import documents_incidents as told
from posrednik.api.auth import services_of
from posrednik.api.board import seen_by
from posrednik.api.openapi import documented
from posrednik.api.problems import language, plain
from posrednik.api.shapes import Card, Known, known
from posrednik.domain.deliveries import Delivery
from posrednik.domain.evidence import Place, distance_m
from posrednik.domain.rights import Right
from posrednik.domain.texts import ACTIONS, contradiction_text
from posrednik.store import views
from posrednik.store.db import Row

AnyRequest = Request[Any, Any, Any]
Links = dict[str, dict[str, str]]
_CORRECTION = ("Исправление", "correction")
# On the phone it is giving back; what it does until the warehouse has counted is a claim.
_ON_PHONE = {"give_back": "claim_give_back"}


@get(
    "/deliveries/{delivery_id:uuid}/steps", summary="The steps of a delivery and their evidence",
    **documented("deliverySteps", answer=told.Steps, says_no=(404,), right=Right.BOARD_SEE),
)  # fmt: skip
async def steps(request: AnyRequest, delivery_id: FromPath[UUID]) -> Response[bytes]:
    services = services_of(request)
    found = await seen_by(request, delivery_id, Right.BOARD_SEE)
    recorded, pictures = await views.delivery_steps(services.db, delivery_id)
    arrived = sorted({row.sha256 for row in pictures if row.arrived})
    links = await services.show_photo.links(arrived, datetime.now(UTC))
    page = _Page(found[0], await known(services.db, services.rules), links, language(request))
    return plain({"steps": page.steps(recorded, pictures)})


class _Page:
    """The steps of one delivery in one language."""

    def __init__(self, delivery: Delivery, names: Known, links: Links, lang: str) -> None:
        self._names, self._links, self._lang = names, links, lang
        self._zone = names.zone(delivery)
        address = delivery.address
        self._address = None
        if address.latitude is not None and address.longitude is not None:
            self._address = Place(address.latitude, address.longitude)

    def steps(self, recorded: Sequence[Row], pictures: Sequence[Row]) -> list[Card]:
        """Of phones and of the office, in the order they happened."""
        of_source: dict[UUID, list[Row]] = {}
        for row in pictures:
            of_source.setdefault(row.source, []).append(row)
        told = [self._recorded(row, of_source.pop(row.id, [])) for row in recorded]
        told += [self._office(rows) for rows in of_source.values()]
        return sorted(told, key=lambda step: str(step["occurred_at"]))

    def _recorded(self, row: Row, pictures: Sequence[Row]) -> Card:
        action = row.type.rpartition(".")[2]
        return {
            "event_id": str(row.id), "action": action, "title": self._title(action), "state": row.state,
            "courier": self._courier(row.courier_ref), "at_device": _utc(row.at_device),
            "occurred_at": _utc(row.occurred_at), "received_at": _utc(row.received_at),
            "distance_m": self._distance(row), "accuracy_m": _metres(row.accuracy_m), "geo_error": row.geo_error,
            "photos": self._photos(pictures), "flags": self._flags(msgspec.json.decode(row.flags)), "code": row.code,
            "message": row.message,
        }  # fmt: skip

    def _office(self, pictures: Sequence[Row]) -> Card:
        """An office's action has no phone's event; its pictures tell that it was."""
        row = pictures[0]
        return {
            "event_id": None, "action": row.action, "title": self._title(row.action), "state": "accepted",
            "courier": self._courier(row.courier_ref) if row.courier_ref else None, "at_device": None,
            "occurred_at": _utc(row.at), "received_at": _utc(row.at), "distance_m": None, "accuracy_m": None,
            "geo_error": None, "photos": self._photos(pictures), "flags": [], "code": "", "message": "",
        }  # fmt: skip

    def _title(self, action: str) -> str:
        words = _CORRECTION if action == "correction" else ACTIONS.get(_ON_PHONE.get(action, action), (action, action))
        return words[self._lang == "en"]

    def _courier(self, ref: str) -> Card:
        return {"ref": ref, "name": self._names.couriers.get(ref)}

    def _distance(self, row: Row) -> int | None:
        if self._address is None or row.latitude is None:
            return None
        return _metres(distance_m(Place(row.latitude, row.longitude), self._address))

    def _photos(self, pictures: Iterable[Row]) -> list[Card]:
        return [{"sha256": row.sha256, "arrived": row.arrived, **self._links.get(row.sha256, {})} for row in pictures]

    def _flags(self, flags: Sequence[Card]) -> list[Card]:
        return [self._flag(one["kind"], one["data"]) for one in flags]

    def _flag(self, kind: str, data: Card) -> Card:
        what, why, _ = contradiction_text(kind, self._lang, **{"time_zone": self._zone, **data})
        return {"kind": kind, "what": what, "why": why}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _metres(value: float | None) -> int | None:
    return None if value is None else round(value)


router = Router("/api/v1/board", route_handlers=[steps], tags=["Board"])
