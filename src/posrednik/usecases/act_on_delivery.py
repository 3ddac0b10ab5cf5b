"""One action of a person on one delivery, from a page or the command line: domain.md §1."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from posrednik.domain import delivery_after as after
from posrednik.domain import delivery_courier as courier_steps
from posrednik.domain import delivery_office as office
from posrednik.domain import proofs
from posrednik.domain.changes import Change, Contradiction
from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.errors import DomainError
from posrednik.domain.events import Actor, Names, with_evidence
from posrednik.domain.ownership import POSREDNIK
from posrednik.domain.texts import ACTIONS
from posrednik.kit.ids import uuid7
from posrednik.kit.values import kopecks, milli, money, quantity
from posrednik.store import deliveries, events, inbox, journal, mirror, photos, step_photos
from posrednik.store.db import Tx
from posrednik.store.journal import Entry
from posrednik.usecases.cash_desk import Desk as CashDesk
from posrednik.usecases.cash_desk import hand_in_of
from posrednik.usecases.courier_event import ForeignPhoto, MalformedEvent, link
from posrednik.usecases.courier_goods import cash_kop
from posrednik.usecases.incidents import about_delivery, raise_all
from posrednik.usecases.order_facts import Rules, courier_facts, names_of
from posrednik.usecases.ownership import check_person

# Taken in a courier's name, so the proofs of his step are asked for: action → step of the rules.
BY_COURIER = {"pick_up": "pick_up", "depart": "depart", "hand_over": "hand_over", "not_deliver": "not_deliver",
              "claim_give_back": "give_back"}  # fmt: skip

Permit = Callable[[Delivery], None]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{64}$")]


class Action(msgspec.Struct, frozen=True):
    """What a page sends. lines: line → quantity in units; sums in rubles; only what the action needs.

    photos: SHA-256 of pictures that this person has put before. code: what the recipient said. receipt_url: where the
    receipt made elsewhere is to be seen.
    """

    action: str
    version: int | None = None
    lines: list[dict[str, Any]] | None = None
    amount_taken: str | float | None = None
    payment_method: str = "cash"
    reference: str | None = None
    receipt_url: str | None = None
    difference_reason: str | None = None
    reason: str | None = None
    comment: str | None = None
    next_date: date | None = None
    courier: str | None = None
    refund: str | float | None = None
    photos: Annotated[list[Sha256], msgspec.Meta(max_length=20)] = []
    code: Annotated[str, msgspec.Meta(max_length=50)] | None = None


class NoSuchDelivery(DomainError):
    """No delivery has this id."""

    code = "not_found"


class UnknownAction(DomainError):
    """Not an action of domain.md §1 that a person can take."""

    code = "malformed"


class PhotoNotHere(DomainError):
    """A named picture was not put before."""

    code = "photo_not_here"


class TakenOnPhone(DomainError):
    """The division wants the courier's position with this step, and an office has none."""

    code = "taken_on_phone"


class ReceiptLinkWrong(DomainError):
    """People press it, so that it has to be an https address."""

    code = "receipt_link_wrong"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a person acts. system: owner of fields. where: its name in the journal. bare: nothing is shown there, not
    even which goods, so that whatever the rules require is missing."""

    system: str = POSREDNIK
    where: str = "office"
    bare: bool = False


OFFICE = Source()


@dataclass(frozen=True, slots=True)
class Acted:
    """delivery: as it is now. already: it held before, nothing changed.

    refusal: the answer is no, but what contradicts is kept: commit, then say no.
    """

    delivery: Delivery
    already: bool
    contradictions: tuple[Contradiction, ...]
    refusal: DomainError | None = None


async def act(
    tx: Tx, delivery_id: UUID, action: Action, person: str, rules: Rules, now: datetime, *, owner: str = "",
    permit: Permit = lambda _: None, source: Source = OFFICE,
) -> Acted:  # fmt: skip
    """Do it, or raise the rule that says no. Office pages act in a courier's name; the journal has the person's.

    owner: the person as owner of photos, `person:NAME`. permit: raises when he may not touch this delivery. Raises
    ownership.Refused for a field that is not his system's.
    """
    delivery = await deliveries.lock(tx, delivery_id)
    if delivery is None:
        raise NoSuchDelivery
    permit(delivery)
    perform = _ACTIONS.get(action.action)
    if perform is None:
        raise UnknownAction
    if action.action == "settle" and delivery.stage is Stage.HANDED_OVER and delivery.cash_taken_kop:
        by = delivery.handed_over_by
        desk_of_cash = CashDesk(tx, rules, person, now)
        ref = by.ref if by else delivery.courier_ref or ""
        await hand_in_of(desk_of_cash, ref, delivery.cash_taken_kop, delivery.id)
    desk = await _Desk.open(tx, delivery, action, person, rules, now, source)
    change = perform(desk)
    check_person(rules.ownership, delivery, change.delivery, person, source.system, source.where)
    await _check_photos(tx, action, owner)
    if action.action in BY_COURIER and not change.already:
        _check_proofs(desk)
    await _store(tx, desk, change)
    if action.action == "hand_over" and not change.already and change.delivery.cash_taken_kop == 0:
        change = await _settle_at_once(tx, desk, change)
    return Acted(change.delivery, change.already, change.contradictions, change.refusal)


async def _check_photos(tx: Tx, action: Action, owner: str) -> None:
    if not action.photos:
        return
    whose = set((await photos.known_to(tx, action.photos, owner)).values())
    if "foreign" in whose:
        raise ForeignPhoto
    if "unknown" in whose:
        raise PhotoNotHere


def _check_proofs(desk: "_Desk") -> None:
    """What the division requires of the courier is required of who acts for him. Warnings are for phones."""
    action, step = desk.action, BY_COURIER[desk.action.action]
    rules = desk.rules.of(desk.delivery.division_ref).policy.proofs
    if rules.level(step, "position") == "required":
        raise TakenOnPhone(action=action.action)
    given = proofs.Given(
        photos=len(action.photos), amount=action.amount_taken is not None,
        items=action.lines is None or bool(action.lines), code=bool((action.code or "").strip()),
    )  # fmt: skip
    proofs.check(rules, step, proofs.Given() if desk.source.bare else given)


async def _settle_at_once(tx: Tx, desk: "_Desk", handed: Change) -> Change:
    """Nothing was taken in cash, so nothing is left to hand in (domain.md §4)."""
    settled = after.settle(
        delivery=handed.delivery, actor=Actor("system"), now=desk.now, names=desk.names(handed.delivery.courier_ref)
    )
    await _store(tx, desk, settled)
    return Change(settled.delivery, settled.events, False, handed.contradictions)


async def _store(tx: Tx, desk: "_Desk", change: Change) -> None:
    order_ref = UUID(change.delivery.order_ref)
    if not change.already:
        await deliveries.save(tx, [change.delivery])
        await step_photos.put(
            tx, uuid7(), desk.shown, delivery_id=change.delivery.id, action=desk.action.action,
            courier_ref=desk.actor.ref if desk.actor else None, at=desk.now,
        )  # fmt: skip
    for event in change.events:
        told = with_evidence(event, position=None, photos=desk.shown) if desk.shown else event
        events.emit(tx, told, change.delivery.base_id, order_ref)
    title = ACTIONS[desk.action.action][0]
    outcome = "refused" if change.refusal else "already" if change.already else "done"
    detail = {"photos": desk.shown, "code": desk.action.code} if desk.shown or desk.action.code else None
    entry = Entry(
        "action", desk.source.where, outcome, f"{title} ({desk.person})", desk.action.action, order_ref, detail=detail
    )
    await journal.add(tx, [entry])
    await raise_all(tx, change.contradictions, about_delivery(desk.delivery, desk.actor), desk.now)


class _Desk:
    """The delivery with what its action needs to know of couriers and divisions."""

    def __init__(
        self, delivery: Delivery, action: Action, person: str, rules: Rules, now: datetime, zone: str,
        known: dict[mirror.Key, dict[str, Any]], source: Source = OFFICE,
    ) -> None:  # fmt: skip
        self.delivery, self.action, self.person, self.rules, self.now = delivery, action, person, rules, now
        self._zone, self._known, self.source = zone, known, source
        self.cash_kop = 0  # of the courier that the action names

    @classmethod
    async def open(
        cls, tx: Tx, delivery: Delivery, action: Action, person: str, rules: Rules, now: datetime,
        source: Source = OFFICE,
    ) -> "_Desk":  # fmt: skip
        refs = {delivery.courier_ref, delivery.holder_ref, action.courier} - {None}
        keys = [("courier", str(ref)) for ref in refs] + [("division", delivery.division_ref)]
        rows = await mirror.get(tx, delivery.base_id, keys)
        base = await inbox.get_base(tx, delivery.base_id)
        known = {key: msgspec.json.decode(row.data) for key, row in rows.items()}
        zone = base.time_zone if base else "Europe/Moscow"
        desk = cls(delivery, action, person, rules, now, zone, known, source)
        if action.courier and rules.ceilings:
            desk.cash_kop = await cash_kop(tx, action.courier)
        return desk

    def data(self, courier_ref: str | None) -> dict[str, Any] | None:
        return self._known.get(("courier", courier_ref or ""))

    def names(self, courier_ref: str | None) -> Names:
        division = self.delivery.division_ref
        return names_of(courier_ref, self.data(courier_ref), self._known.get(("division", division)),
                        self.rules.of(division), self._zone)  # fmt: skip

    @property
    def actor(self) -> Actor | None:
        """The courier whose step it is; None: the office's own."""
        return self.courier() if self.action.action in BY_COURIER else None

    @property
    def shown(self) -> list[str]:
        return list(dict.fromkeys(sha256.lower() for sha256 in self.action.photos))

    def courier(self) -> Actor:
        """In whose name a step is taken: named, else who carries it, else who it is assigned to."""
        ref = self.action.courier or self.delivery.holder_ref or self.delivery.courier_ref
        return Actor("courier", ref, (self.data(ref) or {}).get("name"))

    def step(self, perform: Callable[..., Change], **arguments: Any) -> Change:
        actor = self.courier()
        return perform(delivery=self.delivery, actor=actor, now=self.now, names=self.names(actor.ref),
                       seen_version=self.action.version, **arguments)  # fmt: skip

    def said(self, perform: Callable[..., Change], **arguments: Any) -> Change:
        """In a courier's name like `step`, of an action that no office's change can overtake."""
        actor = self.courier()
        return perform(delivery=self.delivery, actor=actor, now=self.now, names=self.names(actor.ref), **arguments)

    def office(self, perform: Callable[..., Change], kind: Any, **arguments: Any) -> Change:
        after_ref = arguments.get("courier_ref") or self.delivery.courier_ref
        return perform(delivery=self.delivery, actor=Actor(kind, None, self.person), now=self.now,
                       names=self.names(after_ref), **arguments)  # fmt: skip

    def quantities(self) -> dict[str, int] | None:
        if self.action.lines is None:
            return None
        return {str(line["line"]): milli(quantity(line.get("quantity"))) for line in self.action.lines}

    def kop(self, value: Any) -> int:
        return kopecks(money(value))


def _receipt_url(action: Action) -> str | None:
    try:
        return link({"receipt_url": action.receipt_url}, "receipt_url")
    except MalformedEvent as error:
        raise ReceiptLinkWrong from error


def _hand_over(desk: _Desk) -> Change:
    a = desk.action
    taken = desk.delivery.amount_due_kop if a.amount_taken is None else desk.kop(a.amount_taken)
    return desk.step(
        courier_steps.hand_over, amount_taken_kop=taken, payment_method=a.payment_method, accepted=desk.quantities(),
        reference=a.reference, receipt_url=_receipt_url(a), difference_reason=a.difference_reason,
    )  # fmt: skip


def _retry(desk: _Desk) -> Change:
    ref = desk.action.courier
    facts = courier_facts(ref, desk.data(ref), desk.rules, desk.cash_kop) if ref else None
    return desk.office(after.retry, "logistician", next_date=desk.action.next_date, courier_ref=ref, courier=facts)


def _assign(desk: _Desk) -> Change:
    ref = desk.action.courier or ""
    facts = courier_facts(ref, desk.data(ref), desk.rules, desk.cash_kop)
    return desk.office(office.assign, "logistician", courier_ref=ref, courier=facts)


_ACTIONS: dict[str, Callable[[_Desk], Change]] = {
    "pick_up": lambda desk: desk.step(courier_steps.pick_up, lines=desk.quantities()),
    "depart": lambda desk: desk.step(courier_steps.depart),
    "hand_over": _hand_over,
    "not_deliver": lambda desk: desk.step(
        courier_steps.not_deliver, reason=desk.action.reason, comment=desk.action.comment,
        next_date=desk.action.next_date, reasons=desk.rules.of(desk.delivery.division_ref).policy.reason_codes,
    ),
    "retry": _retry,
    "assign": _assign,
    "cancel": lambda desk: desk.office(office.cancel, "logistician", reason=desk.action.reason),
    "claim_give_back": lambda desk: desk.said(after.claim_give_back, quantities=desk.quantities()),
    "give_back": lambda desk: desk.office(after.give_back, "warehouse", quantities=desk.quantities()),
    "settle": lambda desk: desk.office(after.settle, "cash_desk"),
    "customer_return": lambda desk: desk.office(
        after.customer_return, "logistician", lines=desk.quantities() or {}, refund_kop=desk.kop(desk.action.refund)
    ),
}  # fmt: skip


def allowed(delivery: Delivery) -> list[str]:
    """The actions that a page may offer now; the rules have the last word."""
    from_stage: dict[str, list[str]] = {
        "ready": ["assign", "cancel"] + (["pick_up"] if delivery.courier_ref else []),
        "picked_up": ["depart", "hand_over", "not_deliver", "cancel"],
        "en_route": ["hand_over", "not_deliver", "cancel"],
        "not_delivered": ["retry", "cancel"],
        "handed_over": ["settle", "customer_return"],
        "settled": ["customer_return"],
        "returned": [],
        "cancelled": [],
    }
    if not delivery.on_board:
        return []
    can = from_stage[delivery.stage.value]
    owes = delivery.goods_out and delivery.stage.value in ("not_delivered", "cancelled", "handed_over", "settled")
    return [*can, "give_back", "claim_give_back"] if owes else can
