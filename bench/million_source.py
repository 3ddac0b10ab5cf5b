"""A 1C that is never the bottleneck: OData sets whose rows are put together of templates, by their numbers alone.

`python -m bench.million_source ORDERS PRODUCTS COUNTERPARTIES STOCKS`: prints its port. Rows stand in the order in
which they are asked for (`Description,Ref_Key`; `Date,Number,Ref_Key`), so a page is a range of numbers.
"""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qs, unquote, urlsplit

HEAD_END = b"\r\n\r\n"
MONTHS, FIRST_YEAR = 36, 2024
MIXER = 2654435761  # odd, so that no two numbers get one reference; spreads them as random ones are
_REF = b"%08x-1c00-4%03x-8000-%012x"
_DATE = re.compile(r"Date (ge|lt) datetime'(\d{4})-(\d\d)-")
_NUMBER = re.compile(r"guid'[0-9a-f-]{24}([0-9a-f]{12})'")
_KEYS = b'{"Ref_Key":"%b","DataVersion":"AAAAAAAB%05x=","DeletionMark":false}'
DIVISION, WAREHOUSE, UNIT = b"division", b"warehouse", b"unit"

KINDS = {DIVISION: 1, WAREHOUSE: 2, UNIT: 3, b"product": 4, b"counterparty": 5, b"order": 6}


def ref(kind: bytes, number: int = 0) -> bytes:
    return _REF % (number * MIXER & 0xFFFFFFFF, KINDS[kind], number)


def _text(template: str) -> bytes:
    return re.sub(r"\n\s*", "", template).encode()


_PRODUCT = _text("""
    {"Ref_Key":"%b","DataVersion":"AAAAAAAB%05x=","DeletionMark":false,"Code":"НФ-%08d",
    "Description":"Термос «Дорожный» %08d с двойными стенками, нержавеющая сталь","Артикул":"T-%d",
    "ЕдиницаИзмерения_Key":"%b","СтавкаНДС":"НДС20","ТипНоменклатуры":"Товар"}""")
_COUNTERPARTY = _text("""
    {"Ref_Key":"%b","DataVersion":"AAAAAAAB%05x=","DeletionMark":false,"Description":"Соколова Мария Петровна %08d",
    "ИНН":"77%010d","ЮрФизЛицо":"ФизЛицо","КонтактнаяИнформация":[
    {"Ref_Key":"%b","LineNumber":"1","Тип":"Телефон","Представление":"8 (916) %07d","НомерТелефона":"","АдресЭП":""},
    {"Ref_Key":"%b","LineNumber":"2","Тип":"АдресЭлектроннойПочты","Представление":"","НомерТелефона":"",
    "АдресЭП":"buyer%d@example.com"}]}""")
_ORDER = _text("""
    {"Ref_Key":"%b","DataVersion":"AAAAAAAB%05x=","DeletionMark":false,"Posted":true,"Number":"000-%08d",
    "Date":"%04d-%02d-%02dT10:15:00","НомерПоДаннымКлиента":"S-%d","Статус":"КОтгрузке","Подразделение_Key":"%b",
    "Склад_Key":"%b","Контрагент_Key":"%b","Комментарий":"Позвонить за час","СуммаПредоплатыДоОтгрузки":0,
    "ФормаОплаты":"Наличная","АдресДоставки":"г. Москва, ул. Ленина, д. %d","ВремяДоставкиС":"2026-11-22T12:00:00",
    "ВремяДоставкиПо":"2026-11-22T15:00:00","Товары":[%b]}""")
_LINE = _text("""
    {"Ref_Key":"%b","LineNumber":"%d","КодСтроки":%d,"Номенклатура_Key":"%b",
    "Характеристика_Key":"00000000-0000-0000-0000-000000000000","Количество":2,"Цена":990,"Сумма":1980,
    "Отменено":false,"Содержание":""}""")
_STOCK = _text("""
    {"Склад_Key":"%b","Номенклатура_Key":"%b","Характеристика_Key":"00000000-0000-0000-0000-000000000000",
    "ВНаличииBalance":12.5,"КОтгрузкеBalance":2}""")


@dataclass(frozen=True, slots=True)
class Set:
    """rows: how many. row: by its number, from 0. kind: of its references, b"" = a register. fields: for $metadata."""

    rows: int
    row: Callable[[int], bytes]
    kind: bytes = b""
    parts: tuple[str, ...] = ()


class Base:
    """The sets of one base and what is asked of them."""

    def __init__(self, orders: int, products: int, counterparties: int, stocks: int) -> None:
        self._orders, self._products, self._counterparties = orders, products, counterparties
        self.sets = {
            "Catalog_СтруктураПредприятия": Set(1, _named(DIVISION, "Центр"), DIVISION),
            "Catalog_Склады": Set(1, self._warehouse, WAREHOUSE),
            "Catalog_УпаковкиЕдиницыИзмерения": Set(1, _named(UNIT, "шт"), UNIT),
            "Catalog_Номенклатура": Set(products, self._product, b"product"),
            "Catalog_Контрагенты": Set(counterparties, self._counterparty, b"counterparty", ("КонтактнаяИнформация",)),
            "Document_ЗаказКлиента": Set(orders, self._order, b"order", ("Товары",)),
            "InformationRegister_ЦеныНоменклатуры/SliceLast()": Set(0, self._stock),
            "AccumulationRegister_ТоварыНаСкладах/Balance()": Set(stocks, self._stock),
        }

    def answer(self, target: str) -> bytes:
        """The body for a request's target; KeyError for a set that is not published."""
        split = urlsplit(target)
        name = unquote(split.path).partition("/odata/standard.odata/")[2]
        if name == "$metadata":
            return self._metadata()
        return self._page(self.sets[name], {key: values[0] for key, values in parse_qs(split.query).items()})

    def _page(self, one: Set, options: Mapping[str, str]) -> bytes:
        wanted = options.get("$filter", "")
        row = one.row if options.get("$select", "") != "Ref_Key,DataVersion,DeletionMark" else _key_of(one.kind)
        if "guid'" in wanted:
            return _body(len(wanted), map(row, (int(found, 16) for found in _NUMBER.findall(wanted))))
        since, until = self._range(wanted) if wanted else (0, one.rows)
        if options.get("$orderby") == "Date desc":
            return _body(1, [row(until - 1)])
        first = since + int(options.get("$skip", 0))
        return _body(until - since, map(row, range(first, min(until, first + int(options["$top"])))))

    def _range(self, wanted: str) -> tuple[int, int]:
        """Numbers of the orders of some months; they are spread over the months evenly."""
        bounds = {"ge": 0, "lt": MONTHS}
        for sign, year, month in _DATE.findall(wanted):
            bounds[sign] = min(max(0, (int(year) - FIRST_YEAR) * 12 + int(month) - 1), MONTHS)
        return -(-bounds["ge"] * self._orders // MONTHS), -(-bounds["lt"] * self._orders // MONTHS)

    def _metadata(self) -> bytes:
        types = []
        for name, one in self.sets.items():
            if one.kind:
                row = one.row(0)
                types.append(_type("EntityType", name, row))
                types += [_type("ComplexType", f"{name}_{part}_RowType", row) for part in one.parts]
        return f"<edmx><Schema>{''.join(types)}</Schema></edmx>".encode()

    # -- rows

    @staticmethod
    def _warehouse(number: int) -> bytes:
        return _named(WAREHOUSE, "Основной склад")(number)[:-1] + b',"%b":"%b"}' % (
            "Подразделение_Key".encode(), ref(DIVISION),
        )  # fmt: skip

    @staticmethod
    def _product(number: int) -> bytes:
        return _PRODUCT % (ref(b"product", number), number & 0xFFFFF, number, number, number, ref(UNIT))

    @staticmethod
    def _counterparty(number: int) -> bytes:
        own = ref(b"counterparty", number)
        return _COUNTERPARTY % (own, number & 0xFFFFF, number, number, own, number, own, number)

    def _order(self, number: int) -> bytes:
        own, month = ref(b"order", number), number * MONTHS // self._orders
        day = 1 + (number * MONTHS % self._orders) * 28 // self._orders
        lines = b",".join(
            _LINE % (own, line, line, ref(b"product", (number * 3 + line) % self._products)) for line in (1, 2, 3)
        )
        return _ORDER % (
            own, number & 0xFFFFF, number, FIRST_YEAR + month // 12, month % 12 + 1, day, number, ref(DIVISION),
            ref(WAREHOUSE), ref(b"counterparty", number % self._counterparties), number % 200, lines,
        )  # fmt: skip

    @staticmethod
    def _stock(number: int) -> bytes:
        return _STOCK % (ref(WAREHOUSE), ref(b"product", number))


def _named(kind: bytes, name: str) -> Callable[[int], bytes]:
    row = b'{"Ref_Key":"%b","DataVersion":"AAAAAAAAAAE=","DeletionMark":false,"Description":"%b"}' % (
        ref(kind), name.encode(),
    )  # fmt: skip
    return lambda number: row


def _key_of(kind: bytes) -> Callable[[int], bytes]:
    if KINDS[kind] <= KINDS[UNIT]:
        return lambda number: b'{"Ref_Key":"%b","DataVersion":"AAAAAAAAAAE=","DeletionMark":false}' % ref(kind)
    return lambda number: _KEYS % (ref(kind, number), number & 0xFFFFF)


def _type(tag: str, name: str, row: bytes) -> str:
    """Every name that a row has counts as its field: what is too much is not asked for."""
    names = dict.fromkeys(re.findall(r'"(\w+)":', row.decode()))
    fields = "".join(f'<Property Name="{field}"/>' for field in names)
    return f'<{tag} Name="{name}">{fields}</{tag}>'


def _body(count: int, rows: "Iterator[bytes] | list[bytes]") -> bytes:
    return b'{"odata.count":"%d","value":[%b]}' % (count, b",".join(rows))


class Answering(asyncio.Protocol):
    """One keep-alive connection: just enough HTTP/1.1 for GET."""

    def __init__(self, base: Base) -> None:
        self._base, self._buffer = base, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(HEAD_END)) >= 0:
            target = self._buffer[: self._buffer.index(b" HTTP/")].decode().partition(" ")[2]
            self._buffer = self._buffer[end + len(HEAD_END) :]
            self._answer(target)

    def _answer(self, target: str) -> None:
        try:
            status, body = b"200 OK", self._base.answer(target)
        except KeyError:
            status, body = b"404 Not Found", b""
        self._transport.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))


async def serve(base: Base) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Answering(base), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    from bench import loop

    sys.exit(loop.serve(serve(Base(*map(int, sys.argv[1:5])))))
