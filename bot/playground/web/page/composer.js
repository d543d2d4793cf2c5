// The message box: words, or a slash command whose options are small boxes of their own.

import { el } from "./dom.js";
import { fitting, flattened, INTEGER, known, limits, NUMBER, parsed } from "./commands.js";
import { Suggestions } from "./suggestions.js";

const SUGGEST_AFTER = 120; // milliseconds of quiet before the bot is asked for suggestions

export class Composer {
  /** `place()` is what is around; `send(action)` sends words or a command and gives whether it went; `suggest` asks the bot. */
  constructor(box, { place, send, suggest }) {
    Object.assign(this, { place, send, suggest });
    this.suggestions = new Suggestions();
    this.words = el("textarea", { id: "words", rows: 1, maxLength: 2000, autocomplete: "off", spellcheck: true,
      role: "combobox", "aria-expanded": "false", "aria-controls": "suggestions", "aria-label": "Message or command",
      oninput: () => this.typed(), onkeydown: (event) => this.key(event) });
    this.line = el("div", { class: "line" });
    this.go = el("button", { class: "send", type: "button", "aria-label": "Send", onclick: () => this.finish() }, "➤");
    box.replaceChildren(this.suggestions.box, el("div", { class: "bar" }, this.line, this.go));
    box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || this.suggestions.hide());
    this.plain();
  }

  /** Go back to plain words. */
  plain(text = "") {
    this.command = null;
    this.fields = [];
    this.line.replaceChildren(this.words);
    this.words.value = text;
    this.words.placeholder = `Message ${this.place()?.title ?? ""} or type /`;
    this.suggestions.hide();
  }

  focus() {
    (this.fields.find((field) => !field.input.value)?.input ?? (this.command ? this.tail : this.words)).focus();
  }

  // Plain words.

  typed() {
    const text = this.words.value;
    if (!text.startsWith("/") || text.includes("\n")) {
      this.suggestions.hide();
      return;
    }
    const commands = flattened(this.place().commands);
    const whole = parsed(commands, text.trimEnd());
    const longer = commands.some((command) => whole && command.name.startsWith(`${whole.command.name} `));
    if (whole && !longer && (text.endsWith(" ") || Object.keys(whole.texts).length)) {
      this.choose(whole.command, whole.texts);
      return;
    }
    const offers = fitting(commands, text.slice(1)).map((command) => ({
      name: `/${command.name}`, about: command.description, pick: () => this.choose(command),
    }));
    this.suggestions.show(offers.length ? "Commands" : "No command is called so", offers, { first: true, input: this.words });
  }

  // A command.

  /** Begin a command, with some of its options filled. */
  choose(command, texts = {}) {
    this.command = command;
    this.fields = [];
    this.tail = el("input", { class: "tail", size: 1, autocomplete: "off", role: "combobox", "aria-expanded": "false",
      "aria-controls": "suggestions", "aria-label": `Options of /${command.name}`,
      oninput: () => this.offerOptions(), onfocus: () => this.offerOptions(), onkeydown: (event) => this.key(event) });
    this.line.replaceChildren(el("span", { class: "command" }, `/${command.name}`), this.tail);
    for (const option of command.options) {
      if (option.required || option.name in texts) this.addField(option, texts[option.name] ?? "");
    }
    this.more();
    this.focus();
  }

  addField(option, text = "") {
    const numeric = option.type === INTEGER || option.type === NUMBER;
    const input = el("input", { value: text, autocomplete: "off", maxLength: option.max_length ?? 6000, size: 4,
      inputMode: numeric ? "decimal" : "text", role: "combobox", "aria-expanded": "false", "aria-controls": "suggestions",
      "aria-label": `${option.name}: ${option.description}`, data: { option: option.name },
      onkeydown: (event) => this.key(event) });
    const field = { option, input, value: null };
    input.addEventListener("input", () => {
      field.value = null;
      if (!this.named(field)) this.offerValues(field);
    });
    input.addEventListener("focus", () => this.offerValues(field));
    field.box = el("label", { class: "pill" }, el("span", {}, option.name), input);
    this.fields.push(field);
    this.tail.before(field.box);
    this.more();
    return field;
  }

  /** Take `prompt:` typed inside a box for what it says: on to that option; whether it was so. */
  named(field) {
    const match = /(?:^|\s)([\w-]+):$/.exec(field.input.value);
    const option = match && this.command.options.find((one) => one.name === match[1]);
    if (!option) return false;
    field.input.value = field.input.value.slice(0, match.index);
    const other = this.fields.find((one) => one.option === option) ?? this.addField(option);
    other.input.focus();
    if (other === field) this.offerValues(field);
    return true;
  }

  removeField(field) {
    this.fields = this.fields.filter((one) => one !== field);
    field.box.remove();
    this.more();
  }

  unused() {
    return this.command.options.filter((option) => !this.fields.some((field) => field.option === option));
  }

  more() {
    const count = this.unused().length;
    this.tail.placeholder = count ? `+${count} more` : "";
  }

  offerOptions() {
    const typed = this.tail.value.trim().toLowerCase().replace(/:$/, "");
    const offers = this.unused().filter((option) => option.name.includes(typed)).map((option) => ({
      name: option.name, about: option.description, note: limits(option),
      pick: () => {
        this.tail.value = "";
        this.addField(option).input.focus();
      },
    }));
    if (this.tail.value.endsWith(":") && offers[0]) {
      offers[0].pick();
      return;
    }
    this.suggestions.show(offers.length ? "Options, if you like · Enter sends" : "Enter sends", offers, { first: Boolean(typed), input: this.tail });
  }

  async offerValues(field) {
    const { option, input } = field;
    const mark = (this.asking = Symbol(option.name));
    const title = `${option.name} · ${option.description}`;
    const hint = limits(option);
    const typed = field.value === null ? input.value : "";
    const show = (choices, words) => this.suggestions.show(words, choices.map((choice) => ({
      name: choice.name, pick: () => this.take(field, choice),
    })), { first: !option.autocomplete && Boolean(choices.length), input });
    show(option.autocomplete ? [] : known(option, typed, this.place()), hint ? `${title} · ${hint}` : title);
    if (!option.autocomplete) return;
    await new Promise((after) => setTimeout(after, SUGGEST_AFTER));
    if (mark !== this.asking) return;
    const others = this.texts();
    delete others[option.name];
    const answer = await this.suggest({ do: "suggest", name: this.command.name, option: option.name, typed, options: others });
    if (mark !== this.asking || document.activeElement !== input) return;
    if (answer.problem) show([], `${title} · ${answer.problem}`);
    else show(answer.choices ?? [], title);
  }

  take(field, choice) {
    field.input.value = choice.name;
    field.input.size = Math.max(4, choice.name.length);
    field.value = String(choice.value);
    this.next(field);
  }

  next(field) {
    const after = this.fields.slice(this.fields.indexOf(field) + 1);
    (after.find((one) => one.option.required && !one.input.value)?.input ?? this.tail).focus();
  }

  texts() {
    const filled = this.fields.filter((field) => field.input.value !== "");
    return Object.fromEntries(filled.map((field) => [field.option.name, field.value ?? field.input.value]));
  }

  // Keys.

  key(event) {
    if (event.isComposing) return;
    const field = this.fields.find((one) => one.input === event.target);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.arrow(event);
    else if (event.key === "Enter" && !event.shiftKey) this.enter(event, field);
    else if (event.key === "Tab" && !event.shiftKey) this.tab(event, field);
    else if (event.key === "Escape") this.escape(event);
    else if (event.key === "Backspace" && this.command && !event.target.value) this.backspace(event, field);
  }

  arrow(event) {
    if (!this.suggestions.offers.length) return;
    event.preventDefault();
    this.suggestions.move(event.key === "ArrowDown" ? 1 : -1);
  }

  enter(event, field) {
    event.preventDefault();
    const settled = field && field.value !== null;
    if (!settled && this.suggestions.pick()) return;
    this.finish();
  }

  tab(event, field) {
    if (field?.input.value && (field.value !== null || !this.suggestions.offers.length)) {
      event.preventDefault();
      this.next(field);
    } else if (this.suggestions.offers.length && event.target.value) {
      event.preventDefault();
      this.suggestions.pick(true);
    }
  }

  escape(event) {
    event.preventDefault();
    if (this.suggestions.box.hidden && this.command) {
      this.plain();
      this.words.focus();
    } else this.suggestions.hide();
  }

  backspace(event, field) {
    event.preventDefault();
    const index = field ? this.fields.indexOf(field) - 1 : this.fields.length - 1;
    if (field && !field.option.required) this.removeField(field);
    if (index >= 0) this.fields[index].input.focus();
    else if (this.fields.length && !field?.option.required) this.focus();
    else {
      const name = this.command.name;
      this.plain(`/${name}`);
      this.words.focus();
      this.typed();
    }
  }

  /** Send what stands here; it is cleared once it went. */
  async finish() {
    const missing = this.fields.find((field) => field.option.required && !field.input.value);
    if (missing) {
      missing.box.classList.add("missing");
      missing.input.focus();
      return;
    }
    if (!this.command && !this.words.value.trim()) return;
    const action = this.command ? { do: "slash", name: this.command.name, options: this.texts() } : { do: "say", text: this.words.value };
    const before = { command: this.command, texts: this.texts(), words: this.words.value };
    this.asking = null;
    this.plain();
    this.words.focus();
    if (await this.send(action)) return;
    if (this.command || this.words.value) return; // something else has been begun meanwhile
    if (before.command) this.choose(before.command, before.texts);
    else this.plain(before.words);
  }
}
