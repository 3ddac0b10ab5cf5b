"""The office's pages in a real browser, against a small service that holds the pages API in memory."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from tests.browser import WIDER
from tests.e2e import office_desk
from tests.e2e.fake_office import TOKEN, FakeOffice
from tests.e2e.office_data import ago
from tests.e2e.office_desk import DESK, FAINT_TEXTS, PHONE, Desk
from tests.e2e.office_people import URL

pytestmark = pytest.mark.e2e

browser, service, office, desk = office_desk.browser, office_desk.service, office_desk.office, office_desk.desk


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A file as a camera makes it: lying on its side, with a note that says so."""
    image, note = Image.new("RGB", (2400, 3200), (90, 120, 150)), Image.Exif()
    note[0x0112] = 6
    image.save(tmp_path / "door.jpg", exif=note)
    return tmp_path / "door.jpg"


def detail_of(page: Page, number: str) -> Locator:
    return page.get_by_role("complementary", name=number)


def test_a_link_lets_a_person_in_and_its_token_leaves_the_address(desk: Desk) -> None:
    page = desk.open("/way")
    expect(page.get_by_text("Анна Кузнецова")).to_be_visible()
    assert TOKEN not in page.url
    assert page.url.endswith("#/way")
    page.reload()
    expect(page.get_by_text("Анна Кузнецова")).to_be_visible()


def test_without_a_token_the_page_asks_for_one(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.url}/office/#/way?q=000-000129")
    expect(page.get_by_role("heading", name="Вход в Посредник")).to_be_visible()
    page.get_by_role("button", name="Войти по ключу").click()
    expect(page.get_by_role("heading", name="Нужен ключ доступа")).to_be_visible()
    page.get_by_label("Ключ").fill(TOKEN)
    page.get_by_role("button", name="Войти", exact=True).click()
    expect(page.get_by_role("heading", name="000-000129")).to_be_visible()


def test_a_refused_token_is_told_apart_from_none(desk: Desk) -> None:
    page = desk.open("/way", token="revoked")
    expect(page.get_by_role("heading", name="Сеанс закончился")).to_be_visible()


def test_the_way_of_an_order_is_found_by_its_number(desk: Desk) -> None:
    page = desk.open("/way")
    page.get_by_role("searchbox").fill("000-000129")
    page.get_by_role("button", name="Найти").click()
    systems = page.get_by_role("region", name="Системы").get_by_role("article")
    expect(systems).to_have_count(3)
    expect(systems.filter(has_text="Сайт")).to_contain_text("Сайт на обслуживании")
    expect(systems.filter(has_text="Сайт").get_by_role("timer")).to_contain_text(re.compile(r"через [01]:\d\d"))
    journal = page.get_by_role("region", name="Все обмены по заказу")
    expect(journal.get_by_role("listitem").first).to_contain_text("Сумма изменилась после «Забрал»")
    unclear = journal.get_by_role("listitem").filter(has_text="нет ответа")
    expect(unclear).to_contain_text("попытка 1")
    expect(unclear).to_contain_text("30,0 с")
    page.get_by_role("button", name="Сначала старые").click()
    expect(journal.get_by_role("listitem").first).to_contain_text("Сообщение № 1043 из 1С")


def test_an_unknown_number_and_a_number_of_two_bases_are_explained(desk: Desk) -> None:
    page = desk.open("/way?q=123-нет")
    expect(page.get_by_role("heading", name="Заказ «123-нет» не найден")).to_be_visible()
    page.get_by_role("searchbox").fill("одинаковый")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("link", name=re.compile("000-500"))).to_have_count(2)


def test_a_delivery_is_led_through_its_steps(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/deliveries")
    page.get_by_role("button", name=re.compile("000-000124")).click()
    detail = detail_of(page, "000-000124")
    detail.get_by_role("button", name="Забрал", exact=True).click()
    expect(detail.get_by_role("status").filter(has_text="Записано: «Забрал»")).to_be_visible()
    column = page.get_by_role("region", name="Забрал")
    expect(column.get_by_role("button", name=re.compile("000-000124"))).to_be_visible()
    detail.get_by_role("button", name="В пути").click()
    expect(detail.get_by_text("Записано: «В пути»")).to_be_visible()

    detail.get_by_role("button", name="Отдал", exact=True).click()
    form = detail.get_by_role("form", name="Отдал")
    form.get_by_label("Взято").fill("3 000")
    expect(form).to_contain_text("Так запишем, но это станет расхождением")
    form.get_by_role("button", name=re.compile("Отдал, взято 3.000")).click()
    expect(detail.get_by_text("Записано, но есть расхождение")).to_be_visible()
    assert office.deliveries["0199-124"]["amount_taken"] == "3000.00"
    assert len(set(office.keys)) == 3


def test_a_lost_answer_is_asked_again_under_the_same_key(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/deliveries?id=0199-129")
    office.lost = 1
    detail = detail_of(page, "000-000129")
    detail.get_by_role("button", name="В пути").click()
    expect(detail.get_by_text("Записано: «В пути»")).to_be_visible()
    assert len(office.keys) == 2
    assert len(set(office.keys)) == 1
    assert office.deliveries["0199-129"]["version"] == 2


def test_a_refusal_shows_the_services_own_words_and_keeps_the_form(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/deliveries?id=0199-131")
    detail = detail_of(page, "000-000131")
    detail.get_by_role("button", name="Отдал", exact=True).click()
    form = detail.get_by_role("form", name="Отдал")
    form.get_by_label("Взято").fill("900 000")
    form.get_by_role("button", name=re.compile("Отдал, взято")).click()
    expect(detail.get_by_text("Сумма больше возможной. Проверьте её.")).to_be_visible()
    expect(form.get_by_label("Взято")).to_have_value("900 000")
    assert office.deliveries["0199-131"]["stage"] == "en_route"


def test_not_delivered_needs_a_reason(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/deliveries?id=0199-132")
    detail = detail_of(page, "000-000132")
    detail.get_by_role("button", name="Не вручил").click()
    form = detail.get_by_role("form", name="Не вручил")
    form.get_by_role("button", name="Записать «Не вручил»").click()
    expect(form.get_by_role("alert")).to_contain_text("Выберите причину")
    assert office.keys == []
    form.get_by_label("Почему не вручено").select_option("нет дома")
    form.get_by_label("Когда везти снова").fill("2099-01-15")
    form.get_by_role("button", name="Записать «Не вручил»").click()
    expect(detail.get_by_text("Записано: «Не вручил»")).to_be_visible()
    assert office.deliveries["0199-132"]["next_date"] == "2099-01-15"


def test_a_courier_gets_a_code_a_square_and_a_link(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/couriers")
    expect(page.get_by_role("article")).to_have_count(5)
    page.get_by_role("searchbox").fill("петров")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article")).to_contain_text("не отправлено: 3")
    expect(page.get_by_role("article")).to_contain_text("не дошло номеров: 2")
    page.get_by_role("button", name="Код для входа").click()
    window = page.get_by_role("dialog", name="Код для входа: Петров Иван")
    expect(window.get_by_text("ABCD-2345")).to_be_visible()
    expect(window.get_by_role("timer")).to_have_text(re.compile(r"^(10:00|9:\d\d)$"))
    expect(window.get_by_label("Ссылка для курьера")).to_have_value(URL)
    expect(window.get_by_role("img", name="Квадратный код")).to_have_attribute("viewBox", "0 0 41 41")
    office.enter("c1", "Android, Яндекс Браузер")
    expect(window.get_by_text("Телефон на связи: Android, Яндекс Браузер")).to_be_visible()
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(page.get_by_role("button", name="Код для входа")).to_be_focused()


def test_couriers_tell_an_outage_from_an_empty_list(desk: Desk, office: FakeOffice) -> None:
    office.couriers.clear()
    page = desk.open("/couriers")
    expect(page.get_by_role("heading", name="Курьеров пока нет")).to_be_visible()
    office.broken = True
    page.reload()
    expect(page.get_by_role("heading", name="Посредник не справился")).to_be_visible()
    office.broken = False
    page.get_by_role("button", name="Проверить сейчас").click()
    expect(page.get_by_role("heading", name="Курьеров пока нет")).to_be_visible()


def test_a_code_whose_time_is_over_is_not_shown(desk: Desk, office: FakeOffice) -> None:
    office.lives_s = -1
    page = desk.open("/couriers")
    page.get_by_role("article", name="Сидоров Пётр").get_by_role("button", name="Код для входа").click()
    window = page.get_by_role("dialog")
    expect(window.get_by_text("Время кода вышло")).to_be_visible()
    expect(window.get_by_text("ABCD-2345")).to_be_hidden()
    office.lives_s = 600
    window.get_by_role("button", name="Новый код").click()
    expect(window.get_by_text("ABCD-2345")).to_be_visible()


def test_a_phone_is_revoked_only_after_its_unsent_steps_were_explained(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/couriers")
    petrov = page.get_by_role("article", name="Петров Иван")
    petrov.get_by_role("button", name="Отключить устройство").click()
    window = page.get_by_role("dialog", name="Отключить устройство?")
    expect(window).to_contain_text("не отправлены 3 записи")
    expect(window).to_contain_text("останутся на телефоне и уйдут сами после нового входа")
    window.get_by_role("button", name="Не сейчас").click()
    expect(petrov.get_by_text("Отключено")).to_have_count(1)
    petrov.get_by_role("button", name="Отключить устройство").click()
    window.get_by_role("button", name="Отключить устройство").click()
    expect(page.get_by_text("Устройство отключено")).to_be_visible()
    expect(petrov.get_by_text("Отключено", exact=True)).to_have_count(2)
    assert all(device["revoked"] for one in office.couriers if one["ref"] == "c1" for device in one["devices"])


def test_an_incident_is_decided_with_a_reason_and_counted_in_the_header(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/incidents")
    tab = page.get_by_role("link", name="Разбор 4 случая ждут решения")
    expect(tab).to_be_visible()
    expect(page.get_by_role("article").first).to_contain_text("Срочно")
    far = page.get_by_role("article", name="Далеко от адреса")
    expect(far).to_contain_text("3 раза, последний")
    expect(far.get_by_role("link", name="Заказ 000-000135")).to_have_attribute("href", "#/deliveries?id=0199-135")
    far.get_by_role("button", name="Решить").click()
    far.get_by_role("radio", name="Объяснено").check()
    far.get_by_role("button", name="Записать решение").click()
    expect(far.get_by_role("alert")).to_contain_text("Напишите причину")
    far.get_by_label("Причина").fill("Отметил позже, когда освободились руки")
    far.get_by_role("button", name="Записать решение").click()
    expect(page.get_by_text("Решение записано: «Объяснено»")).to_be_visible()
    expect(far).to_be_hidden()
    expect(page.get_by_role("link", name="Разбор 3 случая ждут решения")).to_be_visible()
    assert office.incidents[0]["decision"] == "explained"
    page.get_by_role("button", name="Решённые").click()
    expect(far).to_contain_text("Отметил позже, когда освободились руки")
    expect(far).to_contain_text("Анна Кузнецова")


def test_incidents_are_filtered_in_the_address_and_come_by_themselves(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/incidents")
    expect(page.get_by_role("article")).to_have_count(4)
    page.get_by_label("Курьер").select_option("Сидоров Пётр")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_label("Курьер").select_option("")
    page.get_by_label("Вид").select_option("Вручён дважды")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page).to_have_url(re.compile("kind=handed_over_twice"))
    page.get_by_role("button", name="Сбросить", exact=True).click()
    expect(page.get_by_role("article")).to_have_count(4)
    office.incidents.append(office.incidents[0] | {"id": "0199-i9", "title": "Слишком быстро между шагами"})
    expect(page.get_by_role("article", name="Слишком быстро между шагами")).to_be_visible()
    office.incidents.clear()
    expect(page.get_by_role("heading", name="Разбирать нечего")).to_be_visible()


def test_a_decision_that_another_person_took_is_told(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/incidents?kind=handed_over_twice&state=all")
    card = page.get_by_role("article", name="Вручён дважды")
    card.get_by_role("button", name="Решить").click()
    card.get_by_role("radio", name="Исправлено").check()
    card.get_by_label("Причина").fill("Деньги перенесены")
    with office.lock:
        office.incidents[2].update(state="decided", decided_by="Олег Н.", decision="explained", decided_at=ago(1))
        office.incidents[2].update(reason="Позвонили покупателю")
        card.get_by_role("button", name="Записать решение").click()
    expect(card).to_contain_text("Позвонили покупателю")
    expect(card).to_contain_text("Олег Н.")


def test_steps_of_a_phone_are_told_with_place_times_photos_and_doubts(desk: Desk) -> None:
    page = desk.open("/deliveries?id=0199-135")
    steps = page.get_by_role("region", name="Шаги и подтверждения")
    expect(steps.get_by_text("без места: доступ запрещён на телефоне")).to_be_visible()
    handed = steps.get_by_role("listitem").filter(has_text="дошло")
    expect(handed).to_contain_text(re.compile(r"сделано .*\d\d:\d\d, дошло .*\d\d:\d\d, часы телефона показывали"))
    expect(handed).to_contain_text("640 м от адреса, точность ±12 м")
    expect(handed).to_contain_text("1 фото ещё на телефоне")
    expect(handed).to_contain_text("допустимо 200 м")
    rejected = steps.get_by_role("listitem").filter(has_text="Не принят")
    expect(rejected).to_contain_text("заказ 000-000135 уже вручён")
    photos = handed.get_by_role("button", name="Открыть фото")
    expect(photos).to_have_count(2)
    photos.first.click()
    picture = page.get_by_role("dialog").get_by_role("img")
    expect(picture).to_have_js_property("naturalWidth", 640)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(detail_of(page, "000-000135")).to_be_visible()
    detail_of(page, "000-000135").get_by_role("link", name="Разобрать").click()
    expect(page.get_by_role("article", name="Далеко от адреса")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(1)


def test_what_the_courier_brings_back_stands_in_the_form_of_the_warehouse(desk: Desk) -> None:
    page = desk.open("/deliveries?id=0199-140")
    detail = detail_of(page, "000-000140")
    expect(detail).to_contain_text("Термос 1 л, стальной: 1 шт")
    detail.get_by_role("button", name="Возврат на склад").click()
    form = detail.get_by_role("form", name="Возврат на склад")
    expect(form.get_by_role("textbox", name="Термос")).to_have_value("1")
    expect(form.get_by_role("textbox", name="Плед")).to_have_value("0")


def test_a_step_that_needs_a_photo_asks_for_it_and_keeps_what_was_typed(
    desk: Desk, office: FakeOffice, picture: Path
) -> None:
    office.asked = {"hand_over", "pick_up"}
    page = desk.open("/deliveries?id=0199-131")
    detail = detail_of(page, "000-000131")
    detail.get_by_role("button", name="Отдал", exact=True).click()
    form = detail.get_by_role("form", name="Отдал")
    form.get_by_label("Взято").fill("4 000")
    form.get_by_role("button", name=re.compile("Отдал, взято")).click()
    expect(form.get_by_text("Правила подразделения требуют фото")).to_be_visible()
    expect(form.get_by_label("Взято")).to_have_value("4 000")
    form.get_by_label("Приложить фото").set_input_files(picture)
    expect(form.get_by_role("img", name="Приложенное фото 1")).to_be_visible()
    expect(form.get_by_text("Правила подразделения требуют фото")).to_be_hidden()
    form.get_by_role("button", name=re.compile("Отдал, взято")).click()
    expect(detail.get_by_text("Записано: «Отдал»")).to_be_visible()
    assert office.shown["0199-131"] == office.sent
    with Image.open(io.BytesIO(office.photos[office.sent[0]])) as shown:
        assert shown.size == (1600, 1200)


def test_a_plain_step_asks_for_a_photo_only_where_the_rules_do(desk: Desk, office: FakeOffice, picture: Path) -> None:
    office.asked = {"pick_up"}
    page = desk.open("/deliveries?id=0199-124")
    detail = detail_of(page, "000-000124")
    detail.get_by_role("button", name="Забрал", exact=True).click()
    form = detail.get_by_role("form", name="Забрал")
    expect(form.get_by_text("Правила подразделения требуют фото")).to_be_visible()
    form.get_by_label("Приложить фото").set_input_files(picture)
    form.get_by_role("button", name="Забрал", exact=True).click()
    expect(detail.get_by_text("Записано: «Забрал»")).to_be_visible()
    detail.get_by_role("button", name="В пути").click()
    expect(detail.get_by_text("Записано: «В пути»")).to_be_visible()
    assert len(office.sent) == 1


def test_a_filter_stays_in_the_address(desk: Desk) -> None:
    page = desk.open("/deliveries")
    page.get_by_label("Курьер").select_option("Петров Иван")
    page.get_by_role("searchbox").fill("мира")
    expect(page.get_by_role("status").filter(has_text="доставк")).to_have_text(re.compile(r"^[1-9] достав"))
    expect(page).to_have_url(re.compile("courier=c1"))
    page.get_by_role("searchbox").fill("такого нет")
    expect(page.get_by_role("heading", name="По этому фильтру ничего нет")).to_be_visible()
    page.get_by_role("button", name="Сбросить фильтр").first.click()
    expect(page.get_by_text("18 доставок")).to_be_visible()


def test_dead_letters_are_counted_before_they_are_replayed(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/exchange?tab=dead")
    page.get_by_text("Повторить несколько").click()
    page.get_by_label("Код отказа").select_option("http_404")
    page.get_by_role("button", name="Сколько будет повторено?").click()
    expect(page.get_by_text("Будет повторено 2 сообщения")).to_be_visible()
    assert len(office.dead) == 4
    page.get_by_role("button", name="Повторить 2").click()
    expect(page.get_by_text("Отправлено снова: 2")).to_be_visible()
    assert {letter["code"] for letter in office.dead} == {"http_422"}


def test_the_exchange_says_what_stands_and_why(desk: Desk) -> None:
    page = desk.open("/exchange")
    shop = page.get_by_role("region", name="Куда передаём").get_by_role("row").filter(has_text="Магазин")
    expect(shop).to_contain_text("Не отвечает")
    expect(shop).to_contain_text("503 пять раз подряд")
    expect(shop).to_contain_text("21 мин")
    expect(page.get_by_role("region", name="Базы 1С")).to_contain_text("1041–1042")
    expect(page.get_by_text("Сайт не отвечает: ждём, пока пробный запрос пройдёт.").first).to_be_visible()
    page.get_by_role("tab", name=re.compile("Карантин")).click()
    expect(page.get_by_text("«2 шт» — не количество")).to_be_visible()
    page.get_by_role("tab", name="Маршруты").click()
    expect(page.get_by_role("row").filter(has_text="Команда выполнена")).to_contain_text("передаём")


def test_an_outage_keeps_the_page_and_says_how_old_it_is(desk: Desk, office: FakeOffice) -> None:
    page = desk.open("/way?q=000-000129")
    expect(page.get_by_role("heading", name="000-000129")).to_be_visible()
    office.broken = True
    expect(page.get_by_text("На экране то, что было в")).to_be_visible()
    expect(page.get_by_role("heading", name="000-000129")).to_be_visible()
    office.broken = False
    expect(page.get_by_text("На экране то, что было в")).to_be_hidden()


def test_the_pages_speak_english_when_asked(desk: Desk) -> None:
    page = desk.open("/deliveries")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Where is my order").first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk-light", "phone-dark"])
def test_every_page_fits_its_screen_and_can_be_read(
    browser: Browser, service: tuple[str, FakeOffice], size: ViewportSize, theme: str
) -> None:
    context = browser.new_context(
        viewport=size, color_scheme="dark" if theme == "dark" else "light", locale="ru-RU", reduced_motion="reduce"
    )
    desk = Desk(context.new_page(), service[0])
    for hash, seen, press in [
        ("/way?q=000-000129", "Все обмены по заказу", ""),
        ("/deliveries", "18 доставок", ""),
        ("/deliveries?id=0199-129", "К получению", ""),
        ("/deliveries?id=0199-135", "допустимо 200 м", ""),
        ("/deliveries?id=0199-135", "Открыть в новой вкладке", "Открыть фото"),
        ("/deliveries?id=0199-140", "Подставлено то, что назвал курьер", "Возврат на склад"),
        ("/deliveries?id=0199-131", "Приложить фото", "Не вручил"),
        ("/couriers", "Абдурахмангаджиев", ""),
        ("/couriers", "ABCD-2345", "Код для входа"),
        ("/couriers", "Если телефон украден", "Отключить устройство"),
        ("/incidents?state=all", "Первый раз его отдал", ""),
        ("/incidents", "Решение окончательное", "Решить"),
        ("/exchange?tab=dead", "Повторить несколько", ""),
        ("/exchange?tab=bases", "Начать первую загрузку?", "Начать загрузку"),
    ]:
        page = desk.open(hash)
        page.reload()  # nothing of the page before stays open
        if press:
            page.get_by_role("button", name=press).first.click()
        expect(page.get_by_text(seen).first).to_be_visible()
        wider = page.evaluate(WIDER)
        assert (hash, wider) == (hash, 0)
        assert (hash, press, page.evaluate(FAINT_TEXTS)) == (hash, press, [])
    assert desk.faults == []
    context.close()
