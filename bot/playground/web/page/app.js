// Puts the page together: keeps what the server told, draws it, and does what a person wants.

import { Composer } from "./composer.js";
import { flattened } from "./commands.js";
import { Connection } from "./connection.js";
import { el } from "./dom.js";
import { showForm } from "./form.js";
import { avatar, message } from "./message.js";
import { drawSide } from "./side.js";

const NEAR_END = 120; // pixels from the end within which the page follows what grows
const JOINED_SECONDS = 7 * 60;
const INVITING = 6;
const at = (id) => document.getElementById(id);

const messages = new Map();
let place = { commands: [], names: {}, channels: [], people: [] };
let asked = [];
let sending = [];
let sendings = 0;

const composer = new Composer(at("composer"), { place: () => place, send: sendFromBox, suggest: (action) => line.ask(action) });
const line = new Connection(told, (open) => status(open ? "" : "Reconnecting…"));
at("scroll").addEventListener("load", () => following && toEnd(), true); // pictures that came late
at("menu").addEventListener("click", () => sideOpen(!document.body.classList.contains("side-open")));
at("scroll").addEventListener("scroll", () => { following = nearEnd(); }, { passive: true });
document.addEventListener("keydown", backToBox);
let following = true;
new ResizeObserver(() => following && toEnd()).observe(at("scroll"));

// What the server tells.

function told(news) {
  if (news.kind === "state") messages.clear();
  for (const shown of news.messages ?? []) messages.set(shown.id, shown);
  for (const id of news.gone ?? []) messages.delete(id);
  asked = news.asked ?? asked;
  const follow = following;
  if (news.around) around(news.around, news.kind === "state");
  if (news.kind === "state") at("messages").replaceChildren();
  drawMessages(new Set((news.messages ?? []).map((shown) => shown.id)));
  if (follow || news.kind === "state") toEnd();
}

function around(now, fresh) {
  place = now;
  const direct = place.channel.kind === "direct";
  place.title = direct ? `@${place.bot.name}` : `${place.channel.kind === "group" ? "" : "#"}${place.channel.name}`;
  at("place").textContent = place.title;
  at("topic").textContent = direct ? "Only you and the bot" : place.guild ?? "";
  document.title = `${place.title} · the playground`;
  status(place.bot.ready ? "" : `${place.bot.name} is logging in…`);
  drawSide(at("side"), place, go);
  drawWelcome();
  if (fresh && !composer.command && !composer.words.value) composer.plain();
}

function status(text) {
  at("status").textContent = text;
  document.body.classList.toggle("away", Boolean(text));
}

// Drawing.

function drawMessages(changed) {
  const list = at("messages");
  const ordered = [...messages.values()].sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1));
  const kept = new Map([...list.children].map((item) => [item.id, item]));
  const items = ordered.map((shown, index) => {
    const about = { joined: isJoined(ordered[index - 1], shown), failed: failureAt(shown.id), reply: repliedTo(shown) };
    const key = JSON.stringify(about);
    const old = kept.get(`m${shown.id}`);
    if (old && old.dataset.key === key && !changed.has(shown.id)) return old;
    const item = message(shown, place, about, (action, element) => act({ message: shown.id, ...action }, element));
    item.dataset.key = key;
    if (old) item.classList.add("redrawn");
    return item;
  });
  arrange(list, [...items, ...asked.filter((one) => !one.message && one.failed).map(drawFailed), ...sending.map(drawSending)]);
  at("welcome").hidden = items.length > 0;
}

/** Put items in their order, touching only what changed, so that focus and selections stay. */
function arrange(list, items) {
  const focus = document.activeElement?.closest?.("#messages") ? focused() : null;
  for (const old of [...list.children]) if (!items.includes(old)) old.remove();
  items.forEach((item, index) => list.children[index] !== item && list.insertBefore(item, list.children[index] ?? null));
  if (focus && !document.contains(focus.element)) at(focus.id)?.querySelector(focus.selector)?.focus({ preventScroll: true });
}

function focused() {
  const element = document.activeElement;
  const control = element.dataset.control;
  return { element, id: element.closest("li[id]")?.id, selector: control ? `[data-control="${CSS.escape(control)}"]` : "button, a" };
}

function isJoined(before, shown) {
  return Boolean(before) && before.author.id === shown.author.id && !shown.asked && !shown.reply_to && !before.ephemeral
    && !shown.ephemeral && shown.at - before.at < JOINED_SECONDS;
}

/** Give whom a message replies to, and the first words of that message. */
function repliedTo(shown) {
  if (!shown.reply_to) return null;
  const before = messages.get(shown.reply_to);
  if (!before) return { name: "", words: "A message that is not here any more" };
  const words = [before.content, ...before.embeds.map((embed) => embed.title || embed.description || "")].find(Boolean) ?? "";
  return { name: before.author.name, words: words.replace(/[*_~|`\\]/g, "").slice(0, 90) };
}

function failureAt(id) {
  return asked.find((one) => one.message === id && one.failed)?.failed ?? null;
}

function drawFailed(one) {
  const dismiss = () => {
    asked = asked.filter((other) => other !== one);
    drawMessages(new Set());
    line.ask({ do: "dismiss", what: one.id });
  };
  return el("li", { class: "message ephemeral answer", id: `a${one.id}` }, avatar(place.bot.name ? { bot: true, name: "" } : {}),
    el("div", { class: "inside" },
      el("p", { class: "asked" }, el("strong", {}, place.me.name), " used ", el("span", { class: "mention" }, `/${one.name}`)),
      el("p", { class: "failed", role: "alert" }, one.failed),
      el("p", { class: "only" }, "👁 Only you can see this · ", el("button", { class: "plain inline", type: "button", onclick: dismiss }, "Dismiss message"))));
}

function drawSending(one) {
  return el("li", { class: "message sending", id: `s${one.number}` }, avatar(place.me), el("div", { class: "inside" },
    el("p", { class: "thinking" }, `Sending /${one.name}…`)));
}

function drawWelcome() {
  const commands = flattened(place.commands);
  const inviting = [...commands].sort((one, other) => weight(other) - weight(one)).slice(0, INVITING);
  at("welcome").replaceChildren(
    el("img", { src: "page/icon.svg", alt: "" }),
    el("h2", {}, place.channel.kind === "direct" ? place.bot.name : `Welcome to ${place.title}!`),
    el("p", {}, `${place.bot.name} is here. Pick a command, or type / in the box below.`),
    el("ul", {}, inviting.map((command) => el("li", {}, el("button", { type: "button", class: "card", onclick: () => composer.choose(command) },
      el("strong", {}, `/${command.name}`), el("span", {}, command.description))))));
}

/** Commands that take much are what a newcomer wants; those of a group come later, and those for few last. */
function weight(command) {
  return (command.guarded ? -100 : 0) + (command.name.includes(" ") ? 0 : 10) + (command.options.some((option) => option.choices) ? 5 : 0)
    + Math.min(command.options.length, 9);
}

function nearEnd() {
  const box = at("scroll");
  return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
}

function toEnd() {
  const box = at("scroll");
  box.scrollTop = box.scrollHeight;
  following = true;
}

// Doing.

async function act(action, element) {
  if (action.do === "dismiss") messages.delete(action.message);
  forgetFailures(action.message);
  const control = element?.dataset.control;
  const pressed = () => control && at(`m${action.message}`)?.querySelector(`[data-control="${CSS.escape(control)}"]`);
  pressed()?.classList.add("working");
  await outcome(line.ask(action.do === "dismiss" ? { ...action, what: action.message } : action));
  pressed()?.classList.remove("working");
}

/** A new try on a message takes away what it said of an earlier one. */
function forgetFailures(id) {
  const old = asked.filter((one) => one.message === id && one.failed);
  asked = asked.filter((one) => !old.includes(one));
  for (const one of old) line.ask({ do: "dismiss", what: one.id });
  drawMessages(new Set());
}

async function sendFromBox(action) {
  const one = action.do === "slash" ? { number: ++sendings, name: action.name } : null;
  if (one) {
    sending.push(one);
    drawMessages(new Set());
  }
  toEnd();
  const went = await outcome(line.ask(action));
  sending = sending.filter((other) => other !== one);
  drawMessages(new Set());
  return went;
}

/** Show what came of an action: a sentence when it was refused, a form when one was opened; whether it went. */
async function outcome(asking) {
  const answer = await asking;
  at("problem").textContent = answer.problem ?? "";
  if (answer.form) {
    showForm(answer.form, place, async (fields) => {
      const sent = await line.ask({ do: "submit", asked: answer.asked, fields });
      if (sent.form) outcome(Promise.resolve(sent));
      return sent;
    });
  }
  return !answer.problem;
}

function go(where) {
  const now = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of Object.entries(where)) now.set(name, value);
  history.replaceState(null, "", `#${now}`);
  sideOpen(false);
  composer.plain();
  line.again();
}

function sideOpen(open) {
  document.body.classList.toggle("side-open", open);
  at("menu").setAttribute("aria-expanded", String(open));
}

/** Typing anywhere goes into the box, as on Discord. */
function backToBox(event) {
  if (event.key === "Escape") sideOpen(false);
  const typing = event.target.closest?.("input, textarea, select, dialog");
  const pressing = event.key === " " && event.target.closest?.("button, a, summary");
  if (typing || pressing || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  composer.focus();
}

addEventListener("hashchange", () => line.again());
