/* Drawing: each part of the page from what the server said. All text goes in as text, never as markup. */

/** Marks of what a property says. */
export const marks = { holds: "✓", broken: "✗", reached: "✓", open: "○", silent: "○" };
const WORDS = { holds: "holds", broken: "violated", reached: "reached", open: "not yet", silent: "not judged here" };

/** Pixels at the top of a diagram that hold the names of the nodes. */
const NAMES = 58;

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

/** Scroll a list, and nothing around it, so that one of its elements can be seen below what covers its top. */
export function reveal(list, target, above = 0) {
  if (!target) return;
  const [outer, inner] = [list.getBoundingClientRect(), target.getBoundingClientRect()];
  const margin = Math.min(60, outer.height / 4);
  const top = outer.top + Math.max(margin, above);
  if (inner.top < top) list.scrollTop += inner.top - top;
  else list.scrollTop += Math.max(0, Math.min(inner.bottom - outer.bottom + margin, inner.top - top));
}

export function drawModel(model, facts, name, goals) {
  name.replaceChildren(element("span", { className: "dim" }, "pmmc explore "), model.name);
  name.title = model.about;
  const bounds = Object.entries(model.bounds).map(([bound, value]) => `${bound} ${value}`);
  facts.textContent = [model.network, ...bounds].join(" · ");
  facts.title = facts.textContent;
  const groups = new Map();
  for (const goal of model.goals) {
    if (!groups.has(goal.group)) groups.set(goal.group, element("optgroup", { label: goal.group }));
    groups.get(goal.group).append(element("option", { value: goal.id }, goal.text));
  }
  goals.replaceChildren(...groups.values());
}

// Path and actions ---------------------------------------------------------------------------------------

const badges = (step) => [
  ...step.breaks.map((id) => element("span", { className: "badge bad", title: `${id} is violated` }, `✗ ${id}`)),
  ...step.reaches.map((id) => element("span", { className: "badge good", title: `${id} is reached` }, `✓ ${id}`)),
];

export function drawPath(section, model, told) {
  const list = section.querySelector("ol");
  const row = (at, who, what, more = [], tip = "", repeats = false) => {
    const later = `${at > told.at ? "later" : ""} ${repeats ? "repeats" : ""}`;
    const label = [element("b", {}, who), " ", element("span", { className: "what" }, what), ...more];
    const number = element("span", { className: "number" }, String(at));
    const current = at === told.at ? "step" : null;
    const properties = { type: "button", className: later, title: tip, "aria-current": current };
    const button = element("button", { ...properties, "data-at": at, "data-key": `path-${at}` }, number, label);
    return element("li", {}, button);
  };
  const rows = told.steps.map((step) =>
    row(step.number, model.nodes[step.node].name, step.label, badges(step), step.effects.join("\n"), step.repeats),
  );
  list.replaceChildren(row(0, "initial state", ""), ...rows, ...backTo(told.loop));
  const count = told.path.length;
  section.querySelector("h2").textContent = told.at < count ? `Path: step ${told.at} of ${count}` : `Path: ${count} ${count === 1 ? "step" : "steps"}`;
  reveal(list, list.querySelector('[aria-current="step"]'));
}

/** Below the last step of a path that comes back to one of its states: the way back. */
function* backTo(loop) {
  if (!loop) return;
  const label = element("span", { className: "what" }, loop.back);
  const button = { type: "button", className: "repeats back", title: loop.text, "data-at": loop.to, "data-key": "path-back" };
  yield element("li", {}, element("button", button, element("span", { className: "number" }, "↻"), label));
}

export function drawActions(section, model, told, following) {
  const list = section.querySelector(".list");
  const groups = model.nodes.map((node, number) => {
    const actions = told.actions.filter((action) => action.node === number);
    const ignored = told.ignored.filter((message) => message.node === number);
    if (!actions.length && !ignored.length) return null;
    return element(
      "section",
      {},
      element("h3", {}, node.name),
      actions.map((action) => actionButton(action, action.index === following)),
      ignored.map(({ label, why }) => element("p", { className: "ignored", title: why }, label, element("i", {}, ` ${why}`))),
    );
  });
  list.replaceChildren(...notes(told), ...groups.filter(Boolean));
  list.scrollTop = 0;
  reveal(list, list.querySelector(".following"));
}

function actionButton(action, following) {
  const idle = action.idle ? "idle" : "";
  const effects = action.idle ? "changes nothing" : action.effects.join(" · ") || "nothing but its inbox";
  const title = [action.label, ...action.effects].join("\n");
  return element(
    "button",
    { type: "button", className: `action ${idle} ${following ? "following" : ""}`, title, "data-take": action.index, "data-key": `take-${action.index}` },
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

// The diagram --------------------------------------------------------------------------------------------

export function drawDiagram(section, told, before) {
  if (!before || told.svg !== before.svg) {
    const [left, top] = [section.scrollLeft, section.scrollTop];
    const drawing = drawingOf(told.svg);
    section.replaceChildren(namesOf(drawing), drawing);
    section.scrollTo(left, top);
  }
  for (const part of section.querySelectorAll("[data-step]")) {
    const number = Number(part.dataset.step);
    part.classList.toggle("later", number > told.at);
    part.classList.toggle("here", number === told.at && told.at < told.path.length);
    part.classList.toggle("shown", part.classList.contains("step") && Boolean(told.steps[number - 1]?.breaks.length));
  }
  if (told.at === 0) section.scrollTop = 0;
  else reveal(section, section.querySelector(`.step[data-step="${told.at}"]`), NAMES + 20);
}

/** A drawing that the server made, as an element. */
function drawingOf(svg) {
  return document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);
}

/** What clients asked and were answered up to the moment shown, where the model keeps a history of that. */
export function drawCalls(section, told) {
  section.hidden = !told.calls;
  if (!told.calls) return;
  const wrong = told.calls.told.map((sentence) => element("p", {}, sentence));
  section.replaceChildren(drawingOf(told.calls.svg), ...(wrong.length ? [element("div", {}, wrong)] : []));
  section.scrollLeft = section.scrollWidth;
}

/** The names of the nodes once more, to stay in sight when the diagram is scrolled. */
function namesOf(drawing) {
  const names = drawing.cloneNode(false);
  names.setAttribute("class", "pmmc names");
  names.setAttribute("aria-hidden", "true");
  names.setAttribute("height", NAMES);
  names.setAttribute("viewBox", `0 0 ${drawing.getAttribute("width")} ${NAMES}`);
  for (const part of drawing.querySelectorAll(":scope > .box, :scope > text.middle")) names.append(part.cloneNode(true));
  return names;
}

// The state ----------------------------------------------------------------------------------------------

/** Nodes that the reader has folded. */
const folded = new Set();

export function drawState(section, told, look) {
  const cards = told.nodes.map((node) => card(node, told, look)).filter(Boolean);
  const none = element("p", { className: "dim" }, look.filter ? "Nothing here fits the filter." : "The last step changed nothing.");
  section.querySelector(".cards").replaceChildren(...(cards.length ? cards : [none]));
}

function card(node, told, look) {
  const ignored = new Set(told.ignored.filter((m) => told.nodes[m.node] === node).map((m) => m.label));
  const inbox = { name: "inbox", items: node.inbox, mark: "", text: "", old: null, ignored };
  const rows = [...node.rows, inbox].filter((row) => fits(node, row, look));
  if (!rows.length) return null;
  const looks = `card ${node.changed ? "changed" : ""} ${node.acted ? "acted" : ""}`;
  const badge = node.acted ? element("span", { className: "badge" }, "took the step") : null;
  const made = element(
    "details",
    { className: looks, open: !folded.has(node.name), "data-node": node.name },
    element("summary", {}, node.name, badge),
    element("dl", {}, rows.map((row) => [element("dt", {}, row.name), element("dd", { "data-field": row.name }, value(row))])),
  );
  made.addEventListener("toggle", () => (made.open ? folded.delete(node.name) : folded.add(node.name)));
  return made;
}

const isChanged = (row) => row.mark !== "" || (row.items ?? []).some((item) => item.mark !== "");

function fits(node, row, look) {
  if (look.changed && !isChanged(row)) return false;
  const text = [node.name, row.name, row.text, ...(row.items ?? []).map((item) => item.text)].join(" ");
  return text.toLowerCase().includes(look.filter);
}

function value(row) {
  if (row.items) {
    if (!row.items.length) return [element("span", { className: "dim" }, "none")];
    return row.items.map((item) => chip(item, row.ignored?.has(item.text)));
  }
  if (row.mark === "changed") {
    const parts = [element("del", {}, row.old)];
    if (row.text) parts.push(" → ", element("ins", {}, row.text));
    return parts;
  }
  return [row.text];
}

function chip(item, ignored) {
  if (item.mark === "added") return element("ins", { className: "chip" }, `+ ${item.text}`);
  if (item.mark === "removed") return element("del", { className: "chip" }, item.text);
  return element("span", { className: `chip ${ignored ? "ignored" : ""}`, title: ignored ? "cannot be taken now" : "" }, item.text);
}

// Properties ---------------------------------------------------------------------------------------------

/** Properties whose meaning the reader wants to see. */
const opened = new Set();

export function drawProperties(section, model, told) {
  const rows = model.properties.map((property, i) => {
    const said = told.properties[i];
    const loud = said.lamp === "broken" || said.lamp === "reached";
    const colour = said.lamp === "broken" ? "bad" : said.lamp === "holds" || said.lamp === "reached" ? "good" : "dim";
    const lamp = element("span", { className: `lamp ${colour}`, role: "img", "aria-label": WORDS[said.lamp] }, marks[said.lamp]);
    const meaning = element(
      "details",
      { open: opened.has(property.id), className: said.lamp },
      element("summary", { title: property.meaning }, lamp, element("b", {}, property.id), said.lamp === "holds" ? null : element("span", { className: "dim" }, WORDS[said.lamp])),
      element("p", {}, property.meaning),
      element("p", { className: "dim" }, `${property.kind} · ${property.source}`),
      property.note ? element("p", { className: "dim" }, property.note) : null,
    );
    meaning.addEventListener("toggle", () => (meaning.open ? opened.add(property.id) : opened.delete(property.id)));
    const met = said.run && loud && told.at === told.path.length ? meetings(told.loop) : null;
    const since = said.first !== null && (!loud || said.first !== told.at) ? firstTime(said) : null;
    const reason = loud ? element("p", { className: "reason" }, said.reason) : null;
    return element("li", { "data-property": property.id, "data-lamp": said.lamp }, meaning, reason, met, since);
  });
  section.querySelector("ul").replaceChildren(...rows);
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
