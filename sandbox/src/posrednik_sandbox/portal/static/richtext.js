// BB-code of tasks, chats and notices as elements: never as markup of the page.

import { h } from "./dom.js";
import { me } from "./me.js";

const TOKENS = /\[(\/?)(b|i|u|s|url|user|list|\*|quote|code|p|color|size)(?:=([^\]]*))?\]|https?:\/\/[^\s[\]<>"]+/gi;
// Sizes of letters from here on are drawn larger than the rest.
const LARGE = 16;
const TAGS = { b: "strong", i: "em", u: "u", s: "s" };

/** Nodes of `text`; `portal` is where links without a host lead, `who` whoever follows them. */
export function rich(text, portal = "", who = me()) {
  const place = { portal, who };
  const stack = [{ tag: "", arg: "", nodes: [] }];
  const put = (node) => { if (node !== "") stack.at(-1).nodes.push(node); };
  const say = (words) => put(afterList(stack) ? words.replace(/^\n/, "") : words);
  let from = 0;
  for (const token of text.matchAll(TOKENS)) {
    say(text.slice(from, token.index));
    from = token.index + token[0].length;
    if (token[2] === undefined) put(inUrl(stack) ? token[0] : link(token[0], [token[0]], place));
    else if (token[2] === "*") item(stack, place);
    else if (token[1]) close(stack, token[2].toLowerCase(), place);
    else stack.push({ tag: token[2].toLowerCase(), arg: token[3] || "", nodes: [] });
  }
  say(text.slice(from));
  unwind(stack, 0, place);
  return stack[0].nodes;
}

/** The list is a block: the line break after it would be an empty line. */
function afterList(stack) {
  return ["UL", "OL"].includes(stack.at(-1).nodes.at(-1)?.tagName);
}

/** Gives up what is open above `at`: its nodes stay, its mark does not. Lists and their items end there. */
function unwind(stack, at, place) {
  while (stack.length - 1 > at) {
    const { tag, arg, nodes } = stack.pop();
    stack.at(-1).nodes.push(...(["*", "list"].includes(tag) ? wrapped(tag, arg, nodes, place) : nodes));
  }
}

/** Begins an item of the list that is open, and ends the one before; without a list it is a bullet. */
function item(stack, place) {
  const list = stack.findLastIndex((entry) => entry.tag === "list");
  if (list < 1) return void stack.at(-1).nodes.push("• ");
  unwind(stack, list, place);
  stack.push({ tag: "*", arg: "", nodes: [] });
}

function inUrl(stack) {
  return stack.some((entry) => entry.tag === "url");
}

/** Wraps what stands since the opening mark; a closing mark without one is left out. */
function close(stack, tag, place) {
  const at = stack.findLastIndex((entry) => entry.tag === tag);
  if (at < 1) return;
  unwind(stack, at, place);
  const { arg, nodes } = stack.pop();
  stack.at(-1).nodes.push(...wrapped(tag, arg, nodes, place));
}

function wrapped(tag, arg, nodes, place) {
  if (TAGS[tag]) return [h(TAGS[tag], {}, nodes)];
  if (tag === "url") return [link(arg || nodes.map((node) => node.textContent ?? node).join(""), nodes, place)];
  if (tag === "*") return [h("li", {}, trimmed(nodes))];
  if (tag === "list") return listed(arg, nodes);
  if (tag === "size" && Number(arg) >= LARGE) return [h("span", { className: "large" }, nodes)];
  if (tag === "quote") return [h("blockquote", {}, nodes)];
  return tag === "user" ? [h("span", { className: "mention" }, nodes)] : nodes;
}

/** What stands before the first item is no part of the list. */
function listed(kind, nodes) {
  const items = nodes.filter((node) => node.tagName === "LI");
  const rest = nodes.filter((node) => !items.includes(node) && (node.textContent ?? node).trim());
  return items.length ? [...rest, h(kind ? "ol" : "ul", {}, items)] : rest;
}

function trimmed(nodes) {
  const last = nodes.at(-1);
  return typeof last === "string" ? [...nodes.slice(0, -1), last.trimEnd()] : nodes;
}

function link(target, nodes, place) {
  const href = address(target.trim(), place);
  return href ? h("a", { href, target: "_blank", rel: "noopener" }, nodes) : h("span", {}, nodes);
}

/** http, https, tel, and addresses of the portal itself, which ask who is there. */
function address(target, { portal, who }) {
  if (/^(https?:\/\/|tel:)/i.test(target)) return target;
  if (!target.startsWith("/") || target.startsWith("//")) return "";
  const found = new URL(target, portal || location.origin);
  if (found.pathname.startsWith("/marketplace/")) found.searchParams.set("user", who);
  return found.href;
}
