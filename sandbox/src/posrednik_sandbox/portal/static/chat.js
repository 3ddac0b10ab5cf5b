// The general chat: asks the portal now and then and draws its last lines, newest first.

import { ask, h } from "./dom.js";
import { drawMe } from "./me.js";
import { drawMenu } from "./menu.js";

const PAUSE_MS = 2000;

/** Bitrix24's own marks: only [B] is drawn, by its text. */
const plain = (text) => text.replace(/\[\/?B\]/g, "");

async function poll() {
  if (!document.hidden) {
    const { lines } = await ask("chat").catch(() => ({ lines: null }));
    if (lines) {
      document.getElementById("none").hidden = lines.length > 0;
      document.getElementById("lines").replaceChildren(...lines.map((line) => h("li", {},
        h("strong", {}, line.author), ` ${new Date(line.at).toLocaleString("ru")}`, h("pre", {}, plain(line.text)))));
    }
  }
  setTimeout(poll, PAUSE_MS);
}

drawMenu("chat");
drawMe();
poll();
