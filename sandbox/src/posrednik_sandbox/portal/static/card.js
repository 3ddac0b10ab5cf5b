// The task card: text, chat, checklist and history; what a person may change by hand.

import { ask, face, forInput, h, money, paint, toast, trying, when } from "./dom.js";
import { openLink } from "./menu.js";

const panel = document.getElementById("card");
let shown = null;
let print = "";
let actor = 2;
let returnTo = null;

export function openTask() {
  return shown;
}

export async function open(id) {
  returnTo = returnTo || document.activeElement;
  shown = id;
  print = "";
  await refresh();
  panel.querySelector(".close")?.focus();
}

export function close() {
  shown = null;
  panel.hidden = true;
  const address = new URL(location.href);
  address.searchParams.delete("task");
  history.replaceState(null, "", address);
  returnTo?.focus?.();
  returnTo = null;
}

export async function refresh() {
  if (shown === null) return;
  const typing = panel.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
  if (typing && print) return;
  const id = shown;
  try {
    const task = await ask(`tasks/${id}`);
    if (shown === id) draw(task);
  } catch (error) {
    if (shown !== id || error instanceof TypeError) return;
    toast(error.message, true);
    close();
  }
}

function draw(task) {
  const next = JSON.stringify({ ...task, version: 0 });
  if (next === print) return;
  const scroll = panel.querySelector(".panel-body")?.scrollTop || 0;
  print = next;
  panel.hidden = false;
  const address = new URL(location.href);
  address.searchParams.set("task", task.id);
  history.replaceState(null, "", address);
  panel.replaceChildren(
    h("div", { className: "panel-head" },
      h("h2", {}, h("span", { className: "sub" }, `Задача № ${task.id} · ${task.group.name || "без проекта"}`), task.title),
      h("button", { className: "close", type: "button", onclick: close }, "Закрыть")),
    stageBar(task),
    h("div", { className: "panel-body" },
      h("div", { className: "card-grid" },
        h("div", {}, textBox(task), checksBox(task), chatBox(task), historyBox(task)),
        h("div", { className: "side" }, factsBox(task)))),
  );
  panel.querySelector(".panel-body").scrollTop = scroll;
}

async function change(task, path, body, verb) {
  const answer = await trying(() => ask(`tasks/${task.id}${path}`, { user_id: actor, ...body }, verb));
  if (answer && shown === task.id && !answer.deleted) draw(answer);
  return answer;
}

function stageBar(task) {
  const buttons = task.stages.map((stage) => {
    const button = h("button", { type: "button", onclick: () => change(task, "/move", { stage_id: stage.id }) }, stage.title);
    button.setAttribute("aria-pressed", String(stage.id === task.stage));
    paint(button, stage.color);
    return button;
  });
  return h("div", { className: "stages", role: "group", ariaLabel: "Колонка" }, buttons);
}

/** Plain text with the bold marks of BB-code; every other mark of it is left out. */
function formatted(text) {
  return text.split(/(\[b\][\s\S]*?\[\/b\])/i).map((piece) => {
    const bold = /^\[b\]([\s\S]*)\[\/b\]$/i.exec(piece);
    const clean = (bold ? bold[1] : piece).replace(/\[\/?(?:b|i|u|s|url|p|list|\*|color|size)(?:=[^\]]*)?\]/gi, "");
    return bold ? h("strong", {}, clean) : clean;
  });
}

function textBox(task) {
  const box = h("section", { className: "box" }, h("h3", {}, "Описание"));
  const view = task.description
    ? h("div", { className: "text" }, formatted(task.description))
    : h("div", { className: "text none" }, "Описания нет");
  const edit = h("button", { className: "button", type: "button" }, "Изменить");
  edit.addEventListener("click", () => {
    const title = h("input", { className: "field", value: task.title, ariaLabel: "Название" });
    const text = h("textarea", { className: "field", rows: 8, value: task.description, ariaLabel: "Описание" });
    const save = () => { document.activeElement.blur(); change(task, "", { title: title.value, description: text.value }); };
    box.replaceChildren(h("h3", {}, "Описание"), title, h("p"), text, h("p"),
      h("div", { className: "row" },
        h("button", { className: "button main", type: "button", onclick: save }, "Сохранить"),
        h("button", { className: "button", type: "button", onclick: () => { print = ""; document.activeElement.blur(); refresh(); } }, "Отмена")));
    title.focus();
  });
  box.append(view, h("p"), h("div", { className: "row" }, edit));
  return box;
}

function checksBox(task) {
  if (task.checklist.length === 0) return null;
  const rows = task.checklist.map((item) => item.heading
    ? h("li", { className: "heading" }, item.title)
    : h("li", {}, h("span", { className: "tick", ariaLabel: item.complete ? "готово" : "не готово" }, item.complete ? "✓" : "○"), item.title));
  return h("section", { className: "box" }, h("h3", {}, "Чек-лист"), h("ul", { className: "checks" }, rows));
}

function chatBox(task) {
  const rows = task.messages.map((message) => h("div", { className: "line" }, face(message.author),
    h("div", { className: "meta" }, `${message.author.name} · ${when(message.at)}`),
    h("div", { className: "text" }, formatted(message.text))));
  const input = h("input", { className: "field", placeholder: "Написать в чат задачи", ariaLabel: "Сообщение" });
  const send = async (event) => {
    event.preventDefault();
    input.blur();
    await change(task, "/comment", { text: input.value });
  };
  return h("section", { className: "box" }, h("h3", {}, "Чат задачи"),
    rows.length ? rows : h("div", { className: "none" }, "Сообщений пока нет"),
    h("form", { className: "say", onsubmit: send }, input, h("button", { className: "button", type: "submit" }, "Отправить")));
}

function historyBox(task) {
  const rows = [...task.history].reverse().map((row) => h("li", {},
    h("div", { className: "meta" }, `${when(row.at)} · ${row.who}`),
    row.old || row.new ? `${row.what}: ${row.old ? `${row.old} → ` : ""}${row.new || "пусто"}` : row.what));
  return h("section", { className: "box" }, h("h3", {}, "История"), h("ul", { className: "log" }, rows));
}

function factsBox(task) {
  const responsible = select(task.people, task.responsible.id, (id) => change(task, "", { responsible_id: id }), "Исполнитель");
  const deadline = h("input", { className: "field", type: "datetime-local", value: forInput(task.deadline), ariaLabel: "Крайний срок" });
  deadline.addEventListener("change", () => { deadline.blur(); change(task, "", { deadline: deadline.value || null }); });
  const who = select(task.people, actor, (id) => { actor = id; }, "От чьего имени");
  return h("section", { className: "box" },
    h("dl", { className: "facts" },
      task.amount_kop === null ? null : fact("К получению", money(task.amount_kop), "big"),
      fact("Статус", task.status_title),
      fact("Исполнитель", [responsible, doors(task)]),
      fact("Крайний срок", deadline),
      fact("Постановщик", task.creator.name),
      fact("Внешний код (XML_ID)", task.xml_id ? h("code", {}, task.xml_id) : h("span", { className: "none" }, "нет")),
      fact("Создана", when(task.created)),
      fact("Изменена", `${when(task.changed)}, ${task.changed_by.name}`),
      fact("Действовать от имени", who)),
    actions(task));
}

/** The ways a courier opens the application from here: its page, the slider, the menu of the task's chat. */
function doors(task) {
  const person = task.responsible;
  if (!person.courier) return null;
  return h("span", { className: "ways" }, openLink("Открыть приложение (телефон)", person, "phone"),
    openLink("Открыть приложение (веб)", person, "web"), openLink("Из чата задачи (телефон)", person, "phone", task.dialog));
}

function fact(name, value, className = "") {
  return [h("dt", {}, name), h("dd", { className }, value)];
}

function select(people, current, chosen, label) {
  const options = people.map((person) => h("option", { value: person.id, selected: person.id === current }, person.name));
  const element = h("select", { className: "field", ariaLabel: label }, options);
  element.addEventListener("change", () => { element.blur(); chosen(Number(element.value)); });
  return element;
}

function actions(task) {
  const button = (title, action, main = "") => h("button",
    { className: `button ${main}`, type: "button", onclick: () => change(task, "/action", { action }) }, title);
  const byStatus = {
    2: [button("Начать", "start", "main"), button("Завершить", "complete")],
    3: [button("Завершить", "complete", "main"), button("Приостановить", "pause")],
    4: [button("Принять", "approve", "main"), button("Вернуть", "disapprove")],
    5: [button("Вернуть в работу", "renew")],
    6: [button("Начать", "start", "main")],
  };
  const remove = h("button", { className: "button danger", type: "button" }, "Удалить");
  remove.addEventListener("click", async () => {
    if (!remove.classList.contains("sure")) {
      remove.classList.add("sure");
      remove.textContent = "Точно удалить";
      return;
    }
    if (await change(task, "", {}, "DELETE")) {
      close();
      toast(`Задача № ${task.id} удалена`);
    }
  });
  return h("div", { className: "row" }, byStatus[task.status], remove);
}
