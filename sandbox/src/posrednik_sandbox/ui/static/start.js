"use strict";
(() => {
  const { esc, get, post, patch, fill, every, time, times, NAMES, onOverview, overview } = Sandbox;
  const systems = document.getElementById("systems");
  const live = document.getElementById("live");
  const lines = new Map();
  let next = 0;

  onOverview((state) => {
    patch(systems, state.systems.map((item) => ({
      key: item.system,
      html: `<div class="system ${item.on ? "" : "off"}"><div><h3>${esc(item.title)}</h3>
        <p>${esc(item.figures)}</p></div>
        <button type="button" class="switch" role="switch" aria-checked="${item.on}" data-system="${item.system}"
          aria-label="${esc(item.title)}">${item.on ? "Работает" : "Выключено"} <i></i></button></div>`,
    })));
    const alive = state.posrednik.alive;
    fill(document.getElementById("service"), alive
      ? `<span class="tag good">Посредник работает</span> ${esc(state.posrednik.url)}`
      : `<span class="tag bad">Посредник не отвечает</span> ${esc(state.posrednik.url)}. Системы работают и копят свои изменения: когда он вернётся, всё уйдёт.`);
  });

  const play = document.getElementById("play");
  onOverview(({ day }) => {
    if (!play) return;
    play.disabled = day.state === "running";
    fill(document.getElementById("day"), day.text ? `<span class="${day.state === "failed" ? "trouble" : ""}">${esc(day.text)}</span>` : "");
    document.getElementById("after").hidden = day.state === "none";
  });
  if (play) play.addEventListener("click", async () => {
    play.disabled = true;
    try {
      await post("/api/day");
    } catch {
      // Another window was first: the overview tells how far it is.
    }
    await overview();
  });

  systems.addEventListener("click", async (event) => {
    const button = event.target.closest(".switch");
    if (!button) return;
    button.disabled = true;
    try {
      await post("/api/switch", { system: button.dataset.system, on: button.getAttribute("aria-checked") !== "true" });
      await overview();
    } finally {
      button.disabled = false;
    }
  });

  // The number of an order leads to its form in 1C.
  function words(line) {
    const text = esc(line.text);
    return line.subject ? text.replace(/(заказ) (\S+?)(?=[:,])/i, `<a href="/onec/orders/${esc(line.subject)}">$1 $2</a>`) : text;
  }
  function shown(line) {
    const repeated = line.times > 1 ? ` <span class="muted">(${times(line.times)})</span>` : "";
    return `<li><time datetime="${esc(line.at)}">${time(line.at, true)}</time>
      <span class="from">${esc(NAMES[line.system] || line.system)}</span>
      <span class="${line.ok ? "" : "trouble"}" title="${esc(line.detail)}">${words(line)}${repeated}</span></li>`;
  }
  every(1000, async () => {
    const fresh = await get(`/api/traffic?after=${next}`);
    if (fresh.next < next) lines.clear();
    next = fresh.next;
    for (const line of fresh.lines) { lines.delete(line.id); lines.set(line.id, line); }
    while (lines.size > 60) lines.delete(lines.keys().next().value);
    const items = [...lines.values()].reverse().map((line) => ({ key: line.id, html: shown(line) }));
    patch(live, items.length ? items : [{ key: "none", html: '<li class="nothing">Пока тихо. Нажмите «Готов» в 1С, и здесь появится каждый шаг.</li>' }]);
  });
})();
