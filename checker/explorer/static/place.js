/* Where a reader is, as the address of the page says it. */

/** The most steps that an index of a path may be. */
const INDEX = /^\d{1,6}$/;

/** A place is a path and how many steps of it are shown as done. */
export const addressOf = ({ path, at }) => `#/${path.join("/")}${at === path.length ? "" : `?at=${at}`}`;

/** The place that an address names; null if it names none. */
export function placeOf(address) {
  if (!address.startsWith("#/")) return null;
  const [way, asked] = address.slice(2).split("?");
  const parts = way.split("/").filter(Boolean);
  const at = new URLSearchParams(asked ?? "").get("at");
  if (!parts.every((part) => INDEX.test(part)) || (at !== null && !INDEX.test(at))) return null;
  const path = parts.map(Number);
  return { path, at: Math.min(at === null ? path.length : Number(at), path.length) };
}
