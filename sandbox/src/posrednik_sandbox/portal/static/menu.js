// The left menu: tasks, the application with those it can be opened as, and its settings.

import { ask, face, h } from "./dom.js";

/** Address of the page that opens the application as this person; `dialog` is the chat it is opened from. */
export function openingOf(id, device, dialog = "") {
  const chat = dialog ? `&placement=IMMOBILE_CONTEXT_MENU&dialog=${dialog}` : "&placement=DEFAULT";
  return `open?user=${id}${chat}&device=${device}`;
}

/** The office's pages, opened from the left menu as this person. */
export function officeLink(title, person) {
  return h("a", {
    className: "open-as", href: `open?user=${person.id}&placement=LEFT_MENU&device=web`, target: "_blank", rel: "noopener",
    ariaLabel: `${title}: открыть доску Посредника как ${person.name}`,
  }, title);
}

export function openLink(title, person, device, dialog = "") {
  return h("a", {
    className: "open-as", href: openingOf(person.id, device, dialog), target: "_blank", rel: "noopener",
    ariaLabel: `${title}: открыть приложение как ${person.name}`,
  }, title);
}

/** Draws the menu into `#menu`; `current`: tasks, chat, notices, users or apps. */
export async function drawMenu(current) {
  const menu = document.getElementById("menu");
  const item = (key, href, title) => {
    const link = h("a", { className: "menu-item", href }, title);
    if (key === current) link.setAttribute("aria-current", "page");
    return link;
  };
  menu.replaceChildren(item("tasks", "./", "Задачи и проекты"), item("chat", "chat", "Общий чат"),
    item("notices", "notices", "Уведомления"), item("users", "users", "Сотрудники"), item("apps", "apps", "Приложения"));
  const { application, people } = await ask("application").catch(() => ({ people: [] }));
  const couriers = people.filter((person) => person.courier && person.active);
  if (couriers.length === 0) return;
  const list = h("ul", { className: "menu-list" }, couriers.map((person) => h("li", {}, face(person),
    h("span", { className: "who" }, person.name),
    h("span", { className: "ways" }, openLink("телефон", person, "phone"), openLink("веб", person, "web")))));
  const folder = h("details", { className: "menu-app", open: matchMedia("(min-width: 1200px)").matches },
    h("summary", { className: "menu-item" }, application.title), h("p", { className: "menu-hint" }, "Открыть как:"), list);
  menu.children[0].after(folder);
}
