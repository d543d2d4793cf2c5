// The column at the left: channels, and who one is.

import { el } from "./dom.js";
import { avatar } from "./message.js";

const MARKS = { channel: "#", thread: "↳", forum: "🗂", direct: "", group: "@" };

/** Draw the column; `go({as, in})` becomes somebody else or goes elsewhere. */
export function drawSide(nav, place, go) {
  const direct = place.channels.find((channel) => channel.kind === "direct");
  const rest = place.channels.filter((channel) => channel !== direct);
  nav.replaceChildren(
    el("header", {}, el("strong", {}, "The playground"), el("small", {}, "a small Discord on this machine")),
    el("h2", {}, "Channels"),
    el("ul", {}, rest.filter((channel) => channel.kind !== "group").map((channel) => entry(channel, channel.name, place, go))),
    el("h2", {}, "Direct messages"),
    el("ul", {}, direct ? entry(direct, place.bot.name, place, go) : null,
      rest.filter((channel) => channel.kind === "group").map((channel) => entry(channel, channel.name, place, go))),
    el("footer", {}, avatar({ name: place.me.name }), person(place, go)));
}

function entry(channel, name, place, go) {
  const here = channel.id === place.channel.id;
  return el("li", {}, el("button", { class: `plain place ${channel.kind}`, type: "button", "aria-current": here ? "page" : null,
    onclick: () => go({ in: channel.id }) },
    channel.kind === "direct" ? avatar({ name, bot: true }) : el("span", { class: "mark", "aria-hidden": "true" }, MARKS[channel.kind]),
    el("span", {}, name), (channel.tags ?? []).map((tag) => el("small", { class: "tag" }, tag))));
}

function person(place, go) {
  const names = place.people.map((one) => one.name);
  const fresh = ["Bob", "Cleo", "Dmitri", "Emi", "Farid", "Grace"].find((name) => !names.includes(name));
  const choose = (event) => go({ as: event.currentTarget.value });
  return el("label", {}, el("small", {}, "You are"), el("select", { onchange: choose, "aria-label": "Who you are" },
    names.map((name) => el("option", { value: name, selected: name === place.me.name }, name)),
    fresh ? el("option", { value: fresh }, `${fresh} (new)`) : null));
}
