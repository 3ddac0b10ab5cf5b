// Small helpers: elements, asking the portal, money and times in Russian.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list") element[name] = value;
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The JSON of `api/<path>`; throws Error with the portal's own sentence when it refuses. */
export async function ask(path, body, verb) {
  const options = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const response = await fetch(`api/${path}`, { method: verb || (body === undefined ? "GET" : "POST"), ...options });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || `Ответ ${response.status}`);
  return answer;
}

let hiding = 0;

export function toast(text, bad = false) {
  const box = document.getElementById("toast");
  box.textContent = text;
  box.classList.toggle("bad", bad);
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, 4000);
}

/** Run an action of a person and say in words what went wrong, if anything did. */
export async function trying(action) {
  try {
    return await action();
  } catch (error) {
    toast(error instanceof TypeError ? "Песочница не отвечает. Проверьте, что она запущена." : error.message, true);
    return null;
  }
}

export function money(kop) {
  const whole = Math.trunc(kop / 100).toString().replace(/\B(?=(\d{3})+$)/g, "\u2009");
  const part = kop % 100 ? `,${String(kop % 100).padStart(2, "0")}` : "";
  return `${whole}${part}\u00a0₽`;
}

const DAYS = ["вс", "пн", "вт", "ср", "чт", "пт", "сб"];
const MONTHS = ["янв", "февр", "марта", "апр", "мая", "июня", "июля", "авг", "сент", "окт", "нояб", "дек"];

/** Portal times carry the portal's zone; they are shown as they stand, not in the zone of the browser. */
function parts(iso) {
  const [date, time] = iso.split("T");
  const [year, month, day] = date.split("-").map(Number);
  return { date, time: time.slice(0, 5), weekday: DAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()], day, month };
}

export function clock(iso) {
  return parts(iso).time;
}

export function when(iso) {
  const { time, weekday, day, month } = parts(iso);
  return `${weekday} ${day} ${MONTHS[month - 1]}, ${time}`;
}

export function forInput(iso) {
  return iso ? iso.slice(0, 16) : "";
}

const FACES = ["#cfe3f3", "#dcd6f2", "#f6e0c4", "#d3ecd0", "#f5d6dc", "#d2ecec"];

export function face(person) {
  const element = h("span", { className: "face", title: person.name, ariaHidden: "true" }, person.initials);
  element.style.setProperty("--face", FACES[person.id % FACES.length]);
  return element;
}

/** Colour of a column with ink that can be read on it. */
export function paint(element, hex) {
  const [red, green, blue] = [0, 2, 4].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  element.style.setProperty("--stage", `#${hex}`);
  element.style.setProperty("--stage-ink", light > 0.2 ? "#14212b" : "#ffffff");
}

export function plural(number, one, few, many) {
  const tens = number % 100;
  const ones = number % 10;
  if (ones === 1 && tens !== 11) return one;
  return ones >= 2 && ones <= 4 && (tens < 12 || tens > 14) ? few : many;
}
