// Builds elements. Text only ever becomes text nodes: nothing that a bot sends can turn into markup.

/** Make an element; `about` holds properties, `aria-…`/`role` attributes, `class` and `on…` listeners. */
export function el(tag, about = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name in element && !name.includes("-") && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Give 0xRRGGBB as CSS. */
export function colour(number) {
  return `#${Number(number).toString(16).padStart(6, "0")}`;
}

/** Give bytes as people read them. */
export function bytes(count) {
  if (count < 1024) return `${count} bytes`;
  return count < 1024 * 1024 ? `${(count / 1024).toFixed(1)} KB` : `${(count / 1024 / 1024).toFixed(1)} MB`;
}

/** Give an http(s) address, or null for every other scheme. */
export function safeUrl(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that tells the other side nothing about this page. */
export function link(url, ...children) {
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, ...children);
}
