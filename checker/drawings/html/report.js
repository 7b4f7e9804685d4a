// Walks through the counterexamples of a report: j and k, the buttons, the slider, a click on a step.
"use strict";
const traces = [...document.querySelectorAll(".trace")].map(section => {
  const data = JSON.parse(section.querySelector("script[type='application/json']").textContent);
  return { section, data, at: data.states.length - 1 };
});
let current = 0;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function rows(nodes, before) {
  return nodes.map(([node, fields], i) => {
    const body = element("tbody"), head = element("tr"), name = element("th", node);
    name.colSpan = 2;
    head.append(name);
    body.append(head);
    fields.forEach(([field, value], j) => {
      const old = before && before[i][1][j] ? before[i][1][j][1] : value;
      const row = element("tr", undefined, old === value ? "" : "changed"), cell = element("td");
      if (old !== value) cell.append(element("del", old || "nothing"));
      cell.append(value || "nothing");
      row.append(element("td", field), cell);
      body.append(row);
    });
    return body;
  });
}

function show(trace, at) {
  const { section, data } = trace;
  trace.at = Math.max(0, Math.min(at, data.states.length - 1));
  section.querySelector(".state").replaceChildren(...rows(data.states[trace.at], data.states[trace.at - 1]));
  section.querySelector("output").textContent = trace.at + " of " + (data.states.length - 1);
  const repeats = data.loop !== null && trace.at > data.loop;
  section.querySelector(".what").textContent = data.steps[trace.at];
  section.querySelector(".what").classList.toggle("repeats", repeats);
  section.querySelector("input").value = trace.at;
  for (const marked of section.querySelectorAll("[data-step]"))
    marked.classList.toggle("here", Number(marked.dataset.step) === trace.at);
}

function move(by) {
  const trace = traces[current];
  if (!trace) return;
  const { loop, states } = trace.data, around = loop !== null && by > 0 && trace.at === states.length - 1;
  show(trace, (around ? loop : trace.at) + by);
  const row = trace.section.querySelector(".spacetime .here");
  if (row) row.scrollIntoView({ block: "nearest", inline: "nearest" });
}

traces.forEach((trace, i) => {
  const { section } = trace;
  section.addEventListener("pointerenter", () => { current = i; });
  section.addEventListener("focusin", () => { current = i; });
  section.querySelector(".back").addEventListener("click", () => { current = i; move(-1); });
  section.querySelector(".on").addEventListener("click", () => { current = i; move(1); });
  section.querySelector("input").addEventListener("input", event => show(trace, Number(event.target.value)));
  section.addEventListener("click", event => {
    const step = event.target.closest("[data-step], [data-at]");
    if (step) show(trace, Number(step.dataset.step ?? step.dataset.at));
  });
  show(trace, trace.at);
});

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.type === "range") return;
  const by = { j: 1, n: 1, k: -1, p: -1 }[event.key];
  if (by) { move(by); event.preventDefault(); }
});
