// Who looks at the portal: chosen once, kept by the browser, drawn on top of every page with the bell.

import { ask, h } from "./dom.js";

const KEY = "sandbox.portal.me";
const LOGISTICIAN = 2;
const listeners = [];

export function me() {
  return Number(localStorage.getItem(KEY)) || LOGISTICIAN;
}

export function setMe(id) {
  localStorage.setItem(KEY, String(id));
  for (const listener of listeners) listener(id);
}

export function onMe(listener) {
  listeners.push(listener);
}

/** A list of people to choose from. */
export function picker(people, current, chosen, label) {
  const options = people.map((person) => h("option", { value: person.id, selected: person.id === current }, person.name));
  const element = h("select", { className: "field", ariaLabel: label }, options);
  element.addEventListener("change", () => { element.blur(); chosen(Number(element.value)); });
  return element;
}

/** Fills `#me` with the name and the bell. */
export async function drawMe() {
  const box = document.getElementById("me");
  const { people } = await ask("people").catch(() => ({ people: [] }));
  if (people.length === 0) return;
  const active = people.filter((person) => person.active);
  if (active.length && !active.some((person) => person.id === me())) return setMe(active[0].id);
  const unread = Object.fromEntries(people.map((person) => [person.id, person.unread]));
  box.replaceChildren(
    h("label", { className: "me" }, h("span", { className: "me-you" }, "Вы:"), picker(active, me(), setMe, "Кто смотрит на портал")),
    h("a", { className: "strip-button bell", id: "bell" }));
  ring(unread);
}

/** Unread notices by person, on the bell of whoever looks. */
export function ring(unread) {
  const bell = document.getElementById("bell");
  if (!bell) return;
  const count = unread[me()] || 0;
  bell.href = `notices?user=${me()}`;
  bell.replaceChildren("Уведомления", count ? h("span", { className: "strip-count" }, String(count)) : "");
}

onMe(() => drawMe());
