"use strict";
// What all sandbox pages share: words, requests, lists that change without flicker, the strip's state, the drawer.
const Sandbox = (() => {
  const STAGES = {
    ready: "Готов", picked_up: "Забрал", en_route: "В пути", handed_over: "Отдал", settled: "Сдал деньги",
    not_delivered: "Не вручено", returned: "Возврат", cancelled: "Отменено", withdrawn: "Готовность снята",
  };
  const NAMES = { onec: "1С", portal: "Портал", shop: "Магазин", day: "Люди" };
  const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  const esc = (value) => String(value ?? "").replace(/[&<>"']/g, (letter) => escapes[letter]);

  function money(value) {
    if (value === null || value === undefined || value === "") return "";
    const [whole, kopecks = "00"] = Number(value).toFixed(2).split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
    return `${grouped}${kopecks === "00" ? "" : "," + kopecks}\u00a0₽`;
  }
  const parsed = (value) => new Date(value);
  function time(value, seconds = false) {
    if (!value) return "";
    const options = { hour: "2-digit", minute: "2-digit", ...(seconds ? { second: "2-digit" } : {}) };
    return parsed(value).toLocaleTimeString("ru-RU", options);
  }
  function day(value) {
    if (!value) return "";
    const text = parsed(value).toLocaleDateString("ru-RU", { weekday: "short", day: "numeric", month: "short" });
    return text.replace(",", "");
  }
  function ago(value) {
    const seconds = Math.max(0, Math.round((Date.now() - parsed(value)) / 1000));
    if (seconds < 60) return `${seconds} с`;
    return seconds < 3600 ? `${Math.floor(seconds / 60)} мин` : `${Math.floor(seconds / 3600)} ч`;
  }
  const stage = (key) => key ? `<span class="tag ${esc(key)}">${esc(STAGES[key] || key)}</span>` : "";

  async function call(method, url, body) {
    const options = { method, headers: { "Content-Type": "application/json" } };
    if (body !== undefined) options.body = JSON.stringify(body);
    let response;
    try {
      response = await fetch(url, options);
    } catch {
      offline(true);
      throw new Error("Песочница не отвечает");
    }
    offline(false);
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.error || `Ошибка ${response.status}`);
    return answer;
  }
  const get = (url) => call("GET", url);
  const post = (url, body = {}) => call("POST", url, body);

  function offline(is) {
    let banner = document.querySelector(".banner");
    if (is && !banner) {
      banner = document.createElement("p");
      banner.className = "banner";
      banner.setAttribute("role", "alert");
      banner.textContent = "Песочница не отвечает. Показаны последние данные; страница обновится сама, когда она вернётся.";
      document.querySelector(".strip").after(banner);
    } else if (!is && banner) banner.remove();
  }

  // Only what differs is touched, so selection, scroll and focus stay where they are.
  function patch(container, items) {
    const known = new Map([...container.children].map((element) => [element.dataset.key, element]));
    let place = container.firstElementChild;
    for (const { key, html } of items) {
      let element = known.get(String(key));
      known.delete(String(key));
      if (!element || element.sandboxHtml !== html) {
        const template = document.createElement("template");
        template.innerHTML = html.trim();
        const fresh = template.content.firstElementChild;
        fresh.dataset.key = key;
        fresh.sandboxHtml = html;
        if (element) {
          const focused = element === document.activeElement;
          if (element === place) place = fresh;
          element.replaceWith(fresh);
          if (focused) fresh.focus({ preventScroll: true });
        }
        element = fresh;
      }
      if (element === place) place = place.nextElementSibling;
      else container.insertBefore(element, place);
    }
    for (const [, element] of known) element.remove();
  }
  function fill(element, html) {
    if (element.sandboxHtml === html) return;
    element.sandboxHtml = html;
    element.innerHTML = html;
  }

  function every(milliseconds, task) {
    const round = async () => {
      if (!document.hidden) {
        try { await task(); } catch (error) { console.warn(error.message); }
      }
      setTimeout(round, milliseconds);
    };
    round();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) task().catch(() => {}); });
  }

  function ask(title, label, field, button = "Сохранить") {
    const dialog = document.createElement("dialog");
    dialog.innerHTML = `<form method="dialog"><h2>${esc(title)}</h2><label>${esc(label)}${field}</label>
      <div class="row"><button value="" type="submit" formnovalidate>Отмена</button>
      <button value="yes" class="main" type="submit">${esc(button)}</button></div></form>`;
    document.body.append(dialog);
    // Enter in the field means yes, though «Отмена» stands first.
    dialog.querySelector("form").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input, select")) {
        event.preventDefault();
        dialog.querySelector("button.main").click();
      }
    });
    dialog.showModal();
    dialog.querySelector("input, select, textarea")?.select?.();
    return new Promise((resolve) => dialog.addEventListener("close", () => {
      const value = dialog.querySelector("input, select, textarea")?.value ?? "";
      resolve(dialog.returnValue === "yes" ? value : null);
      dialog.remove();
    }));
  }

  function drawer(html, wire) {
    document.getElementById("drawer-open")?.addEventListener("click", () => {
      const open = document.querySelector(".drawer");
      if (open) { open.remove(); return; }
      const side = document.createElement("aside");
      side.className = "drawer";
      side.setAttribute("aria-label", "Неполадки");
      side.innerHTML = `<header><h2>Неполадки</h2><button type="button" class="close">Закрыть</button></header>${html}<output></output>`;
      const close = () => { side.remove(); document.getElementById("drawer-open").focus(); };
      side.querySelector(".close").addEventListener("click", close);
      side.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
      document.body.append(side);
      const output = side.querySelector("output");
      const say = (text) => { output.textContent = text; output.scrollIntoView({ block: "nearest" }); };
      wire(side, say);
      side.querySelector(".close").focus();
    });
  }

  const watchers = [];
  const onOverview = (task) => watchers.push(task);
  async function overview() {
    const state = await get("/api/overview");
    const own = state.systems.find((item) => item.system === document.body.dataset.system);
    const power = document.getElementById("power");
    const words = [];
    if (own && !own.on) words.push(`${NAMES[own.system]}: выключено`);
    words.push(state.posrednik.alive ? "Посредник на связи" : "Посредник не отвечает");
    power.textContent = words.join(" · ");
    power.classList.toggle("off", !state.posrednik.alive || Boolean(own && !own.on));
    watchers.forEach((task) => task(state));
  }
  document.addEventListener("DOMContentLoaded", () => every(2000, overview));

  /** «2 раза», «5 раз». */
  function times(number) {
    const ones = number % 10;
    const few = ones >= 2 && ones <= 4 && (number % 100 < 12 || number % 100 > 14);
    return `${number} ${few ? "раза" : "раз"}`;
  }

  return { STAGES, NAMES, esc, money, time, day, ago, stage, get, post, patch, fill, every, ask, drawer, times, onOverview, overview };
})();
