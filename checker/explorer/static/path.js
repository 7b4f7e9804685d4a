/* The path, and what may happen next. */

import { counted, element, reveal } from "./dom.js";
import { changesAt } from "./watches.js";

const badges = (step) => [
  ...step.breaks.map((id) => element("span", { className: "badge bad", title: `${id} is violated` }, `✗ ${id}`)),
  ...step.reaches.map((id) => element("span", { className: "badge good", title: `${id} is reached` }, `✓ ${id}`)),
];

export function drawPath(section, model, told) {
  const list = section.querySelector("ol");
  const row = (at, who, what, more = [], tip = "", repeats = false) => {
    const later = `${at > told.at ? "later" : ""} ${repeats ? "repeats" : ""}`;
    const words = element("span", { className: "words" }, element("b", {}, who), " ", element("span", { className: "what" }, what));
    const label = [words, ...more];
    const number = element("span", { className: "number" }, String(at));
    const current = at === told.at ? "step" : null;
    const properties = { type: "button", className: later, title: tip, "aria-current": current };
    const button = element("button", { ...properties, "data-at": at, "data-key": `path-${at}` }, number, label);
    const watched = changesAt(told, at).map(([text, was, is]) => element("p", { className: "watched" }, `${text} ${was} → ${is}`));
    return element("li", {}, button, at ? watched : []);
  };
  const rows = told.steps.map((step) =>
    row(step.number, model.nodes[step.node].name, step.label, badges(step), step.effects.join("\n"), step.repeats),
  );
  list.replaceChildren(row(0, "initial state", ""), ...rows, ...backTo(told.loop));
  const count = told.path.length;
  const title = told.at < count ? `Path: step ${told.at} of ${count}` : `Path: ${counted(count, "step")}`;
  section.querySelector("h2").textContent = title;
  reveal(list, list.querySelector('[aria-current="step"]'));
}

/** Below the last step of a path that comes back to one of its states: the way back. */
function* backTo(loop) {
  if (!loop) return;
  const label = element("span", { className: "what" }, loop.back);
  const button = { type: "button", className: "repeats back", title: loop.text, "data-at": loop.to, "data-key": "path-back" };
  yield element("li", {}, element("button", button, element("span", { className: "number" }, "↻"), label));
}

export function drawActions(section, model, told) {
  const list = section.querySelector(".list");
  const groups = model.nodes.map((node, number) => {
    const actions = told.actions.filter((action) => action.node === number);
    const ignored = told.ignored.filter((message) => message.node === number);
    if (!actions.length && !ignored.length) return null;
    return element(
      "section",
      {},
      element("h3", {}, node.name),
      actions.map((action) => actionButton(action, action.index === told.following)),
      ignored.map(ignoredMessage),
    );
  });
  list.replaceChildren(...notes(told), ...groups.filter(Boolean));
  list.scrollTop = 0;
  reveal(list, list.querySelector(".following"));
}

function ignoredMessage({ label, why, looked }) {
  const told = looked ? element("span", { className: "looked" }, looked) : null;
  return element("p", { className: "ignored" }, label, element("i", {}, ` ${why}`), told);
}

function actionButton(action, following) {
  const idle = action.idle ? "idle" : "";
  const effects = action.idle ? "changes nothing" : action.effects.join(" · ") || "nothing but its inbox";
  return element(
    "button",
    { type: "button", className: `action ${idle} ${following ? "following" : ""}`, "data-take": action.index, "data-key": `take-${action.index}` },
    element("kbd", {}, String(action.index)),
    element("span", { className: "what" }, action.label, badges(action), following ? element("span", { className: "badge" }, "on the path") : null),
    element("span", { className: "effects" }, effects),
  );
}

function* notes(told) {
  if (told.loop && told.at === told.path.length) {
    const way = element("button", { type: "button", className: "link", "data-at": told.loop.to }, told.loop.back);
    yield element("p", { className: "note" }, `Here ${told.loop.text}: `, way);
  }
  if (told.raised) yield element("p", { className: "note bad" }, `The model's code raises here: ${told.raised}`);
  if (told.quiet) {
    const why = told.cut ? "" : told.actions.length ? " that changes anything" : "";
    yield element("p", { className: "note" }, `Nothing may follow${why}: the run ends here.`);
  }
  if (told.cut) {
    yield element("p", { className: "note" }, `A node is kept from going on by the bound on ${told.cut}: a run without the bound would have more steps here.`);
  }
}
