// The list above the message box: what one may pick with the arrows and Enter, Tab, or a finger.

import { el } from "./dom.js";

export class Suggestions {
  constructor() {
    this.title = el("p", { class: "title", id: "suggestions-title" });
    this.items = el("ul", { id: "suggestions", role: "listbox", "aria-labelledby": "suggestions-title" });
    this.box = el("div", { class: "suggestions", hidden: true }, this.title, this.items);
    this.offers = [];
    this.active = -1;
  }

  /** Show offers `{name, about, note, pick}`; `first` marks the first as what Enter takes. */
  show(title, offers, { first = false, input = null } = {}) {
    this.offers = offers;
    this.input = input;
    this.title.textContent = title;
    this.items.replaceChildren(...offers.map((offer, index) => this.item(offer, index)));
    this.box.hidden = !title && !offers.length;
    input?.setAttribute("aria-expanded", String(!this.box.hidden));
    this.mark(first && offers.length ? 0 : -1);
  }

  hide() {
    this.show("", [], { input: this.input });
  }

  item(offer, index) {
    // The box keeps the focus: a press on the list must not take it.
    return el("li", { role: "option", id: `suggestion${index}`, onpointerdown: (event) => event.preventDefault(), onclick: () => offer.pick() },
      el("span", { class: "name" }, offer.name), offer.about ? el("span", { class: "about" }, offer.about) : null,
      offer.note ? el("span", { class: "note" }, offer.note) : null);
  }

  mark(index) {
    this.active = index;
    for (const [place, item] of [...this.items.children].entries()) item.setAttribute("aria-selected", String(place === index));
    const item = this.items.children[index];
    item?.scrollIntoView({ block: "nearest" });
    if (item) this.input?.setAttribute("aria-activedescendant", item.id);
    else this.input?.removeAttribute("aria-activedescendant");
  }

  /** Move the mark, round at the ends. */
  move(step) {
    const count = this.offers.length;
    if (count) this.mark(this.active < 0 ? (step > 0 ? 0 : count - 1) : (this.active + step + count) % count);
  }

  /** Pick what is marked, or the first if `any`; whether there was something. */
  pick(any = false) {
    const offer = this.offers[this.active] ?? (any ? this.offers[0] : null);
    offer?.pick();
    return Boolean(offer);
  }
}
