// Notices of one employee, newest first; asks the portal now and then.

import { ask, face, h, trying, when } from "./dom.js";
import { drawMe, me, onMe, picker } from "./me.js";
import { drawMenu } from "./menu.js";
import { rich } from "./richtext.js";

const PAUSE_MS = 2000;
let user = Number(new URL(location.href).searchParams.get("user")) || me();
let print = "";
let timer = 0;

async function poll() {
  clearTimeout(timer);
  if (!document.hidden) await step();
  timer = setTimeout(poll, PAUSE_MS);
}

async function step() {
  const answer = await ask(`notices?user=${user}`).catch(() => null);
  if (!answer || JSON.stringify(answer) === print) return;
  print = JSON.stringify(answer);
  draw(answer);
}

function draw({ user: person, notices, portal }) {
  document.title = `Уведомления: ${person.name} · Битрикс24`;
  document.getElementById("whose").textContent = person.unread
    ? `${person.name}, ${person.position.toLowerCase()}: непрочитанных ${person.unread}` : `${person.name}, ${person.position.toLowerCase()}: всё прочитано`;
  document.getElementById("read-all").disabled = person.unread === 0;
  document.getElementById("none").hidden = notices.length > 0;
  document.getElementById("notices").replaceChildren(...notices.map((row) => notice(row, portal)));
}

function notice(row, portal) {
  const author = row.author || { id: 0, name: "Приложение", initials: "П" };
  return h("li", { className: row.read ? "" : "unread" }, face(author),
    h("div", { className: "meta" }, [author.name, when(row.at), row.push ? "push на телефон" : "", row.read ? "" : "новое"].filter(Boolean).join(" · ")),
    h("div", { className: "text" }, rich(row.text, portal, user)),
    row.tag ? h("div", { className: "meta tag" }, `TAG ${row.tag}`) : null);
}

async function choose(id) {
  user = id;
  const address = new URL(location.href);
  address.searchParams.set("user", id);
  history.replaceState(null, "", address);
  print = "";
  await poll();
}

async function readAll() {
  await trying(() => ask("notices/read", { user }));
  await Promise.all([step(), drawMe()]);
}

async function start() {
  const { people } = await ask("people").catch(() => ({ people: [] }));
  const list = picker(people, user, choose, "Чьи уведомления");
  document.getElementById("who").replaceChildren(list);
  onMe((id) => { list.value = id; choose(id); });
}

document.getElementById("read-all").addEventListener("click", readAll);
drawMenu("notices");
drawMe();
start();
poll();
