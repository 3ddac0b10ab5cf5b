"""What a base begins its books with: prices of all goods, stock of the warehouses and of the couriers' own ones."""

import random
import uuid

from posrednik_sandbox.onec import books
from posrednik_sandbox.onec.books import Move
from posrednik_sandbox.onec.store import Store

PRICE_TYPE = "Розничная"
# Goods in a courier's bag at the start.
BAG_GOODS = 5
OPENING = "opening"


def open_books(store: Store, seed: str) -> None:
    """Write prices and the opening balances. The caller holds the transaction."""
    products = store.names("product")
    for ref, data in products.items():
        price = {"product": ref, "price_type": PRICE_TYPE, "price": data["base_price"], "currency": "RUB"}
        store.put("price", str(uuid.uuid5(uuid.UUID(ref), PRICE_TYPE)), price)
    couriers = store.names("courier")
    moves: list[Move] = []
    for ref, data in store.names("warehouse").items():
        owner = couriers.get(data.get("courier", ""))
        moves += _of_bag(store, ref, f"{seed}:{owner['name']}") if owner else _of_main(store, ref, f"{seed}:{ref}")
    books.post(store, OPENING, moves)


def _of_bag(store: Store, bag: str, seed: str) -> list[Move]:
    """What a courier already carries for sales on the way: counted at the start of his shift."""
    rng = random.Random(seed)
    return [
        Move(bag, product, "", rng.randrange(300, 2000) if data["by_weight"] else 1000 * rng.randrange(1, 6))
        for product, data in rng.sample(list(store.names("product").items()), BAG_GOODS)
    ]


def _of_main(store: Store, warehouse: str, seed: str) -> list[Move]:
    rng = random.Random(seed)
    return [
        Move(warehouse, product, "", 1000 * rng.randrange(300, 900))
        for product, data in store.names("product").items()
        if not data["is_service"]
    ]
