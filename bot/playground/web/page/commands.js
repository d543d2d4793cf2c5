// What there is to type: commands with their subcommands, and what fits to what has been typed so far.

const SUBCOMMAND = 1, GROUP = 2;
export const STRING = 3, INTEGER = 4, BOOLEAN = 5, USER = 6, CHANNEL = 7, NUMBER = 10;

/** Give every slash command with its full name, its description and its options. */
export function flattened(commands) {
  return commands.filter((command) => command.type === 1).flatMap((command) => inner(command, command.name))
    .sort((one, other) => one.name.localeCompare(other.name));
}

function inner(item, name) {
  const nested = (item.options ?? []).filter((option) => option.type === SUBCOMMAND || option.type === GROUP);
  if (!nested.length) return [{ name, description: item.description, options: item.options ?? [] }];
  return nested.flatMap((option) => inner(option, `${name} ${option.name}`));
}

/** Give the commands that fit to what stands after the slash: those that begin so first. */
export function fitting(commands, typed) {
  const text = typed.toLowerCase().trim();
  const begins = commands.filter((command) => command.name.startsWith(text));
  const holds = commands.filter((command) => !command.name.startsWith(text) && command.name.includes(text));
  return [...begins, ...holds];
}

/** Take a whole typed line apart: its command, and the text of each option that is named or, for the first, not. */
export function parsed(commands, line) {
  const text = line.replace(/^\//, "");
  const command = commands.filter((one) => text === one.name || text.startsWith(`${one.name} `))
    .sort((one, other) => other.name.length - one.name.length)[0];
  if (!command) return null;
  return { command, texts: optionTexts(command, text.slice(command.name.length).trim()) };
}

function optionTexts(command, rest) {
  const names = command.options.map((option) => option.name.replace(/[^\w-]/g, ""));
  if (!rest || !names.length) return {};
  const pieces = rest.split(new RegExp(`(?:^|\\s)(${names.join("|")}):`, "u"));
  const texts = {};
  if (pieces[0].trim()) texts[command.options[0].name] = pieces[0].trim();
  for (let index = 1; index < pieces.length; index += 2) texts[pieces[index]] = pieces[index + 1].trim();
  return texts;
}

/** Give what is known to fit an option without asking the bot: `{name, value}` each. */
export function known(option, typed, place) {
  const text = typed.toLowerCase().trim();
  const all = choicesOf(option, place);
  const begins = all.filter((choice) => choice.name.toLowerCase().startsWith(text));
  return [...begins, ...all.filter((choice) => !begins.includes(choice) && choice.name.toLowerCase().includes(text))];
}

function choicesOf(option, place) {
  if (option.choices) return option.choices.map((choice) => ({ name: String(choice.name), value: String(choice.value) }));
  if (option.type === BOOLEAN) return [{ name: "True", value: "true" }, { name: "False", value: "false" }];
  if (option.type === USER) return place.people.map((person) => ({ name: person.name, value: person.name }));
  if (option.type === CHANNEL) {
    const fitting = place.channels.filter((channel) => option.channel_types?.includes(channel.type) ?? true);
    return fitting.map((channel) => ({ name: channel.name, value: channel.name }));
  }
  return [];
}

/** Say which values an option takes, in a few words. */
export function limits(option) {
  if (option.min_value !== undefined && option.max_value !== undefined) return `${option.min_value} to ${option.max_value}`;
  if (option.max_length !== undefined) return `up to ${option.max_length} characters`;
  return "";
}
