// Buttons and selects below a message, and the parts of newer layouts.

import { colour, el, link, safeUrl } from "./dom.js";
import { markdown } from "./markdown.js";

const ROW = 1, BUTTON = 2, STRING_SELECT = 3, USER_SELECT = 5, ROLE_SELECT = 6, CHANNEL_SELECT = 8;
const SECTION = 9, TEXT = 10, SEPARATOR = 14, CONTAINER = 17;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

/** Draw a component of a message; `act(action, element)` does what a person presses or chooses. */
export function component(item, place, act) {
  if (item.type === ROW) return el("div", { class: "row" }, parts(item, place, act));
  if (item.type === BUTTON) return button(item, act);
  if (item.type === STRING_SELECT || (item.type >= USER_SELECT && item.type <= CHANNEL_SELECT)) {
    return select(item, optionsOf(item, place), (values, element) => act({ do: "select", control: item.custom_id, values }, element));
  }
  if (item.type === TEXT) return el("div", { class: "text" }, markdown(item.content, place.names));
  if (item.type === SEPARATOR) return el("hr");
  if (item.type === SECTION) {
    const side = item.accessory ? component(item.accessory, place, act) : null;
    return el("div", { class: "section" }, el("div", {}, parts(item, place, act)), side);
  }
  if (item.type === CONTAINER) return container(item, place, act);
  return null;
}

function parts(item, place, act) {
  return (item.components ?? []).map((part) => component(part, place, act));
}

function container(item, place, act) {
  const box = el("div", { class: "embed" }, parts(item, place, act));
  if (item.accent_color) box.style.setProperty("--bar", colour(item.accent_color));
  return box;
}

function button(item, act) {
  const name = [item.emoji?.name, item.label].filter(Boolean);
  const inside = [
    item.emoji?.name ? el("span", { class: "emoji", "aria-hidden": item.label ? "true" : null }, item.emoji.name) : null,
    item.label ? el("span", {}, item.label) : null,
  ];
  const url = item.style === 5 ? safeUrl(item.url) : null;
  if (url) {
    const outward = link(url, ...inside, el("span", { "aria-hidden": "true" }, " ↗"));
    outward.className = "button link";
    return outward;
  }
  return el("button", {
    class: `button ${STYLES[item.style] ?? "secondary"}`,
    type: "button",
    disabled: Boolean(item.disabled) || item.style === 5,
    "aria-label": name.length === 1 && item.emoji && !item.label ? item.emoji.name : null,
    data: { control: item.custom_id ?? "" },
    onclick: (event) => act({ do: "press", control: item.custom_id }, event.currentTarget),
  }, inside);
}

/** Give what a select offers, people, roles and channels too. */
export function optionsOf(item, place) {
  if (item.options) return item.options;
  const chosen = (item.default_values ?? []).map((value) => value.id);
  return thingsOf(item, place).map((thing) => ({ label: thing.name, value: thing.id, default: chosen.includes(thing.id) }));
}

function thingsOf(item, place) {
  if (item.type === ROLE_SELECT) return place.roles ?? [];
  if (item.type !== CHANNEL_SELECT) return place.people ?? [];
  return (place.channels ?? []).filter((channel) => !item.channel_types?.length || item.channel_types.includes(channel.type));
}

/** Draw a select; `chosen(values, element)` hears of a choice. */
export function select(item, options, chosen) {
  const least = item.min_values ?? 1;
  const most = item.max_values ?? 1;
  return most > 1 || least === 0 ? several(item, options, least, most, chosen) : one(item, options, chosen);
}

function one(item, options, chosen) {
  const name = item.placeholder || "Make a selection";
  const preset = options.find((option) => option.default);
  const choose = (event) => event.currentTarget.value && chosen([event.currentTarget.value], event.currentTarget);
  const box = el("select", { class: "select", "aria-label": name, disabled: Boolean(item.disabled), onchange: choose,
    data: { control: item.custom_id } },
    el("option", { value: "", disabled: true, hidden: true, selected: !preset }, name),
    options.map((option) => el("option", { value: option.value, selected: option === preset, title: option.description },
      [option.emoji?.name, option.label].filter(Boolean).join(" "),
      option.description ? ` · ${option.description}` : "")));
  return box;
}

function several(item, options, least, most, chosen) {
  const name = item.placeholder || "Make a selection";
  const boxes = options.map((option) => el("input", { type: "checkbox", value: option.value, checked: Boolean(option.default) }));
  const limit = () => {
    const count = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.disabled = !box.checked && count >= most;
    done.disabled = count < least;
  };
  const values = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const done = el("button", { class: "button primary", type: "button", onclick: () => chosen(values(), outer) }, "Choose");
  const choices = options.map((option, index) => el("label", {}, boxes[index], el("span", {},
    [option.emoji?.name, option.label].filter(Boolean).join(" "),
    option.description ? el("small", {}, option.description) : null)));
  const outer = el("details", { class: "several", onchange: limit },
    el("summary", { data: { control: item.custom_id } }, name), el("div", { role: "group", "aria-label": name }, choices, done));
  outer.values = values;
  if (item.disabled) outer.inert = true;
  limit();
  return outer;
}
