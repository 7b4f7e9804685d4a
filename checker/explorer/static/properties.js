/* What the properties say of the moment shown. */

import { element } from "./dom.js";

/** Marks of what a property says. */
export const marks = { holds: "✓", broken: "✗", reached: "✓", open: "○", silent: "○" };
const WORDS = { holds: "holds", broken: "violated", reached: "reached", open: "not yet", silent: "not judged here" };
const COLOURS = { holds: "good", broken: "bad", reached: "good" };

/** Properties whose meaning the reader wants to see. */
const opened = new Set();

export function drawProperties(section, model, told) {
  const rows = model.properties.map((property, i) => {
    const said = told.properties[i];
    const loud = said.lamp === "broken" || said.lamp === "reached";
    const met = said.run && loud && told.at === told.path.length ? meetings(told.loop) : null;
    const since = said.first !== null && (!loud || said.first !== told.at) ? firstTime(said) : null;
    const reason = loud ? element("p", { className: "reason" }, said.reason) : null;
    return element("li", { "data-property": property.id, "data-lamp": said.lamp }, meaning(property, said), reason, met, since);
  });
  section.querySelector("ul").replaceChildren(...rows);
}

function meaning(property, said) {
  const lamp = element("span", { className: `lamp ${COLOURS[said.lamp] ?? "dim"}`, role: "img", "aria-label": WORDS[said.lamp] }, marks[said.lamp]);
  const words = said.lamp === "holds" ? null : element("span", { className: "dim" }, WORDS[said.lamp]);
  const made = element(
    "details",
    { open: opened.has(property.id), className: said.lamp },
    element("summary", { title: property.meaning }, lamp, element("b", {}, property.id), words),
    element("p", {}, property.meaning),
    element("p", { className: "dim" }, `${property.kind} · ${property.source}`),
    property.note ? element("p", { className: "dim" }, property.note) : null,
  );
  made.addEventListener("toggle", () => (made.open ? opened.add(property.id) : opened.delete(property.id)));
  return made;
}

/** How a run that repeats meets what is assumed of runs. */
function meetings(loop) {
  if (!loop?.met.length) return null;
  const shown = loop.met.map(({ text, how }) => [element("p", { className: "dim" }, text), element("ul", {}, how.map((one) => element("li", {}, one)))]);
  return element("details", { className: "met" }, element("summary", {}, "what makes this run fair"), shown);
}

function firstTime(said) {
  const text = `${said.goal ? "✓ reached" : "✗ violated"} first at step ${said.first}`;
  return element("button", { type: "button", className: "link", title: said.first_reason, "data-at": said.first }, text);
}
