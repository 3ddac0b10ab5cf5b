// The task card: text, checklist, files, chat and history; what a person may change by hand, in his own name.

import { ask, face, forInput, h, money, paint, toast, trying, when } from "./dom.js";
import { gallery } from "./gallery.js";
import { me, onMe, picker, setMe } from "./me.js";
import { openLink } from "./menu.js";
import { rich } from "./richtext.js";

const panel = document.getElementById("card");
let shown = null;
let print = "";
let tab = "talk";
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
  const active = document.activeElement;
  if (panel.contains(active) && active.matches("input:not([type=checkbox]), textarea, select") && print) return;
  const id = shown;
  try {
    const task = await ask(`tasks/${id}?as=${me()}`);
    if (shown === id) draw(task);
  } catch (error) {
    if (shown !== id || error instanceof TypeError) return;
    toast(error.message, true);
    close();
  }
}

onMe(() => { print = ""; refresh(); });

function draw(task) {
  const next = JSON.stringify({ ...task, version: 0, tab });
  if (next === print) return;
  const scroll = panel.querySelector(".panel-body")?.scrollTop || 0;
  const key = panel.contains(document.activeElement) ? document.activeElement.dataset.key : "";
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
        h("div", {}, textBox(task), checksBox(task), filesBox(task), tabsBox(task)),
        h("div", { className: "side" }, factsBox(task)))),
  );
  panel.querySelector(".panel-body").scrollTop = scroll;
  if (key) panel.querySelector(`[data-key="${key}"]`)?.focus();
}

async function act(task, body) {
  const answer = await trying(() => ask("act", { user: me(), task: task.id, ...body }));
  if (answer && shown === task.id && !answer.deleted) draw(answer);
  if (!answer) { print = ""; await refresh(); }
  return answer;
}

function stageBar(task) {
  const buttons = task.stages.map((stage) => {
    const move = () => act(task, { do: "move", stage: stage.id });
    const button = h("button", { type: "button", onclick: move, disabled: !task.can.MOVE }, stage.title);
    button.setAttribute("aria-pressed", String(stage.id === task.stage));
    paint(button, stage.color);
    return button;
  });
  return h("div", { className: "stages", role: "group", ariaLabel: "Колонка" }, buttons);
}

function textBox(task) {
  const box = h("section", { className: "box" }, h("h3", {}, "Описание"));
  const view = task.description
    ? h("div", { className: "text" }, rich(task.description, task.portal))
    : h("div", { className: "text none" }, "Описания нет");
  const edit = h("button", { className: "button", type: "button", disabled: !task.can.EDIT }, "Изменить");
  if (!task.can.EDIT) edit.title = "Менять задачу может постановщик, модератор проекта или администратор";
  edit.addEventListener("click", () => {
    const title = h("input", { className: "field", value: task.title, ariaLabel: "Название" });
    const text = h("textarea", { className: "field", rows: 8, value: task.description, ariaLabel: "Описание" });
    const save = () => { document.activeElement.blur(); act(task, { do: "edit", title: title.value, description: text.value }); };
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
  const steps = task.checklist.filter((item) => !item.heading);
  if (task.checklist.length === 0 && !task.can.CHECKLIST) return null;
  const done = steps.filter((item) => item.complete).length;
  const rows = task.checklist.map((item) => item.heading ? h("li", { className: "heading" }, item.title) : step(task, item));
  return h("section", { className: "box" },
    h("h3", {}, "Чек-лист", steps.length ? h("span", { className: "amount" }, `${done} из ${steps.length}`) : null),
    steps.length ? h("progress", { className: "meter", max: steps.length, value: done, ariaLabel: "Сделано шагов" }) : null,
    rows.length ? h("ul", { className: "checks" }, rows) : h("div", { className: "none" }, "Шагов пока нет"),
    task.can.CHECKLIST ? addStep(task) : null);
}

function step(task, item) {
  const tick = h("input", { type: "checkbox", checked: item.complete, disabled: !task.can.CHECKLIST });
  tick.dataset.key = `step${item.id}`;
  tick.addEventListener("change", () => act(task, { do: "tick", item: item.id, complete: tick.checked }));
  return h("li", {}, h("label", { className: item.complete ? "done" : "" }, tick, item.title));
}

function addStep(task) {
  const input = h("input", { className: "field", placeholder: "Новый пункт", ariaLabel: "Новый пункт чек-листа" });
  const add = (event) => { event.preventDefault(); input.blur(); act(task, { do: "add_item", title: input.value }); };
  return h("form", { className: "say", onsubmit: add }, input, h("button", { className: "button", type: "submit" }, "Добавить"));
}

function filesBox(task) {
  if (task.attached.length === 0) return null;
  return h("section", { className: "box" },
    h("h3", {}, "Файлы", h("span", { className: "amount" }, String(task.attached.length))), gallery(task.attached));
}

function tabsBox(task) {
  const talk = task.new_card ? "Чат задачи" : "Комментарии";
  const choose = (name) => { tab = name; print = ""; refresh(); };
  const button = (name, title, count) => {
    const element = h("button", { type: "button", onclick: () => choose(name) }, title, h("span", { className: "amount" }, String(count)));
    element.setAttribute("aria-pressed", String(tab === name));
    element.dataset.key = `tab-${name}`;
    return element;
  };
  return h("section", { className: "box" },
    h("div", { className: "card-tabs" }, button("talk", talk, task.messages.length), button("log", "История", task.history.length)),
    tab === "talk" ? chatBox(task) : historyBox(task));
}

function chatBox(task) {
  const rows = task.messages.map((message) => h("div", { className: "line" }, face(message.author),
    h("div", { className: "meta" }, [message.author.name, when(message.at), message.mark].filter(Boolean).join(" · ")),
    h("div", { className: "text" }, rich(message.text, task.portal), message.files.length ? gallery(message.files) : null)));
  const input = h("input", { className: "field", placeholder: "Написать в чат задачи", ariaLabel: "Сообщение" });
  const send = (event) => { event.preventDefault(); input.blur(); act(task, { do: "comment", text: input.value }); };
  return h("div", {},
    rows.length ? rows : h("div", { className: "none" }, "Сообщений пока нет"),
    h("form", { className: "say", onsubmit: send }, input, h("button", { className: "button", type: "submit" }, "Отправить")));
}

function historyBox(task) {
  const rows = [...task.history].reverse().map((row) => h("li", {},
    h("div", { className: "meta" }, `${when(row.at)} · ${row.who}`),
    row.old || row.new ? `${row.what}: ${row.old ? `${row.old} → ` : ""}${row.new || "пусто"}` : row.what));
  return h("ul", { className: "log" }, rows);
}

function factsBox(task) {
  const assign = picker(task.people, task.responsible.id, (id) => act(task, { do: "assign", responsible: id }), "Исполнитель");
  assign.disabled = !task.can.DELEGATE;
  const deadline = h("input", { className: "field", type: "datetime-local", value: forInput(task.deadline), ariaLabel: "Крайний срок" });
  deadline.disabled = !task.can.CHANGE_DEADLINE;
  deadline.addEventListener("change", () => { deadline.blur(); act(task, { do: "edit", deadline: deadline.value || null }); });
  const group = picker(task.groups, task.group.id, (id) => act(task, { do: "move_group", group: id }), "Проект");
  group.disabled = !task.can.EDIT;
  return h("section", { className: "box" },
    h("dl", { className: "facts" },
      task.amount_kop === null ? null : fact("К получению", money(task.amount_kop), "big"),
      fact("Статус", task.status_title),
      fact("Исполнитель", [assign, doors(task)]),
      fact("Крайний срок", deadline),
      fact("Проект", group),
      fact("Постановщик", task.creator.name),
      fact("Внешний код (XML_ID)", task.xml_id ? h("code", {}, task.xml_id) : h("span", { className: "none" }, "нет")),
      fact("Создана", when(task.created)),
      fact("Изменена", `${when(task.changed)}, ${task.changed_by.name}`),
      fact("Действовать от имени", picker(task.people, me(), setMe, "От чьего имени"))),
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

const ACTIONS = [["start", "Начать"], ["approve", "Принять"], ["complete", "Завершить"], ["pause", "Приостановить"],
  ["disapprove", "Вернуть"], ["renew", "Вернуть в работу"]];

/** What is open now for whoever looks; the first is the main one. */
function actions(task) {
  const open = ACTIONS.filter(([name]) => task.can[name.toUpperCase()] && !(name === "renew" && task.status === 4));
  const buttons = open.map(([name, title], index) => h("button",
    { className: `button ${index ? "" : "main"}`, type: "button", onclick: () => act(task, { do: name }) }, title));
  const remove = h("button", { className: "button danger", type: "button", disabled: !task.can.REMOVE }, "Удалить");
  remove.addEventListener("click", async () => {
    if (!remove.classList.contains("sure")) {
      remove.classList.add("sure");
      remove.textContent = "Точно удалить";
      return;
    }
    if (await act(task, { do: "delete" })) {
      close();
      toast(`Задача № ${task.id} удалена, она в корзине`);
    }
  });
  return h("div", { className: "row" }, buttons, remove);
}
