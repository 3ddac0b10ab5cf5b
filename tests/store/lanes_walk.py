"""Random walks over the rules of the model, by a seed."""

import random
from collections.abc import Callable

from tests.store.lanes_model import FATES_KNOWN, KEYS, Lanes


def _wanted(dice: random.Random) -> list[tuple[str, str | None, int]]:
    states = [None, None, "task", "note"]
    return [(dice.choice(KEYS), dice.choice(states), dice.randint(0, 1)) for _ in range(dice.randint(1, 3))]


def _fates(dice: random.Random) -> list[str]:
    return [dice.choice(FATES_KNOWN) for _ in range(dice.randint(1, 4))]


def _coin(dice: random.Random) -> bool:
    return dice.random() < 0.5


Move = Callable[[Lanes, random.Random], None]
_OFTEN: list[Move] = [
    lambda m, d: m.enqueue(_wanted(d)),
    lambda m, d: m.work(d.randint(0, 1), _coin(d), _fates(d), _coin(d)),
    lambda m, d: m.record(d.randint(0, 7)),
    lambda m, d: m.crash(d.randint(0, 1), _coin(d), _coin(d)),
]
_SOMETIMES: list[Move] = [
    lambda m, d: m.enqueue_together(_wanted(d), _wanted(d), [_coin(d) for _ in range(6)]),
    lambda m, d: m.claim(d.randint(0, 1), d.randint(1, 3), d.randint(1, 3), _coin(d)),
    lambda m, d: m.send(d.randint(0, 7), d.choice(FATES_KNOWN)),
    lambda m, d: m.record_all(d.randint(0, 1)),
    lambda m, d: m.stop_gracefully(d.randint(0, 7)),
    lambda m, d: m.lease_ends(d.randint(0, 7)),
    lambda m, _: m.rescue(),
    lambda m, _: m.time_passes(),
    lambda m, _: m.replay(),
    lambda m, d: m.skip(d.choice(KEYS), d.randint(0, 7)),
]


def walk(machine: Lanes, dice: random.Random, steps: int) -> None:
    """The rules in a random order with a fixed seed: quicker than hypothesis where a fault is sure to be there."""
    try:
        machine.enqueue([(key, None, 0) for key in KEYS])
        machine.the_database_is_as_the_model()
        for _ in range(steps):
            dice.choice(_OFTEN * 2 + _SOMETIMES)(machine, dice)
            machine.the_database_is_as_the_model()
            machine.what_may_be_there_is_never_sent_again_unlooked()
    finally:
        machine.teardown()
