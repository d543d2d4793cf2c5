// One message as Discord draws it.

import { bytes, colour, el, link, safeUrl } from "./dom.js";
import { component } from "./controls.js";
import { markdown } from "./markdown.js";

/** Draw a message; `place` is what is around it, `act(action, element)` does what is pressed. */
export function message(shown, place, about, act) {
  const used = new Set();
  const inside = el("div", { class: "inside" },
    shown.asked ? askedLine(shown.asked) : null,
    about.reply ? replyLine(about.reply) : null,
    about.joined ? null : headline(shown),
    shown.thinking ? thinking(shown.author.name) : null,
    shown.content ? el("div", { class: "text" }, markdown(shown.content, place.names)) : null,
    shown.embeds.map((embed) => drawEmbed(embed, shown, place, used)),
    el("div", { class: "files" }, shown.files.filter((file) => !used.has(file.id)).map(drawFile)),
    shown.components.map((item) => component(item, place, act)),
    shown.reactions.length ? el("p", { class: "reactions" }, shown.reactions.map((one) => el("span", {}, `${one.emoji} ${one.count}`))) : null,
    about.failed ? el("p", { class: "failed", role: "alert" }, about.failed) : null,
    shown.ephemeral ? onlyYou(act) : null);
  const item = el("li", { class: classes(shown, about), id: `m${shown.id}`, "aria-busy": shown.thinking ? "true" : null },
    about.joined ? el("time", { class: "gutter", dateTime: iso(shown.at) }, clock(shown.at)) : avatar(shown.author),
    inside, menu(place, shown, act));
  item.addEventListener("contextmenu", (event) => {
    const box = item.querySelector(":scope > .menu");
    if (!box || event.target.closest("a, img, input, textarea, select") || String(getSelection())) return;
    event.preventDefault();
    box.open = true;
    box.querySelector("button").focus();
  });
  return item;
}

function classes(shown, about) {
  return ["message", about.joined && "joined", shown.ephemeral && "ephemeral", (shown.asked || about.reply) && "answer"].filter(Boolean).join(" ");
}

/** Draw a picture for somebody without one: their first letter on a colour of their own. */
export function avatar(author) {
  if (author.bot) return el("img", { class: "avatar", src: "page/icon.svg", alt: "" });
  const face = el("span", { class: "avatar", "aria-hidden": "true" }, [...author.name][0] ?? "?");
  const hue = [...author.name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  face.style.setProperty("--hue", hue);
  return face;
}

function headline(shown) {
  return el("p", { class: "who" }, el("strong", {}, shown.author.name),
    shown.author.bot ? el("span", { class: "badge" }, "APP") : null,
    el("time", { dateTime: iso(shown.at) }, clock(shown.at)));
}

function askedLine(asked) {
  return el("p", { class: "asked" }, el("strong", {}, asked.user), " used ", el("span", { class: "mention" }, `/${asked.name}`));
}

function replyLine(reply) {
  return el("p", { class: "asked reply" }, el("strong", {}, reply.name), " ", el("span", {}, reply.words));
}

function thinking(name) {
  return el("p", { class: "thinking" }, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), `${name} is thinking…`);
}

function onlyYou(act) {
  const dismiss = (event) => act({ do: "dismiss" }, event.currentTarget);
  return el("p", { class: "only" }, "👁 Only you can see this · ",
    el("button", { class: "plain inline", type: "button", onclick: dismiss }, "Dismiss message"));
}

const USER_MENU = 2, MESSAGE_MENU = 3;

/** Draw the menu of a message: what apps offer for it, and for who wrote it. */
function menu(place, shown, act) {
  if (shown.thinking || shown.ephemeral) return null;
  const entries = place.commands.filter((command) => command.type === MESSAGE_MENU);
  const forPeople = shown.author.bot ? [] : place.commands.filter((command) => command.type === USER_MENU);
  if (!entries.length && !forPeople.length) return null;
  const item = (entry, about) => el("button", { type: "button", class: "plain", onclick: (event) => {
    box.open = false;
    act({ do: "menu", name: entry.name, ...about }, event.currentTarget);
  } }, entry.name);
  const box = el("details", { class: "menu" }, el("summary", { "aria-label": "Apps for this message", title: "Apps" }, "⋯"),
    el("div", {}, el("p", {}, "Apps"), entries.map((entry) => item(entry, {})),
      forPeople.length ? el("p", {}, shown.author.name) : null, forPeople.map((entry) => item(entry, { person: shown.author.id }))));
  box.addEventListener("toggle", () => box.open && document.addEventListener("pointerdown", (event) => leave(event, box), { once: true }));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    box.open = false;
    box.querySelector("summary").focus();
  });
  return box;
}

/** Close a menu when somebody presses beside it. */
function leave(event, box) {
  if (!box.contains(event.target)) box.open = false;
}

function drawEmbed(embed, shown, place, used) {
  const box = el("article", { class: "embed" },
    embed.author?.name ? el("p", { class: "author" }, embed.author.name) : null,
    embed.title ? el("h2", {}, titled(embed, place)) : null,
    embed.description ? el("div", { class: "text" }, markdown(embed.description, place.names)) : null,
    embed.fields?.length ? el("dl", {}, embed.fields.map((field) => el("div", { class: field.inline ? "beside" : "" },
      el("dt", {}, markdown(field.name, place.names)), el("dd", {}, markdown(field.value, place.names))))) : null,
    picture(embed.image, shown, used), picture(embed.thumbnail, shown, used, "thumbnail"),
    footer(embed));
  if (embed.color) box.style.setProperty("--bar", colour(embed.color));
  return box;
}

function titled(embed, place) {
  const url = embed.url ? safeUrl(embed.url) : null;
  const words = markdown(embed.title, place.names).flatMap((node) => [...node.childNodes]);
  return url ? link(url, ...words) : words;
}

function footer(embed) {
  const time = embed.timestamp ? new Date(embed.timestamp).toLocaleString() : "";
  const text = [embed.footer?.text, time].filter(Boolean).join(" • ");
  return text ? el("footer", {}, text) : null;
}

/** Draw a picture that came with the message; one from elsewhere is only named, for nothing is fetched from outside. */
function picture(image, shown, used, kind = "picture") {
  if (!image?.url) return null;
  const name = image.url.replace(/^attachment:\/\//, "").split(/[?#]/)[0].split("/").at(-1);
  const file = shown.files.find((one) => one.name === decodeURIComponent(name));
  const url = safeUrl(image.url);
  if (!file) return url ? el("p", { class: "text" }, link(url, `🖼 ${url}`)) : null;
  used.add(file.id);
  return el("a", { href: address(file), target: "_blank" }, el("img", { class: kind, src: address(file), alt: file.description || file.name }));
}

function drawFile(file) {
  if (/^image\/(png|jpeg|gif|webp)$/.test(file.type)) {
    return el("a", { href: address(file), target: "_blank" }, el("img", { class: "picture", src: address(file), alt: file.description || file.name }));
  }
  return el("a", { class: "file", href: `${address(file)}?save`, download: file.name },
    el("span", { class: "sheet", "aria-hidden": "true" }, "📄"),
    el("span", {}, el("strong", {}, file.name), el("small", {}, bytes(file.bytes))), el("span", { class: "save", "aria-hidden": "true" }, "⬇"));
}

function address(file) {
  return `files/${encodeURIComponent(file.id)}/${encodeURIComponent(file.name)}`;
}

function iso(seconds) {
  return new Date(seconds * 1000).toISOString();
}

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
