"""The office's cash desk and backpacks in a real browser, against the small service of `fake_office`."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from tests.browser import WIDER
from tests.e2e import office_desk
from tests.e2e.fake_office import FakeOffice
from tests.e2e.office_desk import FAINT_TEXTS, PHONE, Desk

pytestmark = pytest.mark.e2e

browser, service, office, cashier = office_desk.browser, office_desk.service, office_desk.office, office_desk.desk
SUM = "Сколько насчитали"


def desk_of(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def open_petrov(cashier: Desk) -> tuple[Page, Locator]:
    page = cashier.open("/cash")
    page.get_by_role("searchbox").fill("4821")
    page.get_by_role("searchbox").press("Enter")
    return page, desk_of(page, "Петров Иван")


def test_who_asked_to_hand_in_stands_first_and_is_found_by_code(cashier: Desk) -> None:
    page = cashier.open("/cash")
    rows = page.get_by_role("region", name="Курьеры").get_by_role("listitem")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Петров Иван")
    expect(rows.first).to_contain_text("4821")
    expect(rows.first).to_contain_text("ждёт 7 мин")
    page.get_by_role("searchbox").fill("сидоров")
    expect(rows).to_have_count(1)
    page.get_by_role("searchbox").fill("99")
    expect(page.get_by_role("heading", name="По запросу «99» никого нет")).to_be_visible()


def test_nothing_expected_is_asked_for_before_the_count(cashier: Desk, office: FakeOffice) -> None:
    asked: list[str] = []
    cashier.page.on("request", lambda one: asked.append(urlsplit(one.url).path))
    _, desk = open_petrov(cashier)
    expect(desk.get_by_label(SUM)).to_have_value("")
    desk.get_by_role("button", name="Движения").click()
    expect(desk.get_by_role("heading", name="Сначала пересчёт")).to_be_visible()
    assert not [path for path in asked if "/cash/" in path]
    assert "5440" not in cashier.page.content()
    expect(desk).not_to_contain_text("5\u202f440")


def test_an_equal_count_by_notes_is_taken_in_and_settles_orders(cashier: Desk, office: FakeOffice) -> None:
    page, desk = open_petrov(cashier)
    desk.get_by_role("button", name="По купюрам").click()
    for label, pieces in [("5\u202f000\u202f₽", "1"), ("200\u202f₽", "2"), ("10\u202f₽", "4")]:
        desk.get_by_label(f"По {label}, штук").fill(pieces)
    expect(desk.get_by_text("5\u202f440\u202f₽")).to_be_visible()
    desk.get_by_role("button", name="Сверить").click()
    expect(desk.get_by_text("Деньги приняты")).to_be_visible()
    receipt = desk.get_by_role("article", name="Квитанция")
    expect(receipt).to_contain_text("000-000136")
    expect(receipt).to_contain_text("Анна Кузнецова")
    expect(desk.get_by_role("region", name="Движения")).to_contain_text("заказ 000-000135")
    assert office.cash.asked == [("counts", {"courier": "c1", "counted": "5440.00"})]
    desk.get_by_role("button", name="Следующий курьер").click()
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_only_the_receipt_with_its_names_is_printed(cashier: Desk) -> None:
    page, desk = open_petrov(cashier)
    desk.get_by_label(SUM).fill("5440")
    desk.get_by_role("button", name="Сверить").click()
    expect(desk.get_by_text("Деньги приняты")).to_be_visible()
    page.emulate_media(media="print")
    receipt = page.get_by_role("article", name="Квитанция")
    expect(receipt.get_by_text("Петров Иван")).to_be_visible()
    expect(receipt.get_by_text("подпись").first).to_be_visible()
    expect(page.get_by_role("button", name="Распечатать")).to_be_hidden()
    expect(page.get_by_text("Посредник")).to_be_hidden()


def test_a_difference_needs_a_reason_and_another_name(cashier: Desk, office: FakeOffice) -> None:
    _, desk = open_petrov(cashier)
    desk.get_by_label(SUM).fill("5 400")
    desk.get_by_role("button", name="Сверить").click()
    expect(desk.get_by_role("alert").filter(has_text="Не хватает 40")).to_be_visible()
    take = desk.get_by_role("button", name="с разницей")
    take.click()
    expect(desk.get_by_text("Напишите причину: без неё")).to_be_visible()
    desk.get_by_label("Причина разницы").fill("Не было сдачи")
    desk.get_by_label("Второй человек").fill(" анна  КУЗНЕЦОВА ")
    take.click()
    expect(desk.get_by_text("Вторым должен быть другой человек")).to_be_visible()
    desk.get_by_label("Второй человек").fill("Олег Смирнов")
    take.click()
    receipt = desk.get_by_role("article", name="Квитанция")
    expect(receipt).to_contain_text("Олег Смирнов")
    expect(receipt).to_contain_text("−40")
    assert office.cash.asked[-1] == ("counts/count-1/confirm", {"reason": "Не было сдачи", "second": "Олег Смирнов"})


def test_a_new_count_starts_empty_and_keeps_the_earlier_one(cashier: Desk, office: FakeOffice) -> None:
    _, desk = open_petrov(cashier)
    desk.get_by_label(SUM).fill("5400")
    desk.get_by_role("button", name="Сверить").click()
    desk.get_by_role("button", name="Пересчитать").click()
    expect(desk.get_by_label(SUM)).to_have_value("")
    expect(desk.get_by_text("До этого насчитали")).to_be_visible()
    expect(desk.get_by_text(re.compile("5\u202f400"))).to_be_visible()
    desk.get_by_label(SUM).fill("5440")
    desk.get_by_role("button", name="Сверить").click()
    expect(desk.get_by_text("Деньги приняты")).to_be_visible()
    assert [path for path, _ in office.cash.asked] == ["counts", "counts/count-1/cancel", "counts"]


def test_a_count_left_without_its_reason_is_found_again(cashier: Desk) -> None:
    page, desk = open_petrov(cashier)
    desk.get_by_label(SUM).fill("5400")
    desk.get_by_role("button", name="Сверить").click()
    expect(desk.get_by_role("alert").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("listitem").first).to_contain_text("Разница ждёт причины")
    expect(desk.get_by_text("Считал(а): Анна Кузнецова")).to_be_visible()
    expect(desk.get_by_role("alert").filter(has_text="Не хватает 40")).to_be_visible()
    expect(desk.get_by_text("5\u202f440")).to_be_visible()
    desk.get_by_label("Причина разницы").fill("Не было сдачи")
    desk.get_by_label("Второй человек").fill("Олег Смирнов")
    desk.get_by_role("button", name="с разницей").click()
    expect(desk.get_by_text("Деньги приняты")).to_be_visible()


def test_counts_before_the_one_that_is_open_are_found_again_too(cashier: Desk) -> None:
    page, desk = open_petrov(cashier)
    for sum in ("5300", "5400"):
        desk.get_by_label(SUM).fill(sum)
        desk.get_by_role("button", name="Сверить").click()
        if sum == "5300":
            desk.get_by_role("button", name="Пересчитать").click()
    expect(desk.get_by_role("alert").first).to_be_visible()
    page.reload()
    expect(desk.get_by_text("До этого насчитали")).to_be_visible()
    expect(desk.get_by_text(re.compile("5\u202f300"))).to_be_visible()


def test_missing_money_is_written_off_after_the_count(cashier: Desk, office: FakeOffice) -> None:
    _, desk = open_petrov(cashier)
    desk.get_by_label(SUM).fill("5400")
    desk.get_by_role("button", name="Сверить").click()
    desk.get_by_label("Причина разницы").fill("Не было сдачи")
    desk.get_by_label("Второй человек").fill("Олег Смирнов")
    desk.get_by_role("button", name="с разницей").click()
    expect(desk.get_by_text("Не решено: не хватает 40")).to_be_visible()
    desk.get_by_role("button", name="Списать в недостачу").click()
    form = desk.get_by_role("form", name="Списать в недостачу")
    form.get_by_label("На какую сумму").fill("41")
    form.get_by_role("button", name="Списать в недостачу").click()
    expect(form.get_by_text("не больше 40")).to_be_visible()
    expect(form.get_by_text("без неё решение не примут")).to_be_visible()
    form.get_by_label("На какую сумму").fill("40")
    form.get_by_label("Причина решения").fill("Обсчитали покупатели")
    form.get_by_role("button", name="Списать в недостачу").click()
    expect(desk.get_by_text("больше не числится за курьером")).to_be_visible()
    expect(desk.get_by_text("Не решено")).to_be_hidden()
    expect(desk.get_by_role("region", name="Движения").get_by_text("Разница")).to_be_visible()
    body = {"decision": "shortage", "sum": "40.00", "reason": "Обсчитали покупатели"}
    assert office.cash.asked[-1] == ("differences/c1", body)


def test_a_count_whose_answer_is_lost_is_taken_in_once(cashier: Desk, office: FakeOffice) -> None:
    _, desk = open_petrov(cashier)
    office.lost = 1
    desk.get_by_label(SUM).fill("5440")
    desk.get_by_role("button", name="Сверить").click()
    expect(desk.get_by_text("Деньги приняты")).to_be_visible()
    assert len(office.cash.asked) == 1


def test_change_is_issued_and_put_right_with_a_reason(cashier: Desk, office: FakeOffice) -> None:
    page = cashier.open("/cash?courier=c2")
    desk = desk_of(page, "Сидоров")
    desk.get_by_role("button", name="Выдать размен").click()
    desk.get_by_label("Сколько выдаёте").fill("0")
    desk.get_by_role("button", name="Выдать", exact=True).click()
    expect(desk.get_by_text("Впишите сумму больше нуля")).to_be_visible()
    desk.get_by_label("Сколько выдаёте").fill("2 000")
    desk.get_by_role("button", name=re.compile("Выдать 2")).click()
    expect(desk.get_by_text("Записано: выдано")).to_be_visible()
    desk.get_by_role("button", name="Движения").click()
    desk.get_by_role("button", name="Показать движения").click()
    desk.get_by_role("button", name="Исправить").first.click()
    mend = desk.get_by_role("form", name=re.compile("Исправить: размен"))
    mend.get_by_label("Верная сумма").fill("1500")
    mend.get_by_role("button", name="Исправить запись").click()
    expect(mend.get_by_text("Напишите причину")).to_be_visible()
    mend.get_by_label("Причина исправления").fill("Выдали меньше")
    mend.get_by_role("button", name="Исправить запись").click()
    expect(desk.get_by_text("Запись исправлена")).to_be_visible()
    assert office.cash.asked == [
        ("change", {"courier": "c2", "sum": "2000.00"}),
        ("corrections", {"event": "line-8", "sum": "1500.00", "reason": "Выдали меньше"}),
    ]


def test_backpacks_that_do_not_agree_stand_first_and_say_by_how_much(cashier: Desk) -> None:
    page = cashier.open("/backpacks")
    first = page.get_by_role("article").first
    expect(first).to_contain_text("Не сходится с 1С: 2")
    expect(first.get_by_role("row").filter(has_text="Полярник")).to_contain_text("в рюкзаке меньше на 2 шт")
    expect(first.get_by_role("row").filter(has_text="Кружка походная")).to_contain_text("продано больше, чем загружено")
    expect(first.get_by_role("region", name="Спорное")).to_contain_text("Ложка складная")
    expect(first.get_by_role("region", name="Спорное")).to_contain_text("не дошло 2 шт")
    expect(first).to_contain_text("Рюкзак: склад 3")
    page.get_by_role("button", name=re.compile("С расхождениями")).click()
    expect(page.get_by_role("article")).to_have_count(1)


def test_a_shortage_is_written_off_or_found_with_a_reason(cashier: Desk, office: FakeOffice) -> None:
    page = cashier.open("/backpacks")
    page.get_by_role("button", name=re.compile("Нашлось: Термос")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Количество").fill("4")
    dialog.get_by_role("button", name="Нашлось").click()
    expect(dialog.get_by_text("не больше 3 шт")).to_be_visible()
    dialog.get_by_label("Количество").fill("1")
    dialog.get_by_label("Причина").fill("Лежал в машине")
    dialog.get_by_role("button", name="Нашлось").click()
    expect(page.get_by_text("Товар вернулся в рюкзак")).to_be_visible()
    expect(page.get_by_role("region", name="Недостача")).to_contain_text("2 шт")
    page.get_by_role("button", name=re.compile("Списать: Термос")).click()
    dialog.get_by_label("Причина").fill("Утерян")
    dialog.get_by_role("button", name="Списать").click()
    expect(page.get_by_text("Недостача списана")).to_be_visible()
    expect(page.get_by_role("region", name="Недостача").get_by_role("listitem")).to_have_count(1)
    assert office.cash.asked == [
        ("c3/found", {"product": "p4", "quantity": "1", "reason": "Лежал в машине"}),
        ("c3/write-off", {"product": "p4", "quantity": "2", "reason": "Утерян"}),
    ]


def test_empty_and_broken_pages_say_what_to_do(cashier: Desk, office: FakeOffice) -> None:
    office.cash.couriers, office.cash.backpacks = [], []
    expect(cashier.open("/backpacks").get_by_role("heading", name="Рюкзаки пусты")).to_be_visible()
    expect(cashier.open("/cash").get_by_role("heading", name="Курьеров пока нет")).to_be_visible()
    office.broken = True
    cashier.page.reload()
    expect(cashier.page.get_by_role("button", name="Проверить сейчас")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "theme"), [(1440, "light"), (1440, "dark"), (1024, "light"), (768, "dark"), (390, "dark"), (320, "light")]
)
def test_cash_and_backpacks_fit_every_width_and_can_be_read(
    browser: Browser, service: tuple[str, FakeOffice], width: int, theme: str
) -> None:
    size: ViewportSize = {"width": width, "height": 844}
    context = browser.new_context(
        viewport=size, color_scheme="dark" if theme == "dark" else "light", locale="ru-RU", reduced_motion="reduce"
    )
    desk = Desk(context.new_page(), service[0])
    for hash, press, seen in [
        ("/cash", "", "4821"),
        ("/cash?courier=c1", "По купюрам", "Итого"),
        ("/cash?courier=c3", "Выдать размен", "Размен станет частью"),
        ("/backpacks", "", "Ложка складная"),
        ("/backpacks", "Списать: Термос", "Товар уходит из учёта"),
    ]:
        page = desk.open(hash)
        page.reload()
        if press:
            page.get_by_role("button", name=press).first.click()
        expect(page.get_by_text(seen).first).to_be_visible()
        assert (hash, page.evaluate(WIDER)) == (hash, 0)
        assert (hash, press, page.evaluate(FAINT_TEXTS)) == (hash, press, [])
    assert desk.faults == []
    context.close()


@pytest.mark.parametrize("width", [PHONE["width"], 900])
def test_sections_without_room_are_in_a_menu(cashier: Desk, width: int) -> None:
    cashier.page.set_viewport_size({"width": width, "height": 844})
    page = cashier.open("/cash")
    # A page that is still being changed to closes the menu.
    expect(page.locator("main.cash").get_by_role("heading").first).to_be_visible()
    expect(page.get_by_role("link", name="Рюкзаки")).to_be_visible()
    expect(page.get_by_role("link", name="Обмены")).to_be_hidden()
    page.get_by_role("button", name="Ещё", exact=True).click()
    page.get_by_role("link", name="Обмены").click()
    expect(page.get_by_role("heading", name="Обмены").first).to_be_visible()
    expect(page.get_by_role("link", name="Обмены")).to_be_hidden()
