"use strict";
(() => {
  const { esc, money, time, times, day, stage, get, post, patch, fill, every, drawer } = Sandbox;
  const root = document.getElementById("shop");
  root.innerHTML = `
    <div class="head"><h1>Заказы</h1><span class="muted" id="figures"></span>
      <input type="search" id="search" placeholder="Номер или покупатель" aria-label="Поиск заказа"></div>
    <section class="card"><div class="wrap"><table class="grid cards"><thead><tr><th>Заказ</th><th>Покупатель</th><th>Доставка</th>
      <th class="num">Сумма</th><th class="num">Изменён</th></tr></thead><tbody id="rows"></tbody></table>
      <div class="skeleton" id="loading"><i></i><i></i><i></i></div>
      <p class="empty hidden" id="empty"></p></div></section>
    <div class="side"><section class="card"><h2 id="chosen">История доставки</h2><ul class="history" id="history"></ul></section>
      <section class="card"><h2>Последние обращения Посредника</h2><ul class="history" id="calls"></ul></section></div>`;
  const at = (id) => document.getElementById(id);
  let selected = null;
  let orders = [];

  const shown = (order) => ({
    key: order.ref,
    html: `<tr tabindex="0" aria-selected="${order.ref === selected}"><td class="first"><b>№ ${esc(order.site_number)}</b></td>
      <td class="full">${esc(order.recipient)}<div class="muted clip long">${esc(order.address)}</div></td>
      <td>${order.stage ? stage(order.stage) : '<span class="muted">ещё не передан</span>'}</td>
      <td class="num top">${money(order.total)}</td><td class="num">${order.changed_at ? time(order.changed_at, true) : ""}</td></tr>`,
  });
  function draw() {
    patch(at("rows"), orders.map(shown));
    at("loading").classList.add("hidden");
    at("empty").classList.toggle("hidden", orders.length > 0);
    at("empty").textContent = at("search").value
      ? "По этому запросу заказов нет. Проверьте номер или фамилию."
      : "Заказов с сайта пока нет. Они появятся, когда их создадут в 1С с номером сайта.";
  }
  const WORDS = { 0: "оборвано" };
  async function refresh() {
    const [list, state] = await Promise.all([
      get(`/shop/api/orders?q=${encodeURIComponent(at("search").value)}`), get("/shop/api/state"),
    ]);
    orders = list.orders;
    selected ??= orders[0]?.ref ?? null;
    draw();
    const late = state.out_of_order ? `, не по порядку ${state.out_of_order}` : "";
    at("figures").textContent = `принято статусов ${state.taken}, повторов ${state.duplicates}${late}`;
    patch(at("calls"), state.calls.length ? state.calls.slice(0, 20).map((call) => ({
      key: call.seq,
      html: `<li><time>${time(call.at, true)}</time><span><span class="tag ${call.status === 200 ? "good" : "bad"}">${WORDS[call.status] || call.status}</span> ${esc(call.note)}</span></li>`,
    })) : [{ key: "none", html: `<li><span></span><span class="muted">${state.has_secret ? "Посредник ещё не обращался." : "Секрет подписи не задан: статусы не будут приняты."}</span></li>` }]);
    await history();
  }
  async function history() {
    if (!selected) return;
    const order = orders.find((item) => item.ref === selected);
    if (order) at("chosen").textContent = `Заказ № ${order.site_number}: история доставки`;
    const found = await get(`/shop/api/orders/${selected}`);
    const items = found.history.map((row) => ({
      key: row.webhook_id,
      html: `<li><time>${time(row.taken_at, true)}</time><span>${stage(row.stage)}
        <small>версия ${row.version}${row.times > 1 ? `, пришло ${times(row.times)}, учтено один` : ""}${row.in_order ? "" : ", позже более новой"}${row.delivery?.amount_due ? ` · к получению ${money(row.delivery.amount_due)}` : ""}${row.delivery?.reason ? ` · ${esc(row.delivery.reason)}` : ""}</small></span></li>`,
    }));
    patch(at("history"), items.length ? items : [{ key: "none", html: '<li><span></span><span class="muted">Статусов ещё не было: заказ не отмечен «Готов» в 1С.</span></li>' }]);
  }
  const choose = (event) => {
    const row = event.target.closest("tr[data-key]");
    if (!row || (event.type === "keydown" && event.key !== "Enter")) return;
    selected = row.dataset.key;
    draw();
    history();
  };
  at("rows").addEventListener("click", choose);
  at("rows").addEventListener("keydown", choose);
  at("search").addEventListener("input", () => refresh().catch(() => {}));
  every(1500, refresh);

  drawer(`<fieldset><legend>Как магазин отвечает</legend>
    <label>Поведение <select name="mode"><option value="none">исправно</option><option value="500">ошибка 500</option>
      <option value="503">занят, 503 с Retry-After</option><option value="slow">медленно</option>
      <option value="drop">записал и оборвал связь</option><option value="410">адрес закрыт, 410</option></select></label>
    <label>Доля обращений, % <input type="number" name="share" min="0" max="100"></label>
    <label>Сколько раз (пусто: пока не выключат) <input type="number" name="left" min="0"></label>
    <label>Retry-After, с <input type="number" name="retry_after_s" min="0"></label>
    <label>Задержка, с <input type="number" name="delay_s" min="0" step="0.5"></label>
    <div class="row"><button type="button" class="main" data-do="save">Применить</button>
    <button type="button" data-do="clear">Исправно</button></div></fieldset>`, async (side, say) => {
    const show = (faults) => {
      for (const name of ["mode", "left", "retry_after_s", "delay_s"]) side.querySelector(`[name=${name}]`).value = faults[name] ?? "";
      side.querySelector("[name=share]").value = Math.round(faults.share * 100);
    };
    show(await get("/shop/api/faults"));
    side.addEventListener("click", async (event) => {
      const act = event.target.dataset.do;
      if (!act) return;
      const value = (name) => Number(side.querySelector(`[name=${name}]`).value);
      const left = side.querySelector("[name=left]").value;
      const wanted = act === "clear" ? { mode: "none", left: null } : {
        mode: side.querySelector("[name=mode]").value, share: value("share") / 100,
        left: left === "" ? null : Number(left), retry_after_s: value("retry_after_s"), delay_s: value("delay_s"),
      };
      try { show(await post("/shop/api/faults", wanted)); say("Применено"); } catch (error) { say(error.message); }
    });
  });
})();
