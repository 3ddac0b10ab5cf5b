// The page «Приложения»: settings of the local application, its installation and events, and who opens it.

import { ask, h, trying } from "./dom.js";
import { events, installation } from "./install.js";
import { drawMenu, officeLink, openLink } from "./menu.js";

const PLACES = { DEFAULT: "Страница приложения", IMMOBILE_CONTEXT_MENU: "Меню чата в телефоне", LEFT_MENU: "Доска Посредника в левом меню" };

const happening = h("section", { className: "box", ariaLabel: "События и встройки" });

async function draw() {
  const data = await trying(() => ask("application"));
  if (!data) return;
  const admin = data.people.find((person) => person.admin && person.active);
  document.getElementById("apps").replaceChildren(
    h("div", {}, settings(data.application), happening),
    h("div", {}, admin ? installation(data.application, admin, draw) : null, people(data.people)));
  await drawEvents();
}

/** Only what has changed is drawn again: a person may be reading. */
async function drawEvents() {
  const told = await ask("events").catch(() => null);
  const text = JSON.stringify(told);
  if (!told || happening.dataset.told === text) return;
  happening.dataset.told = text;
  happening.replaceChildren(...events(told).filter(Boolean));
}

function settings(app) {
  const fact = (name, value) => [h("dt", {}, name), h("dd", { className: "value" }, value)];
  const code = (text) => h("code", {}, text);
  return h("section", { className: "box" }, h("h3", {}, `Локальное приложение «${app.title}»`),
    h("dl", { className: "facts" },
      fact("Код приложения (client_id)", code(app.client_id)),
      fact("Ключ приложения (client_secret)", code(app.client_secret)),
      fact("Код установки (application_token)", code(app.application_token)),
      fact("Портал (member_id)", code(app.member_id)),
      fact("Адрес портала", code(app.domain)),
      fact("Сервер авторизации", code(app.auth_url)),
      Object.entries(app.handlers).flatMap(([place, url]) => fact(`${PLACES[place] || place} (${place})`, code(url))),
      fact("Поддерживает BitrixMobile", app.mobile ? "да" : "нет"),
      fact("Права", app.scope.join(", "))),
    h("p", { className: "hint" }, "Это настройки песочницы: их задают при её запуске (--app-client-id и соседние ключи)."));
}

function people(rows) {
  return h("section", { className: "box" }, h("h3", {}, "Открыть приложение как"),
    h("table", { className: "people" }, h("tbody", {}, rows.map(row))));
}

function row(person) {
  const turn = h("button", { className: "button", type: "button" }, person.active ? "Уволить" : "Вернуть");
  turn.setAttribute("aria-label", `${person.active ? "Уволить" : "Вернуть"}: ${person.name}`);
  turn.addEventListener("click", async () => {
    await trying(() => ask(`users/${person.id}`, { active: !person.active }));
    await Promise.all([draw(), drawMenu("apps")]);
  });
  const doors = person.active
    ? h("span", { className: "ways" }, openLink("телефон", person, "phone"), openLink("веб", person, "web"), officeLink("доска", person))
    : h("span", { className: "gone" }, "уволен: войти не может");
  return h("tr", {}, h("td", {}, person.name, h("span", { className: "post" }, person.position)), h("td", {}, doors),
    h("td", { className: "last" }, turn));
}

drawMenu("apps");
draw();
setInterval(drawEvents, 2000);
