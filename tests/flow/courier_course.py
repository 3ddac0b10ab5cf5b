"""What a walk knows of phones and deliveries: acts with their fate, outboxes, states by version."""

from collections import Counter
from dataclasses import dataclass, field

from tests.flow.courier_model import Act, Happened, Kinds, State, after
from tests.flow.courier_phone import Phone
from tests.flow.exchange_client import Json

# What the office plans; a step that a courier took without knowing of it is a fact.
PLANS = ("readied", "assigned", "withdrawn", "cancelled", "changed")
BY_COURIERS = ("picked_up", "departed", "handed_over", "not_delivered", "done_by_another")


@dataclass
class Told:
    """An act of a phone and what became of it. wrong: it can never be right."""

    act: Act
    device: str
    wrong: bool
    accepted: int = 0
    state: str = ""

    @property
    def id(self) -> str:
        return str(self.act.sent["id"])


@dataclass
class Pocket:
    """A phone with its outbox. believed: delivery → the stage that its screen shows."""

    phone: Phone
    courier: str
    outbox: list[Told] = field(default_factory=list)
    arrived: set[int] = field(default_factory=set)
    seen: dict[str, Json] = field(default_factory=dict)
    believed: dict[str, str] = field(default_factory=dict)
    done: list[Told] = field(default_factory=list)

    def misses(self, below: int) -> bool:
        return any(n not in self.arrived for n in range(1, below))


@dataclass
class Course:
    """A delivery as the model has it: its states by version, from 1."""

    order: Json
    id: str = ""
    states: list[State] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    must: Counter[Kinds] = field(default_factory=Counter)

    @property
    def now(self) -> State:
        return self.states[-1]

    def overtaken(self, act: Act) -> bool:
        """He says that he left, and his later hand-over was there first: it is kept, and nobody is told."""
        this_try = []
        for event in self.happened:
            this_try = [] if event.type in ("delivery.retried", "delivery.readied") else [*this_try, event]
        handed = [one for one in this_try if one.type == "delivery.handed_over" and one.act]
        left = any(one.type == "delivery.departed" for one in this_try)
        if act.sent["type"] != "delivery.depart" or left or not handed or not handed[-1].act:
            return False
        last = handed[-1].act
        return last.courier == act.courier and act.sent["at_device"] <= last.sent["at_device"]

    def view(self, act: Act, upto: int) -> State | None:
        """The delivery as the courier had it when he acted: what his phone had seen, and what he did since.

        None: more than the office's plans and other couriers came between, and that is not his to overrule.
        """
        seen = act.sent.get("version")
        if not seen or seen > upto:
            return None
        state = self.states[seen - 1]
        for event in self.happened[seen:upto]:
            if event.act is not None and event.act.courier == act.courier:
                state = after(state, event)
            elif event.type.removeprefix("delivery.") not in (*PLANS, *BY_COURIERS, "settled"):
                return None
        return state


def shown(state: State) -> str:
    return state.stage if state.on_board else "withdrawn"


def agree(state: State, doc: Json) -> None:
    """Goods, money and people of the model and of the service."""
    assert doc["courier_ref"] == state.courier
    assert (doc["holder"] or {}).get("ref") == state.holder
    assert doc["amount_taken_kop"] == state.taken_kop
    for one in doc["lines"]:
        mine = state.lines[one["line"]]
        told = [one[f"{name}_milli"] for name in ("picked", "accepted", "refused", "given_back", "returned")]
        assert told == [mine.picked, mine.accepted, mine.refused, mine.given_back, mine.returned], one["line"]
    assert len(doc["lines"]) == len(state.lines)
