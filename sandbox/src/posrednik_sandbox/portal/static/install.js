// Of the page «Приложения»: installing and deleting the local application, and the events it is told.

import { ask, clock, h, plural, toast, trying } from "./dom.js";
import { openingOf } from "./menu.js";

const STATES = { added: "не установлено до конца", installed: "установлено", removed: "удалено с портала" };

/** app: of `application`; admin: who installs; done: called when something has changed. */
export function installation(app, admin, done) {
  const path = h("input", { className: "field", type: "url", value: app.install_url, placeholder: "https://…/bitrix24/install" });
  const apiOnly = h("input", { type: "checkbox", checked: app.api_only });
  const form = () => ({ user: admin.id, url: path.value.trim(), api_only: apiOnly.checked });
  const install = async (more) => {
    const page = apiOnly.checked || !path.value.trim() ? null : window.open("", "_blank");
    const told = await trying(() => ask(apiOnly.checked ? "install" : "install/begin", { ...form(), ...more }));
    if (!told) page?.close();
    else if (page) page.location.href = new URL(openingOf(admin.id, "web"), location.href).href;
    else toast(told.posted ? `Обработчик установки ответил: ${told.posted.status || told.posted.error}` : "Приложение установлено");
    done();
  };
  const button = (title, run, className = "button") => h("button", { className, type: "button", onclick: run }, title);
  return h("section", { className: "box" }, h("h3", {}, `Установка: ${STATES[app.state]}`),
    h("p", { className: "hint" }, app.install_url
      ? `Пока приложение не установлено, события не уходят, встроек нет, а сотрудников к нему не пускают. Устанавливает ${admin.name}.`
      : "Путь для первоначальной установки не задан: приложение есть на портале без установки."),
    h("label", { className: "labelled" }, "Путь для первоначальной установки", path),
    h("label", { className: "check" }, apiOnly, "Использует только API"),
    h("div", { className: "row" },
      button("Установить", () => install({}), "button main"),
      button("Удалить и добавить заново", () => install({ new: true })),
      app.state === "removed" ? null : removal(admin, done)));
}

function removal(admin, done) {
  const button = h("button", { className: "button danger", type: "button" }, "Удалить");
  button.addEventListener("click", async () => {
    if (!button.classList.contains("sure")) {
      button.classList.add("sure");
      button.textContent = "Точно удалить?";
      return;
    }
    await trying(() => ask("uninstall", { user: admin.id }));
    done();
  });
  return button;
}

/** What is bound, what waits, and the last deliveries. */
export function events(told) {
  const handlers = [
    ...told.bound.map((row) => `${row.event} → ${row.handler || `очередь${row.connector ? ` (${row.connector})` : ""}`}`),
    ...told.placements.map((row) => `${row.placement} → ${row.handler}`),
  ].map((text) => h("li", {}, text));
  const log = told.log.slice(0, 20).map((row) => h("li", {},
    h("div", { className: row.status >= 200 && row.status < 300 ? "" : "bad" },
      `${row.event}${row.subject.TASK_ID || row.subject.ID ? `, задача № ${row.subject.TASK_ID || row.subject.ID}` : ""}`),
    h("div", { className: "meta" }, `${clock(row.at)} · ${row.status ? `ответ ${row.status}` : row.error || "не отправлено"}`
      + `${row.note ? ` · ${row.note}` : ""} · ${row.url}`)));
  return [
    h("h3", {}, "События и встройки"),
    h("p", { className: "hint" }, `Ушло ${told.sent}, не дошло ${told.failed}, потеряно ${told.dropped}, ждёт ${told.waiting}. В очереди `
      + `${told.offline.length} ${plural(told.offline.length, "строка", "строки", "строк")}.`),
    handlers.length ? h("ul", { className: "log" }, handlers) : h("p", { className: "none" }, "Приложение ни на что не подписано"),
    log.length ? h("ul", { className: "log" }, log) : null,
  ];
}
