/* What the properties say of the moment shown. */

import { element, shape } from "./dom.js";

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
    return element("li", { "data-property": property.id, "data-lamp": said.lamp }, meaning(property, said), strip(property, said, told), reason, met, since);
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

/** Pixels of a moment in a strip of lamps, at most and at least. */
const WIDE = 12;
const ROOM = 110;

/** What a property says at each moment of the path: a click goes there. */
function strip(property, said, told) {
  const count = said.along.length;
  if (count < 2) return null;
  const wide = Math.min(WIDE, ROOM / count);
  const lamps = [...said.along].map((lamp, at) =>
    shape("rect", { x: at * wide, y: 0, width: Math.max(wide - (wide > 6 ? 1 : 0), 0.6), height: 8, class: `lamp-${lamp}`, "data-at": at }),
  );
  const here = shape("path", { d: `M${(told.at + 0.5) * wide - 4},14 l4,-5 l4,5 z`, class: "here" });
  const times = [...said.along].flatMap((lamp, at) => (lamp === "b" || lamp === "r" ? [at] : []));
  const words = times.length ? `${said.goal ? "reached" : "violated"} at ${times.slice(0, 8).join(", ")}${times.length > 8 ? " …" : ""}` : "nowhere";
  const drawing = { class: "strip", width: count * wide, height: 15, role: "img", "aria-label": `${property.id} along the path: ${words}` };
  return shape("svg", drawing, ...lamps, here);
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
