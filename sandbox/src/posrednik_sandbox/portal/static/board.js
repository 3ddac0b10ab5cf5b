// The kanban: columns and cards, drawn by difference so that nothing flickers, and dragging by a person.

import { ask, clock, face, h, money, paint, plural, trying, when } from "./dom.js";
import { me } from "./me.js";

const columns = new Map();
const cards = new Map();
let query = "";
let dragged = null;
let drawnGroup = null;

export function isDragging() {
  return dragged !== null;
}

export function setQuery(text) {
  query = text.trim().toLowerCase();
  for (const { element, data } of cards.values()) element.hidden = !fits(data);
}

function fits(card) {
  const text = `${card.title} ${card.id} ${card.responsible.name} ${card.xml_id || ""}`.toLowerCase();
  return !query || text.includes(query);
}

export function draw(board, state, open) {
  const root = document.getElementById("board");
  if (drawnGroup !== board.group || board.stages.length === 0) {
    root.replaceChildren();
    columns.clear();
    cards.clear();
  }
  const first = drawnGroup !== board.group;
  drawnGroup = board.group;
  if (board.stages.length === 0) {
    root.append(h("div", { className: "empty" }, h("h2", {}, "В проекте нет колонок"),
      "Их заводит тот, кто подключает портал: вызовом task.stages.add."));
    return;
  }
  place(root, board.stages.map((stage) => column(stage, board, state)));
  for (const stage of board.stages) drawCards(stage, board, first, open);
  forget(columns, new Set(board.stages.map((stage) => stage.id)));
  forget(cards, new Set(board.cards.map((card) => card.id)));
  document.getElementById("no-tasks").hidden = board.cards.length > 0;
}

function forget(map, kept) {
  for (const [id, entry] of map) {
    if (kept.has(id)) continue;
    entry.element.remove();
    map.delete(id);
  }
}

/** Bring children into order, touching only those that stand in the wrong place. */
function place(parent, wanted) {
  wanted.forEach((element, index) => {
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] || null);
  });
}

function column(stage, board, state) {
  const total = board.cards.reduce((sum, card) => sum + (card.stage === stage.id ? card.amount_kop || 0 : 0), 0);
  const print = JSON.stringify([stage, total]);
  let entry = columns.get(stage.id);
  if (!entry) {
    const list = h("div", { className: "cards" });
    const head = h("div");
    entry = { element: h("section", { className: "column", ariaLabel: stage.title }, head, list), head, list, print: "" };
    accept(entry.element, list, stage.id, state);
    columns.set(stage.id, entry);
  }
  if (entry.print !== print) {
    entry.print = print;
    paint(entry.element, stage.color);
    entry.head.replaceChildren(
      h("h2", { className: "column-head" }, h("span", { className: "name", title: stage.title }, stage.title),
        h("span", { className: "count" }, String(stage.count))),
      h("div", { className: "column-sum" }, total ? money(total) : ""),
    );
  }
  entry.element.classList.toggle("thin", spare(stage, board));
  return entry.element;
}

/** The portal's own columns that nobody uses stand aside once the project has columns made for the work. */
function spare(stage, board) {
  return stage.kind !== "" && stage.count === 0 && board.stages.some((other) => other.kind === "");
}

function drawCards(stage, board, first, open) {
  const { list } = columns.get(stage.id);
  const own = board.cards.filter((card) => card.stage === stage.id);
  const elements = own.map((card) => cardElement(card, stage, first, open));
  if (stage.count > own.length) {
    elements.push(h("div", { className: "column-empty" }, `Показаны первые ${own.length} из ${stage.count}`));
  }
  if (elements.length === 0) elements.push(h("div", { className: "column-empty" }, "Пока пусто"));
  for (const child of [...list.children]) if (!elements.includes(child) && !child.dataset.id) child.remove();
  place(list, elements);
}

function cardElement(card, stage, first, open) {
  const print = JSON.stringify(card);
  let entry = cards.get(card.id);
  if (!entry) {
    entry = { element: h("article", { className: "task", draggable: true }), print: "" };
    entry.element.dataset.id = card.id;
    entry.element.addEventListener("click", () => open(card.id));
    liftable(entry);
    cards.set(card.id, entry);
  }
  if (entry.print !== print) {
    if (!first) flash(entry.element);
    entry.print = print;
    entry.data = card;
    entry.element.hidden = !fits(card);
    entry.element.classList.toggle("done", card.done);
    entry.element.classList.toggle("double", card.double);
    entry.element.replaceChildren(...cardFace(card, open));
  }
  return entry.element;
}

function flash(element) {
  element.classList.add("fresh");
  setTimeout(() => element.classList.remove("fresh"), 2000);
}

function cardFace(card, open) {
  const pill = (text, className = "", title = "") => h("span", { className: `pill ${className}`, title }, text);
  const pills = [
    card.done ? pill("Завершена", "good") : null,
    card.deadline && !card.done ? deadline(card, pill) : null,
    card.checks ? pill(`шаги ${card.checks[0]} из ${card.checks[1]}`) : null,
    card.files ? pill(`${card.files} ${plural(card.files, "файл", "файла", "файлов")}`) : null,
    card.talk ? pill(`${card.talk} ${plural(card.talk, "сообщение", "сообщения", "сообщений")}`) : null,
  ].filter(Boolean);
  const openCard = (event) => { event.stopPropagation(); event.preventDefault(); open(card.id); };
  return [
    h("a", { className: "task-title", href: `?task=${card.id}`, draggable: false, onclick: openCard },
      ...whole(card.title)),
    h("div", { className: "task-line" },
      card.amount_kop === null ? null : h("span", { className: "money" }, money(card.amount_kop)),
      face(card.responsible)),
    pills.length ? h("div", { className: "task-pills" }, pills) : null,
    h("div", { className: "task-foot" },
      h("span", { className: "who" }, card.responsible.name), h("span", { className: "tail" }, `№ ${card.id}`)),
    card.double ? h("div", { className: "task-double" }, "Двойник: этот внешний код есть у другой задачи") : null,
  ].filter(Boolean);
}

/** A number as 000-000105 stays on one line. */
function whole(title) {
  return title.split(/(\d+-\d+)/).map((part, index) => index % 2 ? h("span", { className: "number" }, part) : part);
}

/** The time alone for today, with the day for any other day. */
function deadline(card, pill) {
  const time = card.today ? clock(card.deadline) : when(card.deadline);
  return pill(card.overdue ? `просрочена: ${time}` : `до ${time}`, card.overdue ? "late" : "", "Крайний срок");
}

function liftable(entry) {
  const { element } = entry;
  element.addEventListener("dragstart", (event) => {
    dragged = entry;
    element.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", element.dataset.id);
  });
  element.addEventListener("dragend", () => {
    dragged = null;
    element.classList.remove("dragged");
    document.querySelectorAll(".column.over").forEach((other) => other.classList.remove("over"));
  });
}

function accept(element, list, stageId, state) {
  element.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    element.classList.add("over");
  });
  element.addEventListener("dragleave", (event) => {
    if (!element.contains(event.relatedTarget)) element.classList.remove("over");
  });
  element.addEventListener("drop", async (event) => {
    if (!dragged) return;
    event.preventDefault();
    element.classList.remove("over");
    const id = Number(dragged.element.dataset.id);
    const others = [...list.querySelectorAll(".task")].filter((other) => other !== dragged.element && !other.hidden);
    const below = others.find((other) => {
      const box = other.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    const last = others.at(-1);
    list.insertBefore(dragged.element, below || null);
    dragged.element.classList.remove("dragged");
    dragged = null;
    const where = below ? { before: Number(below.dataset.id) } : last ? { after: Number(last.dataset.id) } : {};
    await trying(() => ask("act", { user: me(), task: id, do: "move", stage: stageId, ...where }));
    state.refresh();
  });
}
