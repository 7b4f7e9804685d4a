/* Elements of the page. All text goes in as text, never as markup. */

export const byId = (id) => document.getElementById(id);

/** A number of things: `1 step`, `2 steps`. */
export const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** An element with properties (data-… and aria-… as attributes) and children; what is null is left out. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name in made && !name.includes("-")) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** An element of a drawing. */
export function shape(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A drawing that the server made, as an element. */
export function drawingOf(svg) {
  return document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);
}

/** A table that the server made, as an element. */
export function tableOf(html) {
  return document.importNode(new DOMParser().parseFromString(html, "text/html").body.firstElementChild, true);
}

/** Scroll a list, and nothing around it, so that one of its elements can be seen below what covers its top. */
export function reveal(list, target, above = 0) {
  if (!target) return;
  const [outer, inner] = [list.getBoundingClientRect(), target.getBoundingClientRect()];
  const margin = Math.min(60, outer.height / 4);
  const top = outer.top + Math.max(margin, above);
  if (inner.top < top) list.scrollTop += inner.top - top;
  else list.scrollTop += Math.max(0, Math.min(inner.bottom - outer.bottom + margin, inner.top - top));
}

/** Remembered for this tab, and forgotten where the browser keeps nothing. */
export const kept = {
  get(name) {
    try {
      return JSON.parse(sessionStorage.getItem(name));
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      sessionStorage.setItem(name, JSON.stringify(value));
    } catch {
      // a browser may keep nothing for pages
    }
  },
};
