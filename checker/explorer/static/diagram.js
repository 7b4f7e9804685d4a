/* The space-time diagram of the path, the pictures of the protocol, and the chart of what clients were answered. */

import { drawingOf, element, reveal, tableOf } from "./dom.js";

/** Pixels at the top of a diagram that hold the names of the nodes. */
const NAMES = 58;

export function drawDiagram(section, told, before) {
  section.parentElement.classList.toggle("empty", !told.path.length);
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

/** What clients asked and were answered up to the moment shown, where the model keeps a history of that. */
export function drawCalls(section, told) {
  section.parentElement.hidden = !told.calls;
  if (!told.calls) return;
  const wrong = told.calls.told.map((sentence) => element("p", {}, sentence));
  section.replaceChildren(drawingOf(told.calls.svg), ...(wrong.length ? [element("div", {}, wrong)] : []));
  section.scrollLeft = section.scrollWidth;
}

/** What the protocol itself draws of the states up to the moment shown. */
export function drawPictures(section, told) {
  section.hidden = !told.pictures.length;
  const before = [...section.querySelectorAll(".picture")].map((one) => one.scrollLeft);
  const tables = told.pictures.map(tableOf);
  section.querySelector(".tables").replaceChildren(...tables);
  tables.forEach((table, i) => (table.scrollLeft = before[i] ?? 0));
  for (const entry of section.querySelectorAll("[data-step]")) entry.classList.toggle("now", Number(entry.dataset.step) === told.at && told.at > 0);
}
