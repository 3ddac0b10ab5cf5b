"""JSON, bytes, HTTP both ways, jobs, the session's functions, by small programs of BSL."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.bsl.native import BslError, KilledHere
from tests.bsl.platform.infobase import Infobase

MODULE = "Проба"
MOMENT = datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)


def base_of(folder: Path, text: str, **options: Any) -> Infobase:
    return Infobase(folder / "base.db", modules={MODULE: text}, clock=lambda: MOMENT, wait_ms=200, **options)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    return lambda text, *args: base_of(tmp_path, text).session().call(f"{MODULE}.В", *args)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = json.dumps({"path": self.path, "size": len(body), "auth": self.headers.get("Authorization")}).encode()
        self.send_response(429 if "busy" in self.path else 200)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_json_is_written_compact_and_read_as_a_map(run: Callable[..., Any]) -> None:
    text = """
	Функция В() Экспорт
		Данные = Новый Структура("имя, число, есть, нет, список", "а""б", 1.50, Истина, Неопределено, Новый Массив);
		Данные.список.Добавить(12345);
		Запись = Новый ЗаписьJSON;
		Запись.УстановитьСтроку(Новый ПараметрыЗаписиJSON(ПереносСтрокJSON.Нет));
		ЗаписатьJSON(Запись, Данные);
		Текст = Запись.Закрыть();
		Чтение = Новый ЧтениеJSON;
		Чтение.УстановитьСтроку(Текст);
		Прочитано = ПрочитатьJSON(Чтение, Истина);
		Возврат Текст + Прочитано["список"][0];
	КонецФункции"""
    assert run(text) == '{"имя":"а\\"б","число":1.5,"есть":true,"нет":null,"список":[12345]}12\u00a0345'


def test_a_broken_json_and_a_strange_value_are_errors(run: Callable[..., Any]) -> None:
    text = """
	Функция В(Случай) Экспорт
		Если Случай = 1 Тогда
			Чтение = Новый ЧтениеJSON;
			Чтение.УстановитьСтроку("{""а"": ");
			Возврат ПрочитатьJSON(Чтение);
		КонецЕсли;
		Запись = Новый ЗаписьJSON;
		Запись.УстановитьСтроку();
		ЗаписатьJSON(Запись, Новый Структура("а", Новый УникальныйИдентификатор));
	КонецФункции"""
    with pytest.raises(BslError, match="JSON"):
        run(text, 1)
    with pytest.raises(BslError, match="не может быть сериализовано"):
        run(text, 2)


def test_bytes_hashes_and_encodings_are_those_of_everybody(run: Callable[..., Any]) -> None:
    text = """
	Функция В() Экспорт
		Хеш = Новый ХешированиеДанных(ХешФункция.SHA256);
		Хеш.Добавить("абв");
		Найдено = ПолучитьHexСтрокуИзДвоичныхДанных(Хеш.ХешСумма);
		Буфер = ПолучитьБуферДвоичныхДанныхИзСтроки("ab");
		Буфер[0] = ПобитовоеИсключительноеИли(Буфер[0], 1);
		Найдено = Найдено + "|" + ПолучитьСтрокуИзБуфераДвоичныхДанных(Буфер);
		Найдено = Найдено + "|" + Base64Строка(ПолучитьДвоичныеДанныеИзСтроки("привет"));
		Найдено = Найдено + "|" + КодироватьСтроку("а b", СпособКодированияСтроки.КодировкаURL);
		Возврат Найдено;
	КонецФункции"""
    digest = "DC7B4A36FD7D35EA15D9CBB5DEFF8E2EC6F0D0CD5ECDB2E4D9EB51B2BEB6E8A2"
    found = run(text).split("|")
    assert len(found[0]) == len(digest)
    assert found[1:] == ["`b", "0L/RgNC40LLQtdGC", "%D0%B0%20b"]


REQUEST = """
Функция В(Порт, Адрес, Случай = "") Экспорт
	Соединение = Новый HTTPСоединение("127.0.0.1", Порт, , , , ?(Случай = "вечно", 0, 5));
	Запрос = Новый HTTPЗапрос(Адрес);
	Запрос.Заголовки.Вставить("Authorization", "Bearer x");
	Запрос.УстановитьТелоИзСтроки("привет", КодировкаТекста.UTF8, ИспользованиеByteOrderMark.НеИспользовать);
	Если Случай = "транзакция" Тогда
		НачатьТранзакцию();
	КонецЕсли;
	Ответ = Соединение.ВызватьHTTPМетод("POST", Запрос);
	Возврат "" + Ответ.КодСостояния + Ответ.Заголовки["Retry-After"] + Ответ.ПолучитьТелоКакСтроку();
КонецФункции
"""


def test_a_request_travels_and_its_answer_is_read(tmp_path: Path, port: int) -> None:
    base = base_of(tmp_path, REQUEST)
    said = base.session().call("Проба.В", port, "/a?b=1")
    assert said == '2007{"path": "/a?b=1", "size": 12, "auth": "Bearer x"}'
    assert base.http_sent[0].body == "привет".encode()


@pytest.mark.parametrize(("case", "words"), [("вечно", "таймаут"), ("транзакция", "внутри транзакции")])
def test_http_without_a_limit_or_inside_a_transaction_is_an_error(
    tmp_path: Path, port: int, case: str, words: str
) -> None:
    with pytest.raises(BslError, match=words):
        base_of(tmp_path, REQUEST).session().call("Проба.В", port, "/a", case)


def test_faults_of_the_network_can_be_asked_for(tmp_path: Path, port: int) -> None:
    base = base_of(tmp_path, REQUEST)
    base.fault("lose", "/a")
    base.fault("cut", "/b")
    base.fault("status", "/c", status=423, body=b"{}", headers={"Retry-After": "3"})
    session = base.session()
    for path in ("/a", "/b"):
        with pytest.raises(BslError, match="Ошибка работы с Интернет"):
            session.call("Проба.В", port, path)
    assert session.call("Проба.В", port, "/c") == "4233{}"
    assert [one.status for one in base.http_sent] == [0, 0, 423]
    base.kill_at("after-send")
    with pytest.raises(KilledHere):
        session.call("Проба.В", port, "/a")
    assert session.call("Проба.В", port, "/busy").startswith("4297")


def test_the_old_connection_works_with_files(tmp_path: Path, port: int) -> None:
    text = """
	Функция В(Порт, Адрес) Экспорт
		Файл = ПолучитьИмяВременногоФайла("xml");
		Запись = Новый ЗаписьТекста(Файл, "windows-1251");
		Запись.Записать("привет");
		Запись.Закрыть();
		Ответ = ПолучитьИмяВременногоФайла("xml");
		Соединение = Новый HTTPСоединение("127.0.0.1", Порт, "base", "token");
		Заголовки = "Content-Type: application/xml
		|X: 1";
		Соединение.ОтправитьДляОбработки(Файл, Адрес, Ответ, Заголовки);
		Чтение = Новый ЧтениеТекста(Ответ, КодировкаТекста.UTF8);
		Текст = Чтение.Прочитать();
		Чтение.Закрыть();
		УдалитьФайлы(Файл);
		УдалитьФайлы(Ответ);
		Возврат Текст;
	КонецФункции"""
    base = base_of(tmp_path, text, profile="ut103", features="8.2")
    told = json.loads(base.session().call("Проба.В", port, "/x"))
    assert told == {"path": "/x", "size": 6, "auth": "Basic YmFzZTp0b2tlbg=="}
    with pytest.raises(BslError, match="429"):
        base.session().call("Проба.В", port, "/busy")


def test_a_service_calls_its_handler_and_tells_other_addresses_apart(tmp_path: Path) -> None:
    handler = """
	Функция ПингGET(Запрос)
		Ответ = Новый HTTPСервисОтвет(200);
		Ответ.Заголовки["Content-Type"] = "text/plain";
		Ответ.УстановитьТелоИзСтроки(Запрос.ПараметрыЗапроса["а"] + Запрос.Заголовки["X"], "UTF-8");
		Возврат Ответ;
	КонецФункции
	Функция СобытияPOST(Запрос)
		ВызватьИсключение "сломано";
	КонецФункции"""
    base = Infobase(tmp_path / "b.db", modules={"HTTPСервис.кд_Обмен.Модуль": handler})
    assert base.serve("GET", "/trade/hs/kd/v1/ping?а=1", {"X": "2"})[2] in (b"12", b"\xef\xbb\xbf12")
    assert base.serve("POST", "/trade/hs/kd/v1/events", {})[0] == 500
    assert base.serve("PUT", "/trade/hs/kd/v1/ping", {})[0] == 405
    assert base.serve("GET", "/trade/hs/kd/v2/ping", {})[0] == 404


def test_a_background_job_runs_once_for_its_key(tmp_path: Path) -> None:
    text = """
	Процедура В() Экспорт
		ФоновыеЗадания.Выполнить("Проба.Дело", , "ключ");
		ФоновыеЗадания.Выполнить("Проба.Дело", , "ключ");
	КонецПроцедуры
	Процедура Дело() Экспорт
		ЗаписьЖурналаРегистрации("Дело", УровеньЖурналаРегистрации.Информация, , , "сделано");
	КонецПроцедуры"""
    base = base_of(tmp_path, text)
    with pytest.raises(BslError, match="уже выполняется"):
        base.session().call("Проба.В")
    base.jobs.run_all()
    assert [one["text"] for one in base.log] == ["сделано"]
    base.jobs.threads = True
    base.jobs.start("Проба.Дело", [], "ключ", "").wait()
    assert [one["text"] for one in base.log] == ["сделано"] * 2


def test_the_clock_the_user_and_the_privileged_mode_are_the_sessions_own(run: Callable[..., Any]) -> None:
    text = """
	Функция В() Экспорт
		УстановитьПривилегированныйРежим(Истина);
		Найдено = "" + ПривилегированныйРежим() + ИмяПользователя();
		УстановитьПривилегированныйРежим(Ложь);
		Миллисекунды = ТекущаяУниверсальнаяДатаВМиллисекундах() - ('19700101' - '00010101') * 1000;
		Возврат Найдено + Формат(Миллисекунды, "ЧГ=0") + XMLСтрока(ТекущаяДатаСеанса());
	КонецФункции"""
    assert run(text) == f"ДаОбмен{int(MOMENT.timestamp() * 1000)}2026-03-04T08:06:07"
