"""«Положить в рюкзак» and «Забрать из рюкзака»: a transfer to or from his own warehouse, and its command."""

from typing import Any

from posrednik_sandbox.onec import books, papers, wire
from posrednik_sandbox.onec.base import SAVED, NoSuchCourier, Onec, WriteFailed, answer_text
from posrednik_sandbox.onec.books import milli, units
from posrednik_sandbox.onec.papers import Paper
from posrednik_sandbox.onec.store import Store

Json = dict[str, Any]
ACTIONS = {"load": "backpack.load", "unload": "backpack.unload"}
MOST_LINES = 200
MOST_MILLI = 10**9
WITHDRAWN = "Документ отменён раньше, чем команда ушла"


async def move(
    onec: Onec, courier: str, action: str, warehouse: str, lines: list[Json], *, twice: bool = False
) -> Json:
    """Post a transfer and send it with its command in one message; wait for the answer as long as any button does.

    lines: product, characteristic?, quantity. twice: the command goes twice, with the same document. Returns
    {document, command, saved, text, second?}; `saved` = no answer in time, the queue will bring it.
    Raises NoSuchCourier, ValueError, books.NotEnough, WriteFailed; then nothing was written.
    """
    kind = ACTIONS[action]
    with onec.store.tx():
        row = _transfer(onec, courier, action, warehouse, _checked(onec.store, lines))
        data = {"courier": courier, "warehouse": warehouse, "lines": row["data"]["lines"], "document": row["ref"]}
        keys = [onec.add_command(kind, row["ref"], data) for _ in range(2 if twice else 1)]
        if onec.switches.take("fail_writes"):
            raise WriteFailed("Запись не удалась: конфликт блокировок. Документ и команда не записаны.")
    onec.sender.wake()
    if onec.online:
        await onec.sender.until(lambda: _answered(onec.store, keys), onec.button_limit_s)
    first, *others = (_told(onec, key) for key in keys)
    paper = {name: row[name] for name in ("ref", "number")}
    return {"document": paper, **first} | ({"second": others[0]} if others else {})


def change(onec: Onec, ref: str, action: str) -> Json:
    """Post, unpost or delete a transfer by hand. What is still to be told of it is not told any more.

    Raises papers.NoSuchDocument, ValueError, books.NotEnough, WriteFailed; then nothing was written.
    """
    with onec.store.tx():
        row = papers.change(onec.store, onec.switches, ref, action)
        if not row["posted"]:
            onec.store.db.execute(
                "UPDATE command SET status = 'rejected', code = 'withdrawn', message = ?"
                " WHERE order_ref = ? AND status = 'queued' AND packed_in IS NULL",
                (WITHDRAWN, ref),
            )
        if onec.switches.take("fail_writes"):
            raise WriteFailed("Запись не удалась: конфликт блокировок. Документ не изменён.")
    onec.sender.wake()
    return row


def _transfer(onec: Onec, courier: str, action: str, warehouse: str, lines: list[Json]) -> Json:
    bag = _bag(onec.store, courier)
    other = onec.store.object("warehouse", warehouse)
    if other is None or other["data"].get("courier"):
        raise ValueError("нужен склад, который не рюкзак курьера")
    source, target = (warehouse, bag) if action == "load" else (bag, warehouse)
    data = {"from": source, "to": target, "courier": courier, "lines": lines}
    paper = Paper("transfer", books.worth(onec.store, lines), data, courier, moves=papers.transfer_moves(data))
    return papers.write(onec.store, onec.switches, paper, None, None, wire.local_now(onec.offset_h))


def _bag(store: Store, courier: str) -> str:
    if store.object("courier", courier) is None:
        raise NoSuchCourier(courier)
    bag = books.bag_of(store, courier)
    if bag is None:
        raise ValueError("у курьера нет своего склада")
    return bag


def _checked(store: Store, lines: Any) -> list[Json]:
    """The lines in the wire's form, one for each product and characteristic."""
    if not isinstance(lines, list) or not 1 <= len(lines) <= MOST_LINES:
        raise ValueError(f"нужно строк от 1 до {MOST_LINES}")
    sums: dict[tuple[str, str], int] = {}
    for line in lines:
        key = (str(line["product"]), str(line.get("characteristic") or ""))
        sums[key] = sums.get(key, 0) + _quantity(store, key[0], line["quantity"])
    return [
        {"product": product, "quantity": units(count)} | ({"characteristic": kind} if kind else {})
        for (product, kind), count in sums.items()
    ]


def _quantity(store: Store, product: str, value: Any) -> int:
    known, count = store.object("product", product), milli(value)
    if known is None:
        raise ValueError("такого товара нет")
    name = known["data"]["name"]
    if not 0 < count <= MOST_MILLI:
        raise ValueError(f"{name}: количество должно быть больше нуля")
    if count % 1000 and not known["data"]["by_weight"]:
        raise ValueError(f"{name}: целое число, товар не весовой")
    return count


def _answered(store: Store, keys: list[str]) -> bool:
    return all(store.value("SELECT status FROM command WHERE id = ?", key) != "queued" for key in keys)


def _told(onec: Onec, key: str) -> Json:
    command = onec.command(key)
    saved = command["status"] == "queued"
    return {"command": command, "saved": saved, "text": SAVED if saved else answer_text(command)}
