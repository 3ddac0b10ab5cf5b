// The bin: tasks that somebody deleted, each to be put back under its number.

import { ask, h, toast, trying } from "./dom.js";
import { me } from "./me.js";

const panel = document.getElementById("bin");

export function close() {
  panel.hidden = true;
}

export async function open(changed) {
  const answer = await trying(() => ask("bin"));
  if (!answer) return;
  const rows = answer.tasks.map((task) => h("li", { className: "bin-row" }, h("span", {}, `№ ${task.id} ${task.title}`),
    h("button", { className: "button", type: "button", onclick: () => back(task, changed) }, "Восстановить")));
  panel.hidden = false;
  panel.replaceChildren(
    h("div", { className: "panel-head" }, h("h2", {}, "Корзина"), h("button", { className: "close", type: "button", onclick: close }, "Закрыть")),
    h("div", { className: "panel-body" }, h("section", { className: "box" },
      rows.length ? h("ul", { className: "log" }, rows) : h("div", { className: "none" }, "Удалённых задач нет"))));
  panel.querySelector(".close").focus();
}

async function back(task, changed) {
  if (!await trying(() => ask("act", { user: me(), task: task.id, do: "restore" }))) return;
  toast(`Задача № ${task.id} вернулась на доску`);
  changed();
  await open(changed);
}
