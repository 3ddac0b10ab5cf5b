"""The table of domain.md §1 as data: who may do what from where, and where it leads. Nothing else knows arrows."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from posrednik.domain.deliveries import Delivery, Stage
from posrednik.domain.errors import NotAllowed, StageJump
from posrednik.domain.events import Actor


@dataclass(frozen=True, slots=True)
class Row:
    """who: kinds of actor. arrows: stage before -> stages after, as far as no fact contradicts the office.

    by_fact: further arrows, only for what a courier did while the office changed something; each of them
    comes with a contradiction.
    """

    who: frozenset[str]
    arrows: Mapping[Stage, frozenset[Stage]]
    by_fact: Mapping[Stage, frozenset[Stage]]

    def leads(self, before: Stage, after: Stage) -> bool:
        return after in self.arrows.get(before, ()) or after in self.by_fact.get(before, ())


def _arrows(text: str) -> Mapping[Stage, frozenset[Stage]]:
    """Read "ready > picked_up, cancelled > returned cancelled"."""
    pairs = (arrow.split(">") for arrow in text.split(",") if arrow.strip())
    return MappingProxyType({Stage(a.strip()): frozenset(map(Stage, b.split())) for a, b in pairs})


def _row(who: str, arrows: str, by_fact: str = "") -> Row:
    return Row(frozenset(who.split()), _arrows(arrows), _arrows(by_fact))


_BEFORE_HANDED_OVER = (
    "ready > cancelled, picked_up > cancelled, en_route > cancelled, not_delivered > cancelled, "
    "cancelled > cancelled, returned > returned, handed_over > handed_over, settled > settled"
)
_STAYS = "ready > ready, picked_up > picked_up, en_route > en_route, not_delivered > not_delivered"
# A second story is kept beside the first, wherever that is: nothing moves.
_KEPT = ", ".join(f"{stage} > {stage}" for stage in Stage)

TABLE: Mapping[str, Row] = MappingProxyType(
    {
        # A cancelled or returned delivery is made ready again only where `ready` allows it (see there).
        "ready": _row("onec", "ready > ready, cancelled > ready, returned > ready"),
        "withdraw": _row("onec", "ready > ready"),
        "assign": _row("onec logistician", "ready > ready"),
        "set_price": _row("onec", _STAYS),
        "set_amount_due": _row("onec", _STAYS),
        "pick_up": _row("courier", "ready > picked_up", _KEPT),
        "depart": _row("courier", "picked_up > en_route, en_route > en_route", _KEPT),
        "hand_over": _row(
            "courier",
            "picked_up > handed_over, en_route > handed_over",
            "ready > handed_over, cancelled > handed_over, not_delivered > handed_over, "
            "handed_over > handed_over, settled > settled, returned > returned",
        ),
        "not_deliver": _row(
            "courier",
            "picked_up > not_delivered, en_route > not_delivered, not_delivered > not_delivered",
            _KEPT,
        ),
        "retry": _row("logistician courier", "not_delivered > picked_up ready, picked_up > picked_up, ready > ready"),
        # Refused lines may still be with the courier when his cash is in, so `settled` is here as well; `ready`
        # is where another courier is to try again and the first one brings the goods in.
        "give_back": _row(
            "warehouse logistician",
            "not_delivered > not_delivered returned, cancelled > cancelled returned, "
            "handed_over > handed_over returned, settled > settled returned, returned > returned, ready > ready",
        ),
        # He says what he brings back; nothing moves until `give_back`.
        "claim_give_back": _row(
            "courier",
            "not_delivered > not_delivered, cancelled > cancelled, handed_over > handed_over, settled > settled, "
            "returned > returned, ready > ready",
        ),
        "settle": _row("cash_desk system", "handed_over > settled, settled > settled"),
        "cancel": _row("onec logistician", _BEFORE_HANDED_OVER),
        "customer_return": _row(
            "courier logistician", "handed_over > handed_over returned, settled > settled returned"
        ),
        # Paid without cash it is settled at once; the correction may tell of cash, which is still to be handed in.
        "correct_hand_over": _row("courier", "handed_over > handed_over, settled > handed_over settled"),
        "correct_not_deliver": _row("courier", "not_delivered > not_delivered"),
        "correct_pick_up": _row("courier", "picked_up > picked_up, en_route > en_route"),
    }
)


def check_actor(action: str, actor: Actor) -> None:
    if actor.kind not in TABLE[action].who:
        raise NotAllowed(action=action, actor_kind=actor.kind)


def check_arrow(action: str, delivery: Delivery) -> None:
    """Raise StageJump unless the office's table has an arrow from here; facts are looked at elsewhere."""
    if delivery.stage not in TABLE[action].arrows:
        raise StageJump(order_number=delivery.order_number, action=action, stage=delivery.stage.value)
