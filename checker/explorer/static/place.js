/* Where a reader is, and what is looked at there, as the address of the page says it. */

/** An index of a path. */
const INDEX = /^\d{1,6}$/;

/** A path as it is written: indices joined by slashes. */
export const written = (path) => path.join("/");

/** The path that is written so; null if it is none. */
export function pathOf(text) {
  const parts = text.split("/").filter(Boolean);
  return parts.every((part) => INDEX.test(part)) ? parts.map(Number) : null;
}

/**
 * A place is a path and how many steps of it are shown as done; with it go the watches, the path that the
 * state is compared with (null: the state before), what the diagram is coloured by, and in links names of moments and the model's hash.
 */
export function addressOf({ path, at, watches = [], against = null, colour = "", names = [], model = null }) {
  const asked = new URLSearchParams();
  if (at !== path.length) asked.append("at", at);
  for (const watch of watches) asked.append("watch", watch);
  if (against !== null) asked.append("against", written(against));
  if (colour) asked.append("colour", colour);
  for (const { name, path: there } of names) asked.append("name", `${written(there)} ${name}`);
  if (model !== null) asked.append("model", model);
  const question = asked.toString();
  return `#/${written(path)}${question ? `?${question}` : ""}`;
}

/** The place that an address names; null if it names none. */
export function placeOf(address) {
  if (!address.startsWith("#/")) return null;
  const [way, ...rest] = address.slice(2).split("?");
  const asked = new URLSearchParams(rest.join("?"));
  const path = pathOf(way);
  const at = asked.get("at");
  if (path === null || (at !== null && !INDEX.test(at))) return null;
  return {
    path,
    at: Math.min(at === null ? path.length : Number(at), path.length),
    watches: asked.getAll("watch"),
    against: asked.has("against") ? pathOf(asked.get("against")) : null,
    colour: asked.get("colour") ?? "",
    names: asked.getAll("name").map(named).filter(Boolean),
    model: asked.get("model"),
  };
}

function named(text) {
  const [way, ...words] = text.split(" ");
  const path = pathOf(way);
  return path === null || !words.length ? null : { path, name: words.join(" ") };
}
