// Walks through the counterexamples of a report: keys, the buttons, the slider, a click on a step.
"use strict";
const STEPS = { j: 1, n: 1, ArrowRight: 1, k: -1, p: -1, ArrowLeft: -1 };
// Pixels of a trace that must be seen for keys to act on it because it has the focus.
const ENOUGH = 100;
const DOWN = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

// A trace, once it is in sight: its section, its data, the moment that is shown.
const traces = [];

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// The state -----------------------------------------------------------------------------------------------

function table(node, rows) {
  const made = element("table"), body = element("tbody");
  for (const [field, values, className] of rows) {
    const row = element("tr", undefined, className), name = element("th", field), cell = element("td");
    name.scope = "row";
    cell.append(...values);
    row.append(name, cell);
    body.append(row);
  }
  made.append(element("caption", node), body);
  return made;
}

function changes({ data, at }) {
  const shown = data.changes[at].map(([node, changed]) => table(data.nodes[node], changed.map(([field, edits]) =>
    [field, edits.map(edit => element(edit.startsWith("−") ? "del" : "ins", edit))])));
  return shown.length ? shown : [element("p", at ? "nothing changed" : "the initial state")];
}

function state({ data, at }) {
  return data.nodes.map((node, i) => {
    const now = data.cells[data.states[at][i]], before = new Map(at ? data.cells[data.states[at - 1][i]] : now);
    return table(node, now.map(([field, text]) => [field, [text], before.get(field) === text ? "" : "changed"]));
  });
}

function filter({ section, of }) {
  const wanted = of(".filter").value.trim().toLowerCase();
  for (const shown of section.querySelectorAll(".now table")) {
    const whole = shown.caption.textContent.toLowerCase().includes(wanted);
    for (const row of shown.rows) row.hidden = !whole && !row.cells[0].textContent.toLowerCase().includes(wanted);
    shown.hidden = [...shown.rows].every(row => row.hidden);
  }
}

// Moments -------------------------------------------------------------------------------------------------

function show(trace, at) {
  const { section, of, data, last } = trace;
  trace.at = at = Math.max(0, Math.min(at, last));
  of(".changes").replaceChildren(...changes(trace));
  of(".changes").scrollTop = 0;
  of(".state").replaceChildren(...state(trace));
  filter(trace);
  of("output").textContent = `${at} of ${last}`;
  of(".what").textContent = data.steps[at];
  of(".what").classList.toggle("repeats", data.loop !== null && at > data.loop);
  of(".stepper input").value = at;
  of(".stepper input").setAttribute("aria-valuetext", `${at} of ${last}: ${data.steps[at]}`);
  of(".pictures").innerHTML = data.pictures[at].map(piece => data.pieces[piece]).join("");
  for (const marked of section.querySelectorAll("[data-step]")) {
    const here = Number(marked.dataset.step) === at;
    marked.classList.toggle("here", here);
    if (marked.getAttribute("role")) marked.tabIndex = here || (!at && marked.dataset.step === "1") ? 0 : -1;
  }
  for (const told of section.querySelectorAll("[data-steps]"))
    told.classList.toggle("here", told.dataset.steps.split(" ").includes(String(at)));
  for (const row of section.querySelectorAll(".lamps tr"))
    [...row.cells].forEach((cell, i) => cell.classList.toggle("here", i === at + 1));
  reveal(of(".time"), of(".time .told.here"), 62, 0);
  reveal(of(".time"), of(".time .here > .dot"), 62, 0);
  reveal(of(".causes"), of(".causes .event.here"), 0, 112);
  reveal(of(".lamps"), of(".lamps .here"), 0, 120);
}

/** Scroll a box so that a part of it is in sight, below and right of what stays in place. */
function reveal(box, part, top, left) {
  if (!box || !part) return;
  const inner = part.getBoundingClientRect(), outer = box.getBoundingClientRect();
  if (inner.top < outer.top + top) box.scrollTop -= outer.top + top - inner.top;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom + 8;
  if (inner.width > outer.width - left) return;
  if (inner.left < outer.left + left) box.scrollLeft -= outer.left + left - inner.left;
  else if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right + 8;
}

function move(trace, by) {
  const { data, at, last } = trace, around = data.loop !== null && by === 1 && at === last;
  const focused = document.activeElement.closest?.("[role='button'][data-step]");
  show(trace, (around ? data.loop : at) + by);
  const [walker, stepper] = [".walker", ".stepper"].map(trace.of);
  // who has scrolled on to what stands below stays there
  if (walker.getBoundingClientRect().top >= stepper.getBoundingClientRect().bottom)
    walker.scrollIntoView({ block: "nearest" });
  if (focused) focused.closest("svg").querySelector("[tabindex='0']")?.focus({ preventScroll: true });
}

/** The trace that keys act on: the one that has the focus, if it is in sight, else the one that most is seen of. */
function current() {
  const seen = trace => {
    const { top, bottom } = trace.section.getBoundingClientRect();
    return Math.min(bottom, innerHeight) - Math.max(top, 0);
  };
  const unfolded = traces.filter(trace => trace.of(".walker").checkVisibility()).sort((a, b) => seen(b) - seen(a));
  const focused = unfolded.find(trace => trace.section.contains(document.activeElement) && seen(trace) > ENOUGH);
  return focused ?? unfolded.find(trace => seen(trace) > 0);
}

/** Steps of drawings can be reached and taken with the keys: one is reached by Tab, the others from there. */
function reachable(trace) {
  for (const svg of trace.section.querySelectorAll(".spacetime, .causal")) svg.setAttribute("role", "group");
  const steps = trace.section.querySelectorAll(".spacetime .told, .causal .event");
  for (const step of steps) step.setAttribute("role", "button");
}

function begin(section) {
  const data = JSON.parse(section.querySelector("script[type='application/json']").textContent);
  const of = selector => section.querySelector(selector), last = data.states.length - 1;
  const trace = { section, of, data, last, at: last };
  traces.push(trace);
  reachable(trace);
  of(".tools").hidden = false;
  of(".only").checked = document.body.classList.contains("only");
  of(".back").addEventListener("click", () => move(trace, -1));
  of(".on").addEventListener("click", () => move(trace, 1));
  of(".stepper input").addEventListener("input", event => show(trace, Number(event.target.value)));
  of(".filter").addEventListener("input", () => filter(trace));
  of(".only").addEventListener("change", event => onlyChanges(event.target.checked));
  section.addEventListener("click", event => {
    const step = event.target.closest("[data-step], [data-steps], [data-at]");
    const lamp = event.target.closest(".lamps td, .lamps th");
    if (step) show(trace, parseInt(step.dataset.step ?? step.dataset.steps ?? step.dataset.at));
    else if (lamp?.cellIndex) show(trace, lamp.cellIndex - 1);
  });
  show(trace, last);
}

/** Begin with the traces that have come into sight. */
function look() {
  for (const section of document.querySelectorAll(".trace[open]"))
    if (section.checkVisibility() && !traces.some(trace => trace.section === section)) begin(section);
}
document.addEventListener("toggle", look, true);
look();

/** Whether fields that did not change are left out, in all traces. */
function onlyChanges(wanted) {
  document.body.classList.toggle("only", wanted);
  for (const box of document.querySelectorAll(".tools .only")) box.checked = wanted;
}
onlyChanges(matchMedia("(max-width: 700px)").matches);

document.addEventListener("keydown", event => {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("[type='search'], [type='range']")) return;
  const step = target.closest("[role='button'][data-step]");
  if (step && (key === "Enter" || key === " ")) {
    step.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    event.preventDefault();
    return;
  }
  const scrolls = key.startsWith("Arrow") && target.matches(".drawing, .lamps, pre");
  const by = scrolls ? undefined : STEPS[key] ?? (target.closest(".stepper, [role='button']") ? DOWN[key] : undefined);
  const trace = by && current();
  if (!trace) return;
  move(trace, by);
  event.preventDefault();
});

// Many models ---------------------------------------------------------------------------------------------

const results = [...document.querySelectorAll("details.result")];
const bar = document.querySelector(".index");

function narrow() {
  const words = bar.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
  const links = bar.querySelectorAll("li");
  results.forEach((one, i) => {
    const told = one.firstElementChild.textContent.toLowerCase();
    one.hidden = links[i].hidden = !words.every(word => told.includes(word));
  });
  bar.querySelector("output").textContent = words.length ? `${results.filter(one => !one.hidden).length} shown` : "";
}

/** Say which model is on, if its name is out of sight. */
function where() {
  const link = bar.querySelector(".where"), edge = bar.offsetHeight;
  const at = results.findIndex(one => {
    const { top, bottom } = one.getBoundingClientRect();
    return one.open && top < edge - 10 && bottom > edge;
  });
  link.hidden = at < 0;
  if (at < 0) return;
  link.textContent = results[at].querySelector("h1").textContent;
  link.href = `#result-${at}`;
}

function unfold() {
  const target = /^#result-\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  if (!target) return;
  target.parentNode.open = true;
  bar.querySelector(".all").open = target.parentNode.hidden = false;
  target.scrollIntoView();
}

if (bar) {
  for (const control of bar.querySelectorAll("[hidden]:not(.where)")) control.hidden = false;
  bar.querySelector("input").addEventListener("input", narrow);
  bar.querySelector(".fold").addEventListener("click", () => {
    for (const one of results) one.open = false;
    scrollTo(0, 0);
  });
  document.addEventListener("scroll", where, { passive: true });
  bar.addEventListener("click", event => { if (event.target.closest("a")) setTimeout(unfold); });
  document.addEventListener("click", event => {
    if (!event.target.closest(".all")) bar.querySelector(".all").open = false;
  });
  addEventListener("hashchange", unfold);
  unfold();
}
