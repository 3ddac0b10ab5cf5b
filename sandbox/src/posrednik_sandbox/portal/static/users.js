// Employees: who they are, how they are reached, whether they have ever come; dismissing and inviting.

import { ask, face, h, toast, trying, when } from "./dom.js";
import { drawMe } from "./me.js";
import { drawMenu } from "./menu.js";

const FIELDS = [["first_name", "Имя"], ["last_name", "Фамилия"], ["position", "Должность"], ["email", "Почта"], ["phone", "Телефон"]];
let editing = 0;

async function draw() {
  const data = await trying(() => ask("people"));
  if (!data) return;
  document.getElementById("users").replaceChildren(...data.people.map((person) => person.id === editing ? form(person) : card(person)));
}

async function change(person, body, done) {
  if (!await trying(() => ask(`users/${person.id}`, body))) return;
  if (done) toast(done);
  await Promise.all([draw(), drawMe()]);
}

function card(person) {
  const button = (title, body, done) => {
    const element = h("button", { className: "button", type: "button", onclick: () => change(person, body, done) }, title);
    element.setAttribute("aria-label", `${title}: ${person.name}`);
    return element;
  };
  const edit = h("button", { className: "button", type: "button", onclick: () => { editing = person.id; draw(); } }, "Изменить");
  edit.setAttribute("aria-label", `Изменить: ${person.name}`);
  return h("li", { className: `user ${person.active ? "" : "gone"}` }, face(person),
    h("div", { className: "user-name" }, h("strong", {}, person.name), h("span", { className: "post" }, `${person.position || "без должности"} · № ${person.id}`),
      h("span", { className: "user-marks" }, marks(person))),
    h("div", { className: "user-ways" }, way("Почта", person.email), way("Телефон", person.phone),
      way("Последний вход", person.last_login ? when(person.last_login) : "не заходил"), way("Проекты", person.groups.join(", "))),
    h("div", { className: "row user-buttons" },
      h("a", { className: "button", href: `notices?user=${person.id}` }, `Уведомления${person.unread ? ` (${person.unread})` : ""}`), edit,
      person.last_login ? button("Ещё не заходил", { last_login: null }) : button("Отметить вход", { last_login: "now" }),
      person.active ? button("Уволить", { active: false }, `${person.name}: уволен`) : button("Вернуть", { active: true }, `${person.name}: снова работает`)));
}

function marks(person) {
  const pill = (text, kind) => h("span", { className: `pill ${kind}` }, text);
  return [person.active ? null : pill("уволен", "bad"), person.last_login ? null : pill("ни разу не заходил", "late"),
    person.admin ? pill("администратор", "") : null];
}

function way(name, value) {
  return h("span", {}, h("span", { className: "post" }, name), value || "—");
}

function fields(person) {
  const inputs = Object.fromEntries(FIELDS.map(([name]) => [name, h("input", { className: "field", value: person[name] || "", autocomplete: "off" })]));
  const labels = FIELDS.map(([name, title]) => h("label", { className: "labelled" }, title, inputs[name]));
  const values = () => ({ ...Object.fromEntries(FIELDS.map(([name]) => [name, inputs[name].value])), name: inputs.first_name.value });
  return { labels, values };
}

function form(person) {
  const { labels, values } = fields(person);
  const save = async (event) => { event.preventDefault(); editing = 0; await change(person, values(), "Сохранено"); };
  return h("li", { className: "user" }, h("form", { className: "user-form", onsubmit: save }, labels, h("div", { className: "row" },
    h("button", { className: "button main", type: "submit" }, "Сохранить"),
    h("button", { className: "button", type: "button", onclick: () => { editing = 0; draw(); } }, "Отмена"))));
}

function invite() {
  const { labels, values } = fields({ position: "Курьер" });
  const send = async (event) => {
    event.preventDefault();
    const person = await trying(() => ask("users", { ...values(), last_login: null }));
    if (!person) return;
    toast(`${person.name}: приглашён, ещё не заходил`);
    invite();
    await Promise.all([draw(), drawMe()]);
  };
  document.getElementById("invite").replaceChildren(h("form", { className: "user-form", onsubmit: send }, labels,
    h("div", { className: "row" }, h("button", { className: "button main", type: "submit" }, "Пригласить сотрудника"))));
}

drawMenu("users");
drawMe();
invite();
draw();
