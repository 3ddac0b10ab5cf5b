// The drawer of faults, limits and the last calls.

import { ask, h, plural, toast, trying, when } from "./dom.js";

const panel = document.getElementById("switches");
const GROUPS = [
  ["before", "Отказы: вызов не выполняется"],
  ["after", "Сбои после записи: вызов выполнен, ответ испорчен"],
  ["mode", "Странности портала"],
  ["entry", "Вход в приложение курьера"],
  ["token", "Ключи установленного приложения"],
  ["event", "События для приложения"],
];
const TIMED = ["delay", "disk_slow", "auth_slow", "refresh_slow", "event_delayed"];
const ZONES = { "Europe/Kaliningrad": "Калининград", "Europe/Moscow": "Москва", "Asia/Yekaterinburg": "Екатеринбург", "Asia/Omsk": "Омск", "Asia/Vladivostok": "Владивосток" };
const TARIFFS = { standard: "Обычный: 2 вызова в секунду, запас 50", enterprise: "Энтерпрайз: 5 в секунду, запас 250", box: "Коробка: без ограничений" };
const LATENCIES = { off: "Сразу", docs: "Как в документации (создание задачи около 1 с)" };
const METHODS = ["*", "tasks.task.add", "tasks.task.update", "tasks.task.list", "task.stages.movetask", "im.*", "disk.*", "batch"];
let tab = "faults";
let timer = 0;

export function showFaultCount(count) {
  const badge = document.getElementById("faults-on");
  badge.hidden = count === 0;
  badge.textContent = count;
  badge.title = `${plural(count, "включён", "включены", "включены")} ${count} ${plural(count, "сбой", "сбоя", "сбоев")}`;
}

export async function toggle() {
  if (!panel.hidden) return close();
  panel.hidden = false;
  await draw();
  panel.querySelector(".close")?.focus();
  timer = setInterval(() => { if (tab === "calls") draw(); }, 1000);
}

export function close() {
  panel.hidden = true;
  clearInterval(timer);
  document.getElementById("open-switches").focus();
}

async function draw() {
  const body = await trying({ faults: faultsTab, limits: limitsTab, calls: callsTab }[tab]);
  if (!body) return;
  const scroll = panel.querySelector(".panel-body")?.scrollTop || 0;
  const tabs = [["faults", "Сбои"], ["limits", "Лимиты"], ["calls", "Вызовы"]].map(([name, title]) => {
    const button = h("button", { type: "button", onclick: () => { tab = name; draw(); } }, title);
    button.setAttribute("aria-pressed", String(name === tab));
    return button;
  });
  panel.replaceChildren(
    h("div", { className: "panel-head" }, h("h2", {}, "Сбои и лимиты портала"),
      h("button", { className: "close", type: "button", onclick: close }, "Закрыть")),
    h("div", { className: "tabs" }, tabs),
    h("div", { className: "panel-body" }, body));
  panel.querySelector(".panel-body").scrollTop = scroll;
}

async function faultsTab() {
  const { kinds, faults } = await ask("faults");
  showFaultCount(faults.length);
  const boxes = GROUPS.map(([when, title]) => h("section", { className: "box" }, h("h3", {}, title),
    Object.entries(kinds).filter(([, kind]) => kind.when === when)
      .map(([name, kind]) => faultRow(name, kind, faults.find((fault) => fault.kind === name)))));
  const off = h("button", { className: "button", type: "button", disabled: faults.length === 0 }, "Выключить все сбои");
  off.addEventListener("click", async () => { await trying(() => ask("faults", { faults: [] })); draw(); });
  return [h("p", { className: "hint" }, "Так ломается настоящий портал. Включите сбой и посмотрите, что ни одна доставка не пропала и не удвоилась."),
    h("p", {}, off), ...boxes];
}

function faultRow(name, kind, fault) {
  const set = async (row) => { await trying(() => ask("faults", row)); draw(); };
  const turn = (event) => set(event.target.checked
    ? { kind: name, share: 1, seconds: name === "disk_slow" ? 3.5 : TIMED.includes(name) ? 30 : 0 } : { kind: name, on: false });
  const head = h("label", { className: "fault-head" },
    h("input", { className: "toggle", type: "checkbox", checked: Boolean(fault), onchange: turn }),
    h("span", {}, h("span", { className: "title" }, kind.title), h("span", { className: "note" }, kind.note)),
    fault && fault.hits ? h("span", { className: "hits" }, `${fault.hits} ${plural(fault.hits, "раз", "раза", "раз")}`) : h("span"));
  return h("div", { className: "fault" }, head, fault ? faultForm(fault, set) : null);
}

function faultForm(fault, set) {
  const share = number("Доля, %", Math.round(fault.share * 100));
  const count = number("Сколько раз", fault.left, "без конца");
  const seconds = number("Секунд", fault.seconds);
  const method = h("select", { className: "field" }, [...new Set([...METHODS, fault.method])]
    .map((name) => h("option", { value: name, selected: name === fault.method }, name === "*" ? "любой метод" : name)));
  const save = async () => {
    await ask("faults", { kind: fault.kind, on: false });
    await set({
      kind: fault.kind, method: method.value, share: Math.min(100, Number(share.input.value)) / 100,
      count: count.input.value === "" ? null : Number(count.input.value), seconds: Number(seconds.input.value),
    });
  };
  const form = h("div", { className: "fault-form" }, share.label, count.label, TIMED.includes(fault.kind) ? seconds.label : null,
    h("label", { className: "labelled wide" }, "Метод", method));
  form.addEventListener("change", () => trying(save));
  return form;
}

function number(title, value, placeholder = "") {
  const input = h("input", { className: "field", type: "number", min: 0, value: value ?? "", placeholder, step: "any" });
  return { input, label: h("label", { className: "labelled" }, title, input) };
}

async function limitsTab() {
  const [limits, state, clock] = await Promise.all([ask("limits"), ask("state"), ask("clock")]);
  const set = async (body) => { await trying(() => ask("limits", body)); draw(); };
  const pick = (title, name, titles, className) => h("label", { className: `labelled ${className}` }, title,
    h("select", { className: "field", onchange: (event) => set({ [name]: event.target.value }) },
      Object.entries(titles).map(([key, text]) => h("option", { value: key, selected: limits[name] === key }, text))));
  const amount = (title, name) => {
    const { input, label } = number(title, limits[name], "нет");
    input.addEventListener("change", () => set({ [name]: input.value === "" ? null : Number(input.value) }));
    return label;
  };
  const check = (title, name) => h("label", { className: "check" },
    h("input", { className: "toggle", type: "checkbox", checked: limits[name], onchange: (event) => set({ [name]: event.target.checked }) }), title);
  const move = (title, seconds) => h("button", { className: "button", type: "button",
    onclick: () => { toast(`Часы портала переведены: ${title}`); set({ advance_s: seconds }); } }, title);
  const spent = [
    ...Object.entries(state.bucket).filter(([, level]) => level > 0).map(([address, level]) => `Запас вызовов с адреса ${address}: занято ${level}`),
    ...Object.entries(state.operating_s).filter(([, seconds]) => seconds >= 0.01)
      .map(([method, seconds]) => `${method}: ${seconds.toFixed(2)} с за 10 минут`),
  ].map((text) => h("li", {}, text));
  return [
    h("section", { className: "box" }, h("h3", {}, "Ограничения"),
      h("div", { className: "limits" }, pick("Тариф", "tariff", TARIFFS, "wide"), pick("Скорость портала", "latency", LATENCIES, "wide"),
        amount("Секунд на метод за 10 минут", "operating_limit_s"), amount("Секунд на один запрос", "time_limit_s")),
      check("Отказывать на неизвестный фильтр", "strict_filters"),
      check("Ключ повтора не спасает от одновременных вызовов", "v3_race"),
      check("Новая карточка: у задачи чат вместо комментариев", "new_card"),
      check("Уведомление с тем же TAG стирает прежнее у всех", "shared_tags")),
    h("section", { className: "box" }, h("h3", {}, "Израсходовано"),
      spent.length ? h("ul", { className: "log" }, spent) : h("div", { className: "none" }, "Пока ничего"),
      h("p"), h("button", { className: "button", type: "button", onclick: () => set({ forget: true }) }, "Обнулить")),
    h("section", { className: "box" }, h("h3", {}, "Часы портала"),
      h("p", { className: "hint" }, `Сейчас ${when(limits.portal_time)}`),
      h("div", { className: "row" }, move("+10 минут", 600), move("+1 час", 3600), move("+1 сутки", 86400)),
      h("p"), h("label", { className: "labelled" }, "Часовой пояс",
        h("select", { className: "field", onchange: async (event) => { await trying(() => ask("zone", { zone: event.target.value })); draw(); } },
          Object.entries({ ...ZONES, ...(ZONES[clock.zone] ? {} : { [clock.zone]: clock.zone }) })
            .map(([name, title]) => h("option", { value: name, selected: clock.zone === name }, title))))),
  ];
}

async function callsTab() {
  const state = await ask("state");
  const rows = state.last_requests.map((line) => h("li", {},
    h("div", { className: line.ok ? "" : "bad" }, line.summary),
    h("div", { className: "meta" }, `${new Date(line.at).toLocaleTimeString("ru-RU")} · ${line.method}${line.version === "v3" ? " (v3)" : ""} · `
      + `${line.status || "без ответа"} · ${line.duration_ms} мс`)));
  const doubles = Object.keys(state.duplicates).length;
  return [
    h("p", { className: "hint" }, `Задач ${state.tasks}, двойников ${doubles}, вызовов ${state.requests}, уведомлений ${state.notifications}.`),
    h("section", { className: "box" }, rows.length ? h("ul", { className: "log" }, rows) : h("div", { className: "none" }, "Вызовов ещё не было")),
  ];
}
