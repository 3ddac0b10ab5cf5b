// The kanban page: asks the portal each second and draws what has changed.

import { draw, isDragging, setQuery } from "./board.js";
import * as bin from "./bin.js";
import * as card from "./card.js";
import { ask, h } from "./dom.js";
import { drawMe, ring } from "./me.js";
import { drawMenu } from "./menu.js";
import * as switches from "./switches.js";

const PAUSE_MS = 1000;
// Deadlines pass without any change of a task, so now and then the whole board is asked for.
const WHOLE_EACH = 30;

let group = new URL(location.href).searchParams.get("group") || "";
let version = null;
let asked = 0;
let timer = 0;

const state = { refresh: () => { version = null; return poll(); } };

async function poll() {
  clearTimeout(timer);
  if (!isDragging() && !document.hidden) await step();
  clearTimeout(timer);
  timer = setTimeout(poll, PAUSE_MS);
}

async function step() {
  asked += 1;
  const since = version === null || asked % WHOLE_EACH === 0 ? "" : `&since=${version}`;
  try {
    const board = await ask(`board?group=${group}${since}`);
    live(board.online);
    if (board.stages && !isDragging()) {
      group = String(board.group ?? "");
      version = board.version;
      header(board);
      ring(board.unread);
      thrownAway(board.bin);
      draw(board, state, card.open);
      await card.refresh();
    }
  } catch {
    live(null);
  }
}

function live(online) {
  const element = document.getElementById("live");
  const notice = document.getElementById("notice");
  element.classList.toggle("lost", !online);
  const text = online ? "обновляется само" : online === null ? "нет связи" : "остановлен";
  if (element.textContent !== text) element.textContent = text;
  notice.hidden = Boolean(online);
  if (online === null) notice.textContent = "Песочница не отвечает. Показано последнее, что пришло; страница продолжит сама, когда связь вернётся.";
  if (online === false) notice.textContent = "Портал остановлен: вызовы REST не проходят. Доставки копятся в Посреднике и придут, когда портал включат.";
}

function thrownAway(count) {
  const button = document.getElementById("open-bin");
  button.hidden = count === 0;
  button.textContent = `Корзина: ${count}`;
}

let printed = "";

function header(board) {
  const print = JSON.stringify([board.groups, board.group]);
  if (print === printed) return;
  printed = print;
  const current = board.groups.find((row) => row.id === board.group);
  document.getElementById("group-name").textContent = current ? current.name : "Проектов нет";
  document.title = `${current ? current.name : "Задачи"} · Битрикс24`;
  document.getElementById("groups").replaceChildren(...board.groups.map((row) => {
    const choose = () => { group = String(row.id); keepGroup(); state.refresh(); };
    const button = h("button", { type: "button", onclick: choose }, row.name, h("span", { className: "number" }, String(row.tasks)));
    button.setAttribute("aria-pressed", String(row.id === board.group));
    return button;
  }));
}

function keepGroup() {
  const address = new URL(location.href);
  address.searchParams.set("group", group);
  history.replaceState(null, "", address);
}

document.getElementById("search").addEventListener("input", (event) => setQuery(event.target.value));
document.getElementById("open-switches").addEventListener("click", switches.toggle);
document.getElementById("open-bin").addEventListener("click", () => bin.open(state.refresh));
document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!document.getElementById("switches").hidden) switches.close();
  else if (!document.getElementById("bin").hidden) bin.close();
  else if (card.openTask() !== null) card.close();
});

const askedTask = Number(new URL(location.href).searchParams.get("task"));
if (askedTask) card.open(askedTask);
ask("faults").then(({ faults }) => switches.showFaultCount(faults.length)).catch(() => {});
drawMenu("tasks");
drawMe();
poll();
