/* Watches: what the reader wants to see of every state, kept in the address. */

import { element } from "./dom.js";

/** The moments at which what a watch shows is not what it showed before, with the first one. */
const changes = (values) => values.flatMap((value, at) => (at === 0 || value !== values[at - 1] ? [[at, value]] : []));

/** What watches show that changes with a step, to stand beside it. */
export function changesAt(told, at) {
  return told.watches.filter((w) => w.values && w.values[at] !== w.values[at - 1]).map((w) => [w.text, w.values[at - 1], w.values[at]]);
}

export function drawWatches(section, told, remove) {
  const rows = told.watches.map((watch, number) => {
    const away = element("button", { type: "button", className: "away", "aria-label": `Remove the watch ${watch.text}` }, "×");
    away.addEventListener("click", () => remove(number));
    const now = watch.error ? element("span", { className: "bad" }, watch.error) : element("span", { className: "value" }, watch.values[told.at]);
    const line = element("div", { className: "line" }, element("b", {}, watch.text), away);
    return element("li", { "data-watch": watch.text }, line, now, watch.error ? null : along(changes(watch.values), told.at));
  });
  section.querySelector("ul").replaceChildren(...rows);
  const fields = told.nodes.flatMap((node) => [...node.rows.map((row) => `${node.name}.${row.name}`), `${node.name} inbox`]);
  section.querySelector("datalist").replaceChildren(...fields.map((value) => element("option", { value })));
}

/** The moments of a path at which a watch shows something else, to go to. */
function along(found, at) {
  if (found.length < 2) return null;
  const moments = found.map(([moment, value]) =>
    element("button", { type: "button", className: `moment ${moment > at ? "later" : ""}`, "data-at": moment, title: `step ${moment}` }, `${moment}: ${value}`),
  );
  return element("div", { className: "moments" }, moments);
}
