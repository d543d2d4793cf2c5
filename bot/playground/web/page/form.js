// A form (modal) as Discord shows it, in the browser's own dialog: Escape leaves it, the focus stays inside.

import { el } from "./dom.js";
import { optionsOf, select } from "./controls.js";
import { markdown } from "./markdown.js";

const ROW = 1, TEXT_INPUT = 4, TEXT = 10, LABEL = 18, RADIO = 21, CHECKBOXES = 22, CHECKBOX = 23;
const PARAGRAPH = 2;
let count = 0;

/** Show a form; `send(fields)` sends it and gives an answer with a `problem` when it has to stay open. */
export function showForm(form, place, send) {
  const fields = {};
  const problem = el("p", { class: "failed", role: "alert" });
  const submit = el("button", { class: "button primary", type: "submit" }, "Submit");
  const title = `form${++count}`;
  const dialog = el("dialog", { class: "form", "aria-labelledby": title },
    el("form", { onsubmit: (event) => sent(event) },
      el("header", {}, el("h2", { id: title }, form.title),
        el("button", { class: "plain", type: "button", "aria-label": "Close", onclick: () => dialog.close() }, "✕")),
      el("div", { class: "fields" }, form.components.map((item) => field(item, place, fields))),
      problem,
      el("footer", {}, el("button", { class: "button secondary", type: "button", onclick: () => dialog.close() }, "Cancel"), submit)));
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    before?.focus?.();
  });

  async function sent(event) {
    event.preventDefault();
    problem.textContent = "";
    submit.disabled = true;
    const answer = await send(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value()])));
    submit.disabled = false;
    if (answer.problem) problem.textContent = answer.problem;
    else dialog.close();
  }

  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector(".fields input, .fields textarea, .fields select")?.focus();
}

function field(item, place, fields) {
  if (item.type === TEXT) return el("div", { class: "text" }, markdown(item.content, place.names));
  const inner = item.type === LABEL ? item.component : item.type === ROW ? item.components[0] : null;
  if (!inner) return null;
  const id = `field${++count}`;
  const label = item.type === LABEL ? item.label : inner.label;
  const needed = inner.required ?? true;
  const [box, value, extra] = entry(inner, id, place, needed);
  fields[inner.custom_id] = value;
  return el("div", { class: "field" },
    el("label", { for: id }, label, needed ? el("span", { class: "needed", title: "required" }, " *") : null),
    item.description ? el("p", { class: "hint", id: `${id}hint` }, item.description) : null, box, extra);
}

/** Give the element of one field, what reads its value, and what stands below it. */
function entry(item, id, place, needed) {
  if (item.type === TEXT_INPUT) return written(item, id, needed);
  if (item.type === CHECKBOX) {
    const box = el("input", { id, type: "checkbox", checked: Boolean(item.default) });
    return [box, () => box.checked];
  }
  if (item.type === RADIO) return radio(item, id, needed);
  const options = optionsOf(item, place);
  const most = item.type === CHECKBOXES ? item.max_values ?? options.length : item.max_values;
  const least = needed ? item.min_values ?? 1 : 0;
  const box = select({ ...item, min_values: least, max_values: most }, options, () => { box.open = false; });
  if (box.values) return [box, box.values];
  box.id = id;
  box.required = needed;
  return [box, () => (box.value ? [box.value] : [])];
}

function written(item, id, needed) {
  const most = item.max_length ?? 4000;
  const left = el("span", { class: "count" });
  const show = () => { left.textContent = `${[...box.value].length} / ${most}`; };
  const box = el(item.style === PARAGRAPH ? "textarea" : "input", {
    id, value: item.value ?? "", placeholder: item.placeholder ?? "", required: needed, maxLength: most,
    minLength: item.min_length || null, rows: item.style === PARAGRAPH ? 6 : null, autocomplete: "off", oninput: show,
  });
  show();
  return [box, () => box.value, left];
}

function radio(item, id, needed) {
  const boxes = item.options.map((option) => el("input", { type: "radio", name: id, value: option.value, required: needed,
    checked: Boolean(option.default) }));
  const box = el("div", { id, role: "radiogroup" }, item.options.map((option, index) => el("label", {}, boxes[index],
    el("span", {}, option.label, option.description ? el("small", {}, option.description) : null))));
  return [box, () => boxes.find((one) => one.checked)?.value ?? null];
}
