// Discord's markdown as elements. See https://support.discord.com/hc/en-us/articles/210298617

import { el, link, safeUrl } from "./dom.js";

const INLINE = new RegExp(
  [
    String.raw`\\(?<escaped>[^\w\s])`,
    String.raw`(?<ticks>\x60\x60?)(?<code>[^\x60]+?)\k<ticks>`,
    String.raw`\*\*\*(?<both>(?:\\.|[^\\])+?)\*\*\*(?!\*)`,
    String.raw`\*\*(?<strong>(?:\\.|[^\\])+?)\*\*(?!\*)`,
    String.raw`__(?<u>(?:\\.|[^\\])+?)__(?!_)`,
    String.raw`~~(?<s>(?:\\.|[^\\])+?)~~`,
    String.raw`\|\|(?<spoiler>(?:\\.|[^\\])+?)\|\|`,
    String.raw`\*(?<em>(?!\s)(?:\\.|[^*\\])+?)\*`,
    String.raw`(?<!\w)_(?<slanted>(?:\\.|[^_\\])+?)_(?!\w)`,
    String.raw`\[(?<label>(?:\\.|[^\]\\\n])+)\]\(<?(?<url>https?://[^)\s>]+)>?\)`,
    String.raw`<(?<quiet>https?://[^>\s]+)>`,
    String.raw`(?<bare>https?://[^\s<>"')\]]+[^\s<>"')\].,:;!?])`,
    String.raw`<t:(?<time>-?\d{1,13})(?::(?<style>[tTdDfFR]))?>`,
    String.raw`<@!?(?<user>\d+)>`,
    String.raw`<@&(?<role>\d+)>`,
    String.raw`<#(?<channel>\d+)>`,
    String.raw`</(?<command>[^:>]+):\d+>`,
    String.raw`<a?:(?<emoji>\w+):\d+>`,
  ].join("|"),
  "gsu",
);
const TAGS = { strong: "strong", u: "u", s: "s", em: "em", slanted: "em" };
const TIME_STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const DEEPEST = 8;

/** Give a text as elements; `names` are those of all that it may mention, by id. */
export function markdown(text, names = {}) {
  const parts = String(text).split(/```(?:[\w+-]*\n)?([\s\S]*?)```/u);
  return parts.flatMap((part, index) => (index % 2 ? codeBlock(part) : blocks(part, names)));
}

/** Give a text without its marks, for titles and names of things. */
export function plain(text) {
  return markdown(text).map((node) => node.textContent).join(" ").trim();
}

function codeBlock(text) {
  return [el("pre", {}, el("code", {}, text.replace(/\n$/, "")))];
}

function blocks(text, names) {
  const found = [];
  const lines = text.replace(/^\n|\n$/g, "").split("\n");
  while (lines.length) {
    const block = quote(lines, names) ?? list(lines, names) ?? heading(lines, names) ?? paragraph(lines, names);
    if (block) found.push(block);
  }
  return found;
}

function quote(lines, names) {
  if (lines[0].startsWith(">>> ")) {
    const rest = [lines[0].slice(4), ...lines.splice(0).slice(1)].join("\n");
    return el("blockquote", {}, blocks(rest, names));
  }
  const quoted = take(lines, (line) => line.startsWith("> ") || line === ">");
  return quoted.length ? el("blockquote", {}, blocks(quoted.map((line) => line.slice(2)).join("\n"), names)) : null;
}

function list(lines, names) {
  const ordered = /^\s*\d{1,9}\. /.test(lines[0]);
  const mark = ordered ? /^(\s*)(\d{1,9})\. / : /^(\s*)[-*] /;
  const items = take(lines, (line) => mark.test(line));
  if (!items.length) return null;
  const about = ordered ? { start: Number(mark.exec(items[0])[2]) } : {};
  return el(ordered ? "ol" : "ul", about, items.map((item) => {
    const [whole, indent] = mark.exec(item);
    return el("li", { class: indent.length >= 2 ? "inner" : "" }, inline(item.slice(whole.length), names));
  }));
}

function heading(lines, names) {
  const small = /^-# (.+)/.exec(lines[0]);
  const large = /^(#{1,3}) (.+)/.exec(lines[0]);
  if (!small && !large) return null;
  lines.shift();
  if (small) return el("small", {}, inline(small[1], names));
  return el("p", { class: `heading h${large[1].length}`, role: "heading", "aria-level": large[1].length + 2 },
    inline(large[2], names));
}

const STARTS_BLOCK = /^(> |>$|>>> |\s*[-*] |\s*\d{1,9}\. |#{1,3} |-# )/;

function paragraph(lines, names) {
  const first = lines.shift();
  const own = [first, ...take(lines, (line) => !STARTS_BLOCK.test(line))];
  const text = own.join("\n").replace(/^\n+|\n+$/g, "");
  // An empty line between two paragraphs is a space that one sees.
  return text ? el("p", {}, text.split(/\n{2,}/).flatMap((part, index) => [index ? gap() : null, inline(part, names)])) : null;
}

function gap() {
  return el("span", { class: "gap" });
}

function take(lines, fits) {
  const count = lines.findIndex((line) => !fits(line));
  return lines.splice(0, count < 0 ? lines.length : count);
}

function inline(text, names, depth = 0) {
  const found = [];
  let position = 0;
  for (const match of depth > DEEPEST ? [] : text.matchAll(INLINE)) {
    found.push(text.slice(position, match.index), marked(match, names, depth));
    position = match.index + match[0].length;
  }
  return [...found, text.slice(position)];
}

function marked(match, names, depth) {
  const groups = match.groups;
  const kind = Object.keys(TAGS).find((name) => groups[name] !== undefined);
  if (kind) return el(TAGS[kind], {}, inline(groups[kind], names, depth + 1));
  if (groups.escaped !== undefined) return groups.escaped;
  if (groups.both !== undefined) return el("strong", {}, el("em", {}, inline(groups.both, names, depth + 1)));
  if (groups.code !== undefined) return el("code", {}, groups.code);
  if (groups.spoiler !== undefined) return spoiler(inline(groups.spoiler, names, depth + 1));
  if (groups.label !== undefined) return masked(groups, names, depth);
  const bare = groups.quiet ?? groups.bare;
  if (bare !== undefined) return safeUrl(bare) ? link(safeUrl(bare), bare) : bare;
  if (groups.time !== undefined) return moment(Number(groups.time), groups.style);
  if (groups.user !== undefined) return el("span", { class: "mention" }, `@${names[groups.user] ?? "unknown-user"}`);
  if (groups.channel !== undefined) return el("span", { class: "mention" }, `#${names[groups.channel] ?? "unknown"}`);
  if (groups.role !== undefined) return el("span", { class: "mention" }, `@${(names[groups.role] ?? "unknown-role").replace("@", "")}`);
  if (groups.command !== undefined) return el("span", { class: "mention" }, `/${groups.command}`);
  return groups.emoji !== undefined ? `:${groups.emoji}:` : match[0];
}

function masked(groups, names, depth) {
  const url = safeUrl(groups.url);
  const label = inline(groups.label, names, depth + 1);
  return url ? link(url, ...label) : el("span", {}, label);
}

function spoiler(children) {
  const shown = (event) => event.currentTarget.setAttribute("aria-expanded", "true");
  return el("button", { class: "spoiler", type: "button", "aria-expanded": "false", onclick: shown }, children);
}

function moment(seconds, style = "f") {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.valueOf())) return String(seconds);
  const text = style === "R" ? relative(seconds - Date.now() / 1000) : date.toLocaleString(undefined, TIME_STYLES[style]);
  return el("time", { dateTime: date.toISOString(), title: date.toLocaleString() }, text);
}

function relative(seconds) {
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? units.at(-1);
  return new Intl.RelativeTimeFormat().format(Math.round(seconds / size), unit);
}
