"use strict";
(() => {
  const { esc, money, time, day, ago, stage, get, post, patch, fill, every, ask, drawer } = Sandbox;
  const root = document.getElementById("onec");
  const which = root.dataset.page;
  const API = "/onec/api";
  const TABS = [["orders", "/onec/", "Заказы клиентов"], ["backpacks", "/onec/backpacks", "Рюкзаки"], ["documents", "/onec/documents", "Документы"], ["exchange", "/onec/exchange", "Обмен"]];
  const tabs = `<nav class="tabs" aria-label="Разделы">${TABS.map(([key, url, name]) =>
    `<a href="${url}"${key === which || (key === "orders" && which === "order") ? ' aria-current="page"' : ""}>${name}</a>`).join("")}</nav>`;
  const at = (id) => document.getElementById(id);
  const skeleton = '<div class="skeleton section"><i></i><i></i><i></i></div>';
  const said = [];

  // The 1C habit: answers to buttons stand in «Сообщения» under the list, newest first.
  function say(text, tone = "") {
    said.unshift({ at: new Date(), text, tone });
    said.length = Math.min(said.length, 12);
    const box = at("saying");
    if (box) patch(box, said.map((item) => ({
      key: item.at.getTime() + item.text,
      html: `<p class="${item.tone}"><time>${time(item.at, true)}</time><span>${esc(item.text)}</span></p>`,
    })));
  }
  const TONES = { done: "good", rejected: "bad", waiting: "wait", queued: "wait" };
  const BUTTONS = [
    ["ready", "Готов", "default"], ["price", "Цена доставки", ""], ["amount", "Сумма к получению", ""],
    ["assign", "Назначить курьера", ""], ["withdraw", "Снять готовность", ""], ["cancel", "Отменить доставку", ""],
  ];
  const buttons = BUTTONS.map(([key, name, look]) => `<button type="button" class="${look}" data-press="${key}">${name}</button>`).join("");

  const plain = (value) => esc(String(value ?? "").replace(/\.00$/, "").replace(".", ","));
  async function body(kind, order) {
    if (kind === "price" || kind === "amount") {
      const price = kind === "price";
      const value = await ask(price ? "Цена доставки" : "Сумма к получению", `Заказ ${order.number}, рублей`,
        `<input name="value" inputmode="decimal" autocomplete="off" value="${plain(price ? order.delivery_price : order.amount_due)}">`);
      return value === null ? null : { [price ? "delivery_price" : "amount_due"]: value.trim() };
    }
    if (kind === "assign") {
      const { couriers } = await get(`${API}/couriers`);
      const options = couriers.map((item) => `<option value="${item.ref}"${item.ref === order.courier_ref ? " selected" : ""}>${esc(item.name)} (${esc(item.division)})</option>`);
      const value = await ask("Назначить курьера", `Заказ ${order.number}`, `<select name="value">${options.join("")}</select>`, "Назначить");
      return value === null ? null : { courier: value };
    }
    if (kind === "withdraw" || kind === "cancel") {
      const value = await ask(kind === "cancel" ? "Отменить доставку" : "Снять готовность", `Заказ ${order.number}, причина (можно не писать)`, '<input name="value" autocomplete="off">', kind === "cancel" ? "Отменить доставку" : "Снять готовность");
      return value === null ? null : { reason: value };
    }
    return {};
  }
  async function press(kind, order) {
    const data = await body(kind, order);
    if (data === null) return;
    const title = BUTTONS.find(([key]) => key === kind)[1];
    busy(true);
    try {
      const answer = await post(`${API}/orders/${order.ref}/${kind}`, data);
      for (const one of [answer, answer.second].filter(Boolean)) {
        const tone = one.saved ? "wait" : TONES[one.command.status];
        say(`Заказ ${order.number}, «${title}»: ${one.text}`, tone);
      }
    } catch (error) {
      say(`Заказ ${order.number}, «${title}»: ${error.message}`, "bad");
    } finally {
      busy(false);
    }
  }
  let pressing = false;
  function busy(is) {
    pressing = is;
    document.querySelectorAll("[data-press]").forEach((button) => { button.disabled = is; });
  }

  // ---- list of orders
  async function ordersPage() {
    root.innerHTML = `${tabs}<div class="title"><h1>Заказы клиентов</h1><span class="muted" id="total"></span>
        <input type="search" id="search" placeholder="Поиск: номер, получатель" aria-label="Поиск заказа"></div>
      <div class="commandbar" role="toolbar" aria-label="Команды">${buttons}
        <button type="button" id="open">Открыть</button><button type="button" id="create">Создать заказы</button>
        <button type="button" id="day">Подготовить день курьеру</button></div>
      <div class="wrap"><table class="grid cards"><thead><tr><th>Номер</th><th>Дата</th><th>Сайт</th><th>Получатель</th><th>Адрес</th>
        <th class="num">Товары</th><th class="num">Доставка</th><th class="num">К получению</th><th>Курьер</th><th>Стадия</th><th>Обмен</th><th class="num">Док.</th></tr></thead>
        <tbody id="rows"></tbody></table><div id="loading">${skeleton}</div><p class="empty hidden" id="empty"></p></div>
      <section class="saying fixed"><h2>Сообщения</h2><div id="saying" role="status"></div></section>`;
    say("Выберите заказ в списке и нажмите «Готов»: ответ Посредника появится здесь.");
    let orders = [];
    let selected = sessionStorage.getItem("onec-order");
    const draw = () => {
      patch(at("rows"), orders.map((order) => ({ key: order.ref, html: row(order, order.ref === selected) })));
      at("loading").classList.add("hidden");
      at("empty").classList.toggle("hidden", orders.length > 0);
      at("empty").textContent = "Заказов нет. Измените поиск или нажмите «Создать заказы».";
    };
    const refresh = async () => {
      const found = await get(`${API}/orders?limit=100&q=${encodeURIComponent(at("search").value)}`);
      orders = found.orders;
      if (!orders.some((order) => order.ref === selected)) selected = orders[0]?.ref ?? null;
      at("total").textContent = found.total > orders.length ? `показано ${orders.length} из ${found.total}` : `всего ${found.total}`;
      draw();
    };
    const current = () => orders.find((order) => order.ref === selected);
    const choose = (ref) => { selected = ref; sessionStorage.setItem("onec-order", ref); draw(); };
    at("rows").addEventListener("click", (event) => { const line = event.target.closest("tr"); if (line) choose(line.dataset.key); });
    at("rows").addEventListener("dblclick", (event) => { const line = event.target.closest("tr"); if (line) location.href = `/onec/orders/${line.dataset.key}`; });
    at("rows").addEventListener("keydown", (event) => {
      const line = event.target.closest("tr");
      if (!line) return;
      const other = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling }[event.key];
      if (other) { event.preventDefault(); choose(other.dataset.key); at("rows").querySelector(`[data-key="${other.dataset.key}"]`).focus(); }
      if (event.key === "Enter") location.href = `/onec/orders/${line.dataset.key}`;
    });
    at("open").addEventListener("click", () => { if (selected) location.href = `/onec/orders/${selected}`; });
    at("create").addEventListener("click", async () => {
      const count = await ask("Создать заказы", "Сколько новых заказов", '<input type="number" name="value" min="1" max="1000" value="5">', "Создать");
      if (count === null) return;
      try {
        const made = await post(`${API}/orders`, { count: Number(count) });
        say(`Создано заказов: ${made.orders.length}`, "good");
        await refresh();
      } catch (error) { say(error.message, "bad"); }
    });
    at("day").addEventListener("click", async () => {
      const { couriers } = await get(`${API}/couriers`);
      const options = couriers.map((item) => `<option value="${esc(item.ref)}">${esc(item.name)} (${esc(item.division)})</option>`);
      const ref = await ask("Подготовить день курьеру: 6 заказов", "Курьер", `<select name="value">${options.join("")}</select>`, "Подготовить");
      if (ref === null) return;
      try {
        const made = await post(`${API}/couriers/${ref}/day`, { count: 6 });
        const name = couriers.find((item) => item.ref === ref).name;
        say(`${name}: создано и отмечено «Готов» заказов на сегодня: ${made.orders.length}`, "good");
        await refresh();
      } catch (error) { say(error.message, "bad"); }
    });
    at("search").addEventListener("input", () => refresh().catch(() => {}));
    wirePress(current, refresh);
    every(1500, refresh);
  }
  const WAITING = { queued: ["wait", "ждёт отправки"], waiting: ["wait", "ждёт заказ"], rejected: ["bad", "отказано"], done: ["good", "принято"] };
  function exchangeTag(order) {
    if (order.queued) return '<span class="tag wait">ждёт отправки</span>';
    if (order.unsent) return '<span class="tag wait">не отправлен</span>';
    const known = WAITING[order.last_status];
    return known ? `<span class="tag ${known[0]}">${known[1]}</span>` : '<span class="muted">передан</span>';
  }
  const short = (value) => `${String(value).slice(8, 10)}.${String(value).slice(5, 7)} ${time(value)}`;
  function row(order, chosen) {
    return `<tr tabindex="0" aria-selected="${chosen}"><td class="first once"><b>${esc(order.number)}</b></td>
      <td class="aside once">${short(order.date)}</td><td class="aside">${esc(order.site_number || "")}</td>
      <td class="full clip">${esc(order.recipient)}</td><td class="full clip long" title="${esc(order.address)}">${esc(order.address)}</td>
      <td class="num aside">${money(order.goods)}</td><td class="num aside">${money(order.delivery_price)}</td><td class="num top"><b>${money(order.amount_due)}</b></td>
      <td class="full once">${esc(order.courier || "")}</td><td>${order.stage ? stage(order.stage) : order.ready && order.last_status !== "rejected" ? '<span class="tag ready">Готов (отправляется)</span>' : ""}</td>
      <td>${exchangeTag(order)}</td><td class="num aside">${order.documents || ""}</td></tr>`;
  }
  function wirePress(current, refresh) {
    root.addEventListener("click", async (event) => {
      const kind = event.target.closest("[data-press]")?.dataset.press;
      const order = current();
      if (!kind || pressing) return;
      if (!order) { say("Сначала выберите заказ.", "bad"); return; }
      await press(kind, order);
      await refresh();
    });
  }

  // ---- order form
  async function orderPage() {
    const ref = location.pathname.split("/").pop();
    root.innerHTML = `${tabs}<div class="title"><a href="/onec/">‹ К списку</a><h1 id="name">Заказ клиента</h1><span id="stage"></span></div>
      <div class="commandbar" role="toolbar" aria-label="Команды">${buttons}</div>
      <section class="saying low"><h2>Ответ Посредника</h2><div id="saying" role="status"></div></section>
      <div id="form">${skeleton}</div>`;
    say("Нажмите кнопку: ответ появится здесь сразу. Если Посредник не ответит за 5 секунд, команда сохранится и уйдёт сама.");
    let order = null;
    const refresh = async () => {
      try {
        order = await get(`${API}/orders/${ref}`);
      } catch (error) {
        if (!order) fill(at("form"), `<p class="empty">${esc(error.message)}. <a href="/onec/">К списку заказов</a></p>`);
        throw error;
      }
      document.title = `Заказ ${order.number} · Песочница`;
      at("name").textContent = `Заказ клиента ${order.number} от ${day(order.date)}`;
      fill(at("stage"), order.stage ? stage(order.stage) : "");
      fill(at("form"), form(order));
    };
    wirePress(() => order, refresh);
    every(1500, refresh);
  }
  const field = (name, value, wide) => value || value === 0 ? `<div${wide ? ' class="wide"' : ""}><dt>${name}</dt><dd>${value}</dd></div>` : "";
  function address(place) {
    const parts = [["подъезд", place.entrance], ["этаж", place.floor], ["кв.", place.flat], ["домофон", place.intercom]];
    return `${esc(place.text)}<br><span class="muted">${parts.filter(([, value]) => value).map(([name, value]) => `${name} ${esc(value)}`).join(" · ")}</span>`;
  }
  const METHODS = { cash: "наличные", card: "карта", transfer: "перевод", prepaid: "оплачен заранее" };
  const table = (heads, rows, none) => rows.length
    ? `<div class="side-scroll"><table class="grid"><thead><tr>${heads.map((head) => `<th${head.startsWith("#") ? ' class="num"' : ""}>${head.replace("#", "")}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`
    : `<p class="empty">${none}</p>`;
  function form(order) {
    const data = order.data;
    const window_ = data.window ? `${day(data.window.from)}, ${time(data.window.from)}–${time(data.window.to)}` : "";
    return `<dl class="form">
      ${field("Получатель", `${esc(data.recipient.name)}<br><span class="muted">${esc(data.recipient.phone || "")}</span>`)}
      ${field("К получению", `<b>${money(order.amount_due)}</b>`)}
      ${field("Адрес", address(data.address))}${field("Цена доставки", money(order.delivery_price))}
      ${field("Время", window_)}${field("Предоплата", Number(data.prepaid) ? money(data.prepaid) : "нет")}
      ${field("Контрагент", esc(order.counterparty || ""))}${field("Оплата", `${METHODS[data.payment_method] || esc(data.payment_method || "")}${data.receipt ? ", нужен чек" : ""}`)}
      ${field("Подразделение", esc(order.division))}${field("Курьер", esc(order.courier || "не назначен"))}
      ${field("Склад", esc(order.warehouse || ""))}${field("Заказ на сайте", esc(order.site_number || "нет"))}
      ${field("Статус в 1С", esc(data.status || ""))}${field("Обмен", exchangeTag(order))}
      ${field("Комментарий", esc(data.comment || ""), true)}</dl>
      <div class="section"><h2>Товары</h2></div>${table(["№", "Код", "Номенклатура", "#Количество", "#Цена", "#Сумма"], order.lines.map((line) =>
        `<tr><td>${esc(line.line)}</td><td>${esc(line.code)}</td><td>${esc(line.name)}</td><td class="num">${Number(line.quantity).toLocaleString("ru-RU", { maximumFractionDigits: 3 })} ${esc(line.unit)}</td><td class="num">${money(line.price)}</td><td class="num">${money(line.sum)}</td></tr>`), "В заказе нет товаров.")}
      <div class="section"><h2>Команды и ответы</h2></div>${table(["Время", "Команда", "Ответ Посредника", "Как отправлена"], order.commands.map(commandRow), "Команд ещё не было.")}
      <div class="section"><h2>События доставки</h2></div>${table(["Получено", "Событие", "Кто", "#Версия"], order.events.map((event) =>
        `<tr><td>${time(event.applied_at, true)}</td><td>${esc(event.title)}${event.in_order ? "" : ' <span class="tag wait">позже более нового</span>'}</td><td>${esc(event.actor || "")}</td><td class="num">${event.version}</td></tr>`), "Событий ещё не было: они придут, когда курьер начнёт доставку.")}
      <div class="section"><h2>Созданные документы</h2></div>${table(["Документ", "Номер", "#Сумма", "Создан"], order.papers.map(paperRow), "Документы появятся сами, когда заказ отдадут.")}`;
  }
  const VIA = { button: "кнопкой", message: "в сообщении обмена", event: "ответ пришёл событием" };
  function commandRow(command) {
    const known = WAITING[command.status];
    return `<tr><td>${time(command.issued_at, true)}</td><td>${esc(command.title)}${detail(command.data)}</td><td><span class="tag ${known[0]}">${known[1]}</span> ${esc(command.status === "queued" || command.text === known[1] ? "" : command.text)}</td><td>${esc(VIA[command.via] || "")}</td></tr>`;
  }
  function detail(data) {
    const value = data?.delivery_price ?? data?.amount_due;
    if (value) return ` <span class="muted">${money(value)}</span>`;
    return data?.reason ? ` <span class="muted">${esc(data.reason)}</span>` : "";
  }
  const paperRow = (paper) => `<tr><td>${esc(paper.title)}${paper.posted ? "" : ` ${HOLDS(paper)}`}</td><td>${esc(paper.number)}</td><td class="num">${money(paper.sum)}</td><td>${time(paper.created_at, true)}</td></tr>`;

  // ---- documents
  const HOLDS = (paper) => paper.deleted ? '<span class="tag bad">помечен на удаление</span>' : paper.posted ? '<span class="tag good">проведён</span>' : '<span class="tag wait">не проведён</span>';
  function byHand(paper) {
    if (paper.kind !== "transfer") return "";
    const act = (action, name) => `<button type="button" data-paper="${esc(paper.ref)}" data-do="${action}">${name}</button>`;
    return paper.posted ? act("unpost", "Отменить проведение") + act("delete", "Пометить на удаление") : act("post", "Провести");
  }
  function documentRow(paper) {
    const about = paper.order_number ? `<a href="/onec/orders/${esc(paper.order_ref)}">${esc(paper.order_number)}</a> ${esc(paper.recipient || "")}` : esc(paper.about || "");
    return `<tr><td>${esc(paper.title)}</td><td class="once">${esc(paper.number)}</td><td class="once">${short(paper.date)}</td><td>${about}</td><td>${esc(paper.courier || "")}</td><td class="num">${money(paper.sum)}</td><td>${HOLDS(paper)}${paper.accepted ? ` <span class="tag good">принят по счёту ${short(paper.accepted)}</span>` : ""}</td><td class="acts">${byHand(paper)}</td></tr>`;
  }
  async function documentsPage() {
    root.innerHTML = `${tabs}<div class="title"><h1>Документы</h1><label class="muted">Вид <select id="kind"><option value="">все</option></select></label></div>
      <section class="saying low"><h2>Сообщения</h2><div id="saying" role="status"></div></section><div id="papers">${skeleton}</div>`;
    say("Перемещение можно отменить, пометить на удаление и провести снова. Остальное 1С ведёт по событиям сама.");
    const refresh = async () => {
      const { documents } = await get(`${API}/documents`);
      const kinds = [...new Map(documents.map((paper) => [paper.kind, paper.title]))].sort((one, other) => one[1].localeCompare(other[1], "ru"));
      const chosen = at("kind").value;
      fill(at("kind"), `<option value="">все</option>${kinds.map(([kind, title]) => `<option value="${esc(kind)}">${esc(title)}</option>`).join("")}`);
      at("kind").value = kinds.some(([kind]) => kind === chosen) ? chosen : "";
      const shown = documents.filter((paper) => !at("kind").value || paper.kind === at("kind").value);
      fill(at("papers"), table(["Документ", "Номер", "Дата", "О чём", "Курьер", "#Сумма", "Состояние", ""], shown.map(documentRow),
        "Документов пока нет. 1С создаст их сама, когда Посредник сообщит о доставке, продаже или деньгах."));
    };
    at("kind").addEventListener("change", () => refresh().catch(() => {}));
    root.addEventListener("click", async (event) => {
      const { paper, do: action } = event.target.dataset;
      if (!paper) return;
      try {
        const row = await post(`${API}/documents/${paper}/${action}`);
        say(`Перемещение ${row.number}: ${row.deleted ? "помечено на удаление" : row.posted ? "проведено" : "проведение отменено"}. Посредник узнает со следующим сообщением.`, "good");
      } catch (error) { say(error.message, "bad"); }
      await refresh();
    });
    every(2000, refresh);
  }

  // ---- backpacks
  const amount = (value) => Number(value).toLocaleString("ru-RU", { maximumFractionDigits: 3 });
  const goodsTable = (side, goods) => table(["Номенклатура", "#Остаток", "#Взять"], goods.map((line) =>
    `<tr><td>${esc(line.name)} <small>${esc(line.code)}</small></td><td class="num"><span data-left="${side}:${esc(line.product)}:${esc(line.characteristic || "")}"></span> ${esc(line.unit)}</td>
      <td class="num"><input class="count" inputmode="decimal" autocomplete="off" data-side="${side}" data-product="${esc(line.product)}" data-characteristic="${esc(line.characteristic || "")}" aria-label="Взять: ${esc(line.name)}"></td></tr>`),
    side === "bag" ? "В рюкзаке пусто." : "На складе пусто.");
  async function backpacksPage() {
    root.innerHTML = `${tabs}<div class="title"><h1>Рюкзаки курьеров</h1><label class="muted">Курьер <select id="courier"></select></label><label class="muted">Склад <select id="warehouse"></select></label></div>
      <div class="commandbar" role="toolbar" aria-label="Команды"><button type="button" class="default" data-move="load">Положить в рюкзак</button><button type="button" data-move="unload">Забрать из рюкзака</button></div>
      <section class="saying low"><h2>Ответ Посредника</h2><div id="saying" role="status"></div></section>
      <div class="bags"><section><div class="section"><h2>На складе</h2></div><div id="stock">${skeleton}</div></section><section><div class="section"><h2>В рюкзаке</h2></div><div id="bag">${skeleton}</div></section></div>
      <div class="section"><h2>Команды и ответы</h2></div><div id="commands"></div>`;
    say("Впишите количество: в списке «На складе», чтобы положить в рюкзак, в списке «В рюкзаке», чтобы забрать.");
    let state = { couriers: [], warehouses: [], commands: [] };
    const one = (list, id) => list.find((item) => item.ref === at(id).value);
    const draw = () => {
      for (const [side, id, item] of [["stock", "stock", one(state.warehouses, "warehouse")], ["bag", "bag", one(state.couriers, "courier")]]) {
        const goods = item?.goods || [];
        fill(at(id), goodsTable(side, goods));
        for (const line of goods) at(id).querySelector(`[data-left="${side}:${line.product}:${line.characteristic || ""}"]`).textContent = amount(line.quantity);
      }
      fill(at("commands"), table(["Время", "Команда", "Документ", "Ответ Посредника"], state.commands.map((command) => {
        const known = WAITING[command.status];
        return `<tr><td>${time(command.issued_at, true)}</td><td>${esc(command.title)}</td><td>${esc(command.order_number || "")}</td><td><span class="tag ${known[0]}">${known[1]}</span> ${esc(command.status === "queued" || command.text === known[1] ? "" : command.text)}</td></tr>`;
      }), "Команд ещё не было."));
    };
    const ownWarehouse = () => {
      const near = state.warehouses.find((item) => item.division === one(state.couriers, "courier")?.division);
      if (near) at("warehouse").value = near.ref;
    };
    const refresh = async () => {
      const first = !state.couriers.length;
      state = await get(`${API}/backpacks`);
      fill(at("courier"), state.couriers.map((item) => `<option value="${esc(item.ref)}">${esc(item.name)} (${esc(item.division)})</option>`).join(""));
      fill(at("warehouse"), state.warehouses.map((item) => `<option value="${esc(item.ref)}">${esc(item.name)}</option>`).join(""));
      if (first) ownWarehouse();
      draw();
    };
    at("courier").addEventListener("change", () => { ownWarehouse(); draw(); });
    at("warehouse").addEventListener("change", draw);
    root.addEventListener("click", async (event) => {
      const action = event.target.closest("[data-move]")?.dataset.move;
      if (!action) return;
      const inputs = [...at(action === "load" ? "stock" : "bag").querySelectorAll("input.count")].filter((input) => input.value.trim());
      const title = event.target.textContent;
      if (!inputs.length) { say(`«${title}»: впишите количество хотя бы одного товара ${action === "load" ? "со склада" : "из рюкзака"}.`, "bad"); return; }
      const lines = inputs.map((input) => ({ product: input.dataset.product, quantity: input.value.trim(), ...(input.dataset.characteristic ? { characteristic: input.dataset.characteristic } : {}) }));
      const courier = one(state.couriers, "courier");
      root.querySelectorAll("[data-move]").forEach((button) => { button.disabled = true; });
      try {
        const done = await post(`${API}/couriers/${courier.ref}/backpack`, { action, warehouse: at("warehouse").value, lines });
        for (const answer of [done, done.second].filter(Boolean)) say(`${courier.name}, «${title}», перемещение ${done.document.number}: ${answer.text}`, answer.saved ? "wait" : TONES[answer.command.status]);
        inputs.forEach((input) => { input.value = ""; });
      } catch (error) { say(`«${title}»: ${error.message}`, "bad"); } finally {
        root.querySelectorAll("[data-move]").forEach((button) => { button.disabled = false; });
      }
      await refresh();
    });
    every(2000, refresh);
  }

  // ---- exchange
  const KINDS = { division: "подразделения", product: "номенклатура", counterparty: "контрагенты", warehouse: "склады", courier: "курьеры", price: "цены", stock: "остатки", order: "заказы", transfer: "перемещения", shipment: "реализации", cash_receipt: "ПКО", return: "возвраты" };
  const STATES = { waiting: ["wait", "ждёт ответа"], sent: ["good", "принято"], dropped: ["", "не понадобилось"] };
  async function exchangePage() {
    root.innerHTML = `${tabs}<div class="title"><h1>Обмен с Посредником</h1></div>
      <div class="commandbar" role="toolbar" aria-label="Команды"><button type="button" class="default" data-act="flush">Отправить сейчас</button>
        <button type="button" data-act="register_all">Зарегистрировать всё</button><button type="button" data-act="new_epoch">Начать новую эпоху</button>
        <button type="button" data-act="snapshot">Сделать копию базы</button><button type="button" data-act="restore">Восстановить из копии</button></div>
      <section class="saying low"><h2>Сообщения</h2><div id="saying" role="status"></div></section><div id="state">${skeleton}</div>`;
    const refresh = async () => {
      const [state, exchange, events] = await Promise.all([get(`${API}/state?brief=1`), get(`${API}/exchange`), get(`${API}/events?limit=40`)]);
      fill(at("state"), stateHtml(state, exchange, events.events));
    };
    root.addEventListener("click", async (event) => {
      const action = event.target.closest("[data-act]")?.dataset.act;
      if (!action) return;
      const options = { action };
      if (action === "restore") {
        const mode = await ask("Восстановить базу из копии", "Что делать с номерами сообщений", RESTORE, "Восстановить");
        if (mode === null) return;
        options.mode = mode;
      }
      if (action === "new_epoch" && await ask("Начать новую эпоху", "Причина", '<input name="value" value="restore">', "Начать") === null) return;
      try { const done = await post(`${API}/exchange`, options); say(done.text, !done.status || done.status === 200 ? "good" : "bad"); } catch (error) { say(error.message, "bad"); }
      await refresh();
    });
    every(1500, refresh);
  }
  const RESTORE = '<select name="value"><option value="ask">спросить Посредника и продолжить с его номера</option><option value="same_epoch">ничего не говорить: та же эпоха, номера заново</option><option value="new_epoch">начать новую эпоху</option></select>';
  const tile = (value, name, tone = "") => `<div class="tile ${tone}"><b>${value}</b><span>${name}</span></div>`;
  function stateHtml(state, exchange, events) {
    const stopped = state.stopped ? `<p class="note bad">Обмен остановлен. ${esc(state.stopped)} Исправьте причину и нажмите «Отправить сейчас».</p>` : "";
    const trouble = !stopped && state.last_error ? `<p class="note wait">Последняя ошибка: ${esc(state.last_error)}. 1С повторяет сама, то же сообщение под тем же номером.</p>` : "";
    const off = state.online ? "" : '<p class="note bad">База выключена переключателем песочницы: ничего не отправляется и не принимается.</p>';
    const quiet = stopped || trouble || off ? "" : '<p class="note good">Всё в порядке.</p>';
    const queue = [`объектов ${state.queue.objects}`, `команд ${state.queue.commands}`].join(", ");
    return `${off}${stopped}${trouble}${quiet}<div class="tiles">
      ${tile(state.queue_length, `в очереди: ${queue}`)}${tile(state.oldest_unsent ? ago(state.oldest_unsent) : "нет", "ждёт самое старое")}
      ${tile(`№ ${state.last_number}`, "последнее сообщение")}${tile(state.applied_count, "событий принято")}
      ${tile(state.duplicates, "повторов учтено один раз")}${tile(state.out_of_order, "событий не по порядку", state.out_of_order ? "bad" : "")}
      ${tile(state.commands_waiting, "команд ждут заказа")}${tile(state.quarantined.length, "в карантине у Посредника", state.quarantined.length ? "bad" : "")}</div>
      <div class="tiles">${tile(esc(state.epoch), "эпоха", "small")}${tile(esc(state.instance), "экземпляр базы", "small")}${tile(esc(state.base), "база", "small")}
      ${tile(state.gaps.length ? esc(state.gaps.slice(0, 8).join(", ")) : "нет", "пропуски в номерах событий", "small")}</div>
      ${exchange.dirty.length ? `<div class="section"><h2>Изменено и не отправлено</h2></div><p class="section">${exchange.dirty.map((item) => `${KINDS[item.kind] || esc(item.kind)}: ${item.count}`).join(" · ")}</p>` : ""}
      ${exchange.queued.length ? `<div class="section"><h2>Команды в очереди</h2></div>${table(["Время", "Команда", "Заказ"], exchange.queued.map((command) => `<tr><td>${time(command.issued_at, true)}</td><td>${esc(command.title)}</td><td>${esc(command.order_number || "")}</td></tr>`), "")}` : ""}
      ${state.quarantined.length ? `<div class="section"><h2>Карантин</h2></div>${table(["Сообщение", "Объект", "Причина"], state.quarantined.map((item) => `<tr><td>№ ${item.number}</td><td>${esc(KINDS[item.kind] || item.kind)} ${esc(item.ref)}</td><td>${esc(item.message || item.code)}</td></tr>`), "")}` : ""}
      <div class="section"><h2>Сообщения Посреднику</h2></div>${table(["Номер", "Создано", "#Объектов", "#Команд", "#Размер", "#Попыток", "Состояние"], exchange.messages.map(messageRow), "Сообщений ещё не было.")}
      <div class="section"><h2>События от Посредника</h2></div>${table(["Номер", "Получено", "Событие", "Заказ", "#Версия", "#Приходило", "Подтверждено"], events.map((event) =>
        `<tr><td>${event.number}</td><td>${time(event.applied_at, true)}</td><td>${esc(event.title)}</td><td>${esc(event.order_number || "")}</td><td class="num">${event.version}</td><td class="num">${event.seen}</td><td>${event.acked_at ? time(event.acked_at, true) : "нет"}</td></tr>`), "Событий ещё не было.")}`;
  }
  function messageRow(message) {
    const [tone, name] = STATES[message.state];
    const more = [message.status === "duplicate" ? "ответ «уже было»" : "", message.last_error || "", message.gap.length ? `пропуск: ${message.gap.join(", ")}` : "", message.quarantined.length ? `карантин: ${message.quarantined.length}` : ""].filter(Boolean).join("; ");
    return `<tr><td>№ ${message.number}</td><td>${time(message.created_at, true)}</td><td class="num">${message.objects}</td><td class="num">${message.commands}</td><td class="num">${(message.size / 1024).toFixed(1).replace(".", ",")} КБ</td><td class="num">${message.attempts}</td><td><span class="tag ${tone}">${name}</span> ${esc(more)}</td></tr>`;
  }

  // ---- drawer
  const counted = (name, text) => `<label>${text} <input type="number" min="0" name="${name}"></label>`;
  const check = (name, text) => `<label class="check"><input type="checkbox" name="${name}"> ${text}</label>`;
  const drill = (action, text) => `<button type="button" data-drill="${action}">${text}</button>`;
  drawer(`<fieldset><legend>Отправка</legend>${counted("fail_writes", "Запись сорвётся, раз")}${counted("lose_answers", "Потерять ответ на сообщение, раз")}
      ${counted("lose_command_answers", "Потерять ответ на кнопку, раз")}${check("hold_sender", "Задание отправки не запускается")}${check("double_press", "Каждая кнопка нажимается дважды")}
      ${check("odd_values", "Числа с запятой, «Да»/«Нет», пустые ссылки")}${check("bom", "BOM в начале сообщения")}</fieldset>
    <fieldset><legend>Приём событий</legend>${counted("crash_before_ack", "Упасть до подтверждения, раз")}
      <label>Отвергать события <select name="reject_type"><option value="">никакие</option><option value="*">любые</option><option value="delivery.picked_up">«Забрал»</option>
      <option value="delivery.departed">«В пути»</option><option value="delivery.handed_over">«Отдал»</option><option value="sale.made">продажи</option><option value="backpack.accepted">приёмку рюкзака</option>
      <option value="backpack.counted">пересчёт рюкзака</option><option value="cash.handed_in">сдачу денег</option></select></label>${check("control_stock", "Не проводить в минус по остаткам")}${check("reject_retry", "и просить прислать ещё раз")}
      <label>Задержка перед проведением, с <input type="number" min="0" step="0.5" name="slow_apply_s"></label>${check("send_documents", "Отправлять созданные документы обратно")}
      ${counted("push_faults", "Отказать присланному, раз")}<label>с ответом <select name="push_status"><option value="503">503 нет лицензии</option><option value="423">423 объект заблокирован</option>
      <option value="500">500 страница с ошибкой</option><option value="422">422 противоречит учёту</option><option value="409">409 было другим</option><option value="401">401</option><option value="403">403</option><option value="404">404 не опубликован</option></select></label>
      <label>Задержка ответа на присланное, с <input type="number" min="0" step="0.5" name="push_slow_s"></label></fieldset>
    <fieldset><legend>Обмен с сайтом</legend><label>Переписывать заказ каждые, с (0 = нет) <input type="number" min="0" step="0.5" name="site_exchange_s"></label>
      ${check("skip_loading", "Очередь не видит записей с Загрузка = Истина")}<div class="row">${drill("site_exchange", "Переписать один заказ")}</div></fieldset>
    <fieldset data-of="odata"><legend>OData</legend>${check("published", "Опубликован")}${check("composition", "Состав задан")}${counted("fail_next", "Ошибка 500, раз")}
      <label>Вид ошибки <select name="error_form"><option value="xml">XML</option><option value="json">JSON</option><option value="html">страница</option></select></label>
      ${counted("busy_next", "503, раз")}${counted("timeout_next", "504, раз")}${counted("cut_next", "Оборвать ответ, раз")}${counted("sessions", "Лицензий (0 = сколько угодно)")}
      ${counted("shifting", "Сдвигать страницы на каждом N-м запросе (0 = нет)")}${check("unstable_order", "Порядок по Ref_Key случайный")}${check("dates_refused", "Отбор по дате не работает")}
      <label>Задержка, с <input type="number" min="0" step="0.1" name="latency_s"></label></fieldset>
    <fieldset><legend>Учения</legend><div class="row">${drill("replay", "Повторить последнее")}${drill("twin", "Два отправителя разом")}${drill("conflict", "Тот же номер, другое содержимое")}${drill("gap", "Потерять номер")}
      ${drill("out_of_order", "Номер раньше срока")}${drill("other_instance", "Отправить из копии базы")}
      ${drill("digest", "Сверить срезы")}${drill("noise", "Правки задним числом")}<button type="button" data-dirty="1000">1000 грязных объектов</button></div></fieldset>`, async (side, tell) => {
    const address = (input) => `${API}/${input.closest("[data-of]")?.dataset.of || "switches"}`;
    const show = (of, switches) => side.querySelectorAll("[name]").forEach((input) => {
      if (address(input) !== of) return;
      if (input.type === "checkbox") input.checked = switches[input.name]; else input.value = switches[input.name];
    });
    const value = (input) => input.type === "checkbox" ? input.checked : input.type === "number" || input.name === "push_status" ? Number(input.value) : input.value;
    for (const of of [`${API}/switches`, `${API}/odata`]) show(of, await get(of));
    side.addEventListener("change", async (event) => {
      if (!event.target.name) return;
      const of = address(event.target);
      try { show(of, await post(of, { [event.target.name]: value(event.target) })); tell("Применено"); } catch (error) { tell(error.message); }
    });
    side.addEventListener("click", async (event) => {
      const { drill: action, dirty } = event.target.dataset;
      if (dirty) {
        try {
          const made = await post(`${API}/dirty`, { count: Number(dirty), seed: Date.now() % 100000 });
          tell(`Записано объектов: ${dirty}. Должно приняться: ${made.fates.applied || 0}, ждать: ${made.fates.waiting || 0}, остальное в карантин.`);
        } catch (error) { tell(error.message); }
      }
      if (!action) return;
      try { tell((await post(`${API}/exchange`, { action })).text); } catch (error) { tell(error.message); }
    });
  });

  ({ orders: ordersPage, order: orderPage, backpacks: backpacksPage, documents: documentsPage, exchange: exchangePage })[which]();
  root.querySelector(".tabs [aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
})();
