"""«Базы 1С» in a real browser: each state of a base, what waits for what, and a first load led by its buttons."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser import FAULTS, SIZES, WIDER
from tests.conftest import AXE
from tests.e2e import office_bases as onec
from tests.e2e import office_desk
from tests.e2e.fake_office import FakeOffice
from tests.e2e.office_desk import FAINT_TEXTS, Desk

pytestmark = pytest.mark.e2e

browser, service, office, desk = office_desk.browser, office_desk.service, office_desk.office, office_desk.desk
HASH = "/exchange?tab=bases"


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def box(page: Page, name: str) -> Locator:
    return card(page, name).get_by_role("group", name="Первая загрузка")


def press(page: Page, load: Locator, button: str, answer: str | None = None) -> None:
    """The button of the load, and the same word once more in the window that asks."""
    load.get_by_role("button", name=button).click()
    page.get_by_role("dialog").get_by_role("button", name=answer or button).click()


def test_each_base_says_in_one_word_how_it_is(desk: Desk) -> None:
    page = desk.open(HASH)
    words = {onec.LONG: "Работает", "УТ 10.3, старая": "Работает", "Новая база": "Ещё не обращалась",
             "Склад на Сибирском тракте": "Молчит", "Розница после восстановления": "Сверяем"}  # fmt: skip
    for name, word in words.items():
        expect(card(page, name)).to_contain_text(word)
    expect(card(page, "УТ 10.3, старая")).to_contain_text("XML, старая 1С · события отправляем в неё")
    expect(page.get_by_role("region", name="Базы 1С")).to_have_count(0)  # the short rows above would say it twice


def test_a_base_shows_its_figures_and_each_opens_what_stands_behind_it(desk: Desk) -> None:
    page = desk.open(HASH)
    trade = card(page, onec.LONG)
    expect(trade).to_contain_text(re.compile(r"Принято до №104.233сообщение \d+ (с|мин) назад"))
    expect(trade).to_contain_text(re.compile(r"Объектов здесь1.002.318посчитано 3 мин назад"))
    kinds = trade.get_by_role("group", name="Объекты по видам")
    expect(kinds.get_by_role("row").nth(1)).to_contain_text(re.compile(r"заказы640.918"))
    expect(kinds).to_contain_text("большую базу считаем редко")
    quarantine = trade.get_by_role("link", name=re.compile("^В карантине ?14"))
    expect(quarantine).to_have_attribute("href", f"#/exchange?tab=quarantine&base={onec.TRADE}")
    outgoing = trade.get_by_role("link", name=re.compile("Не подтверждено 1С"))
    expect(outgoing).to_have_attribute("href", f"#/exchange?destination=onec%3A{onec.TRADE}")
    expect(outgoing).to_contain_text("самое старое 14 мин · у 1С сейчас: 3")


def test_what_is_wrong_is_said_with_what_to_do(desk: Desk) -> None:
    page = desk.open(HASH)
    silent = card(page, "Склад на Сибирском тракте")
    expect(silent).to_contain_text("База молчит 27 ч")
    expect(silent).to_contain_text("Проверьте в 1С регламентное задание обмена")
    expect(silent).to_contain_text("Не дошли 3 сообщения")
    expect(silent).to_contain_text("№ 1041–1042, 1050.")
    expect(silent.get_by_role("link", name="Открыть «Не передано»")).to_be_visible()
    restored = card(page, "Розница после восстановления")
    expect(restored).to_contain_text("Причина: восстановлена копия за вчера.")
    expect(restored).to_contain_text("Сверено срезов: 18, сошлись: 15.")
    lost = restored.get_by_role("link", name="Открыть разбор")
    expect(lost).to_have_attribute("href", "#/incidents?kind=does_not_agree")
    expect(restored).to_contain_text("Считаем объекты")


def test_a_base_that_never_called_says_what_to_enter_in_1c(desk: Desk) -> None:
    page = desk.open(HASH)
    new = card(page, "Новая база")
    expect(new).to_contain_text(f"posrednik token add --base {onec.NEW}")
    expect(new).to_contain_text("https://posrednik.example")
    expect(new.get_by_role("button", name="Начать загрузку")).to_be_visible()


def test_without_a_base_the_page_tells_how_to_connect_one(desk: Desk, office: FakeOffice) -> None:
    office.onec.bases.clear()
    page = desk.open(HASH)
    expect(page.get_by_role("heading", name="Ни одной базы 1С пока нет")).to_be_visible()
    steps = page.get_by_role("list", name="Как подключить базу")
    lines = steps.locator("pre").first.inner_text()
    made = re.search(
        r'^\[\[bases\]\]\nid = "([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"', lines
    )
    assert made, lines
    expect(steps).to_contain_text(f"posrednik token add --base {made[1]}")
    office.onec.bases.append(onec.a_base(made[1], "Торговля"))
    expect(card(page, "Торговля")).to_contain_text("Работает")


def test_what_waits_is_told_with_what_it_waits_for(desk: Desk) -> None:
    page = desk.open(HASH)
    card(page, onec.LONG).get_by_role("link", name=re.compile("Ждут других")).click()
    panel = page.get_by_role("dialog", name=re.compile("Кто чего ждёт"))
    wanted = panel.get_by_role("region", name="Чего ждут").get_by_role("listitem")
    expect(wanted.nth(0)).to_contain_text(re.compile(r"Термос.*ещё не приходил.*ждут 1.000\+", re.S))
    expect(wanted.nth(1)).to_contain_text("ждут 12, дольше всех 2 ч")
    expect(wanted.nth(1).get_by_role("link", name="Открыть в карантине")).to_be_visible()
    expect(wanted.nth(2)).to_contain_text("сам ждёт другого")
    who = panel.get_by_role("region", name="Кто ждёт")
    expect(who).to_contain_text("Заказ ТД00-000126")
    expect(who).to_contain_text("и ещё 8")
    expect(who).to_contain_text("из первой загрузки")
    expect(panel.get_by_role("region", name="Команды ждут заказа")).to_contain_text("нажал: Мария Абдурахмангаджиева")
    panel.get_by_role("button", name="Показать ещё").click()
    expect(who).to_contain_text("Заказ ТД00-000175")
    panel.get_by_role("button", name="К началу").click()
    expect(who).to_contain_text("Заказ ТД00-000125")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"tab=bases$"))


def test_what_never_came_is_asked_of_1c_and_what_lies_in_quarantine_is_not(desk: Desk) -> None:
    page = desk.open(f"{HASH}&waits={onec.TRADE}")
    wanted = page.get_by_role("region", name="Чего ждут").get_by_role("listitem")
    expect(wanted.nth(1).get_by_role("button")).to_have_count(0)
    wanted.nth(0).get_by_role("button", name="Попросить у 1С").click()
    asks = page.get_by_role("dialog", name="Попросить 1С передать ещё раз: товары?")
    asks.get_by_role("button", name="Попросить у 1С").click()
    expect(wanted.nth(0)).to_contain_text("Запрошено: 1С получит просьбу вместе с событиями")


def test_a_load_is_started_stopped_and_gone_on_with_after_being_asked(desk: Desk, office: FakeOffice) -> None:
    office.onec.bases[:] = [onec.a_base(onec.TRADE, "Торговля", loadable=True)]
    page = desk.open(HASH)
    load = box(page, "Торговля")
    load.get_by_role("button", name="Начать загрузку").click()
    page.get_by_role("dialog").get_by_role("button", name="Не нужно").click()
    assert office.onec.acts == []
    press(page, load, "Начать загрузку")
    expect(load).to_contain_text("Загрузка начата")
    expect(load).to_contain_text("сколько всего, пока не известно")
    expect(load.get_by_role("progressbar")).not_to_have_attribute("value", re.compile("."))

    office.onec.of(onec.TRADE)["load"] = onec.a_load(onec.TRADE)
    expect(load.get_by_role("progressbar")).to_have_attribute("value", "312400")
    expect(load).to_contain_text(re.compile(r"312.400 из 1.002.318 объектов31.%"))
    expect(load).to_contain_text(re.compile(r"сейчас: заказы · 1.240 в секунду · осталось 9 мин 20 с"))
    expect(load.get_by_role("row").filter(has_text="товары")).to_contain_text(re.compile(r"96.310"))
    press(page, load, "Остановить")
    expect(load).to_contain_text("Прочитанное здесь и не пропадёт.")
    press(page, load, "Продолжить")
    expect(load).to_contain_text("Загрузка продолжена.")
    assert office.onec.acts == [(onec.TRADE, one) for one in ("start", "stop", "resume")]


def test_a_press_whose_answer_is_lost_acts_once(desk: Desk, office: FakeOffice) -> None:
    office.onec.bases[:] = [onec.a_base(onec.TRADE, "Торговля", loadable=True, load=onec.a_load(onec.TRADE))]
    page = desk.open(HASH)
    office.lost = 1
    press(page, box(page, "Торговля"), "Остановить")
    expect(box(page, "Торговля")).to_contain_text("Загрузка остановлена.")


def test_a_load_that_failed_says_why_and_is_gone_on_with_or_begun_anew(desk: Desk, office: FakeOffice) -> None:
    page = desk.open(HASH)
    load = box(page, "УТ 10.3, старая")
    expect(load).to_contain_text("Прервана")
    expect(load).to_contain_text("1С не отдаёт Document_ЗаказКлиента: «Недостаточно прав")
    load.get_by_text("1 замечание").click()
    expect(load).to_contain_text("ИШ_Домофон")
    press(page, load, "Начать заново")
    expect(load).to_contain_text("Загрузка начата")
    assert office.onec.acts == [(onec.OLD, "start")]


def test_a_load_that_nobody_reads_and_one_that_compares_say_so(desk: Desk, office: FakeOffice) -> None:
    read = [onec.a_set("division", "checked", 12, 12), onec.a_set("order", "read", 6, 6)]
    office.onec.bases[:] = [
        onec.a_base(onec.TRADE, "Сверяет", loadable=True, load=onec.a_load(onec.TRADE, done=18, total=18, sets=read)),
        onec.a_base(onec.OLD, "Ждёт", loadable=True, load=onec.a_load(onec.OLD, reads=False)),
    ]
    page = desk.open(HASH)
    expect(box(page, "Сверяет")).to_contain_text("Всё прочитано. Сверяем с 1С: 1 из 2 видов")
    expect(box(page, "Сверяет").get_by_role("progressbar", name="Сколько видов сверено")).to_have_attribute(
        "value", "1"
    )
    expect(box(page, "Ждёт")).to_contain_text("Ждёт обработчика")
    expect(box(page, "Ждёт")).to_contain_text("запустите posrednik worker")


def test_what_does_not_agree_is_shown_by_name_and_reason(desk: Desk) -> None:
    page = desk.open(HASH)
    load = box(page, "Розница после восстановления")
    expect(load).to_contain_text("Не сходятся 5 объектов.")
    load.get_by_role("link", name="Показать, что не сходится").click()
    panel = page.get_by_role("dialog", name="Не сходится: Розница после восстановления")
    for words in (
        "нет здесь: 1",
        "другая версия: 1",
        "ждёт того, на что ссылается: 1",
        "в карантине: 1",
        "нет в 1С: 1",
    ):
        expect(panel).to_contain_text(words)
    panel.get_by_role("link", name="Чего он ждёт").click()
    expect(page.get_by_role("dialog", name="Кто чего ждёт: Розница после восстановления")).to_be_visible()


def test_who_may_only_look_sees_no_buttons(desk: Desk) -> None:
    def only_look(page: Page) -> None:
        page.route("**/api/v1/board/me", lambda route: route.fulfill(json={"name": "Олег", "rights": ["exchange.see"]}))

    only_look(desk.page)
    page = desk.open(HASH)
    expect(box(page, onec.LONG)).to_contain_text("Идёт")
    expect(page.get_by_role("button", name="Остановить")).to_have_count(0)
    expect(page.get_by_role("button", name="Продолжить")).to_have_count(0)


def test_an_outage_keeps_the_bases_and_says_how_old_they_are(desk: Desk, office: FakeOffice) -> None:
    page = desk.open(HASH)
    expect(card(page, "Новая база")).to_be_visible()
    office.broken = True
    expect(page.get_by_text("На экране то, что было в").first).to_be_visible()
    expect(card(page, "Новая база")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_state_fits_its_screen_and_can_be_read_by_all(
    browser: Browser, service: tuple[str, FakeOffice], theme: str
) -> None:
    context = browser.new_context(color_scheme="dark" if theme == "dark" else "light", locale="ru-RU",
                                  reduced_motion="reduce")  # fmt: skip
    desk, axe = Desk(context.new_page(), service[0]), Path(AXE).read_text("utf-8")
    for hash in (HASH, f"{HASH}&waits={onec.TRADE}", f"{HASH}&differs={onec.RESTORED}"):
        page = desk.open(hash)
        page.reload()
        expect(card(page, "Розница после восстановления")).to_be_attached()
        expect(page.locator("main .skeleton")).to_have_count(0)
        for summary in page.locator("article summary").all():
            summary.click(force=True)
        page.evaluate(axe)
        assert (hash, page.evaluate(FAULTS)) == (hash, [])
        assert (hash, page.evaluate(FAINT_TEXTS)) == (hash, [])
        for size in SIZES:
            page.set_viewport_size(size)
            assert (hash, size, page.evaluate(WIDER)) == (hash, size, 0)
    assert desk.faults == []
    context.close()
