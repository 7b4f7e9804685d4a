/* Parts of the page that can be made larger, smaller, or closed; the browser remembers how. */

import { byId, element } from "./dom.js";

const KEY = "pmmc panes";
/** Pixels that a key moves a border by, and that are left of a part at least. */
const STEP = 24;
const LEAST = 90;

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

const state = { sizes: {}, closed: [], ...remembered() };

function remember() {
  try {
    localStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // a browser may keep nothing for pages
  }
}

/** Let borders be moved, and parts be closed by their crosses and shown again in a menu. */
export function hearPanes(menu) {
  for (const border of document.querySelectorAll("[role='separator']")) hearBorder(border);
  const panes = [...document.querySelectorAll("[data-pane]")];
  const boxes = panes.map((pane) => {
    const box = element("input", { type: "checkbox", checked: !state.closed.includes(pane.id) });
    const show = (shown) => {
      box.checked = shown;
      pane.classList.toggle("closed", !shown);
    };
    const choose = (shown) => {
      show(shown);
      state.closed = panes.filter((one) => one.classList.contains("closed")).map((one) => one.id);
      remember();
    };
    show(box.checked);
    box.addEventListener("change", () => choose(box.checked));
    const close = element("button", { type: "button", className: "close", "aria-label": `Close: ${pane.dataset.pane}`, title: "Close; the menu Panes shows it again" }, "×");
    close.addEventListener("click", () => {
      choose(false);
      byId("panes").querySelector("summary").focus();
    });
    pane.querySelector(".bar").append(close);
    return element("label", { className: "check" }, box, ` ${pane.dataset.pane}`);
  });
  menu.replaceChildren(...boxes);
}

/** A border says whose size it is, and on which side of it that stands. */
function hearBorder(border) {
  const { size, side } = border.dataset;
  const part = byId(border.getAttribute("aria-controls"));
  const across = border.getAttribute("aria-orientation") === "vertical";
  const measure = () => part.getBoundingClientRect()[across ? "width" : "height"];
  const set = (pixels) => {
    const room = part.parentElement.getBoundingClientRect()[across ? "width" : "height"];
    const fitting = Math.round(Math.max(LEAST, Math.min(pixels, room - LEAST)));
    document.documentElement.style.setProperty(`--${size}`, `${fitting}px`);
    border.setAttribute("aria-valuenow", fitting);
    state.sizes[size] = fitting;
  };
  const grow = (pixels) => {
    set(measure() + (side === "before" ? pixels : -pixels));
    remember();
  };
  if (state.sizes[size]) document.documentElement.style.setProperty(`--${size}`, `${state.sizes[size]}px`);
  border.setAttribute("aria-valuenow", Math.round(measure()));
  border.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -STEP, ArrowUp: -STEP, ArrowRight: STEP, ArrowDown: STEP }[event.key];
    if (by) grow(by);
    else if (event.key === "Enter") {
      document.documentElement.style.removeProperty(`--${size}`);
      delete state.sizes[size];
      remember();
    } else return;
    event.preventDefault();
  });
  border.addEventListener("pointerdown", (event) => {
    const [from, first] = [across ? event.clientX : event.clientY, measure()];
    const move = (moved) => {
      const by = (across ? moved.clientX : moved.clientY) - from;
      set(first + (side === "before" ? by : -by));
    };
    border.setPointerCapture(event.pointerId);
    border.addEventListener("pointermove", move);
    border.addEventListener("pointerup", () => border.removeEventListener("pointermove", move), { once: true });
    border.addEventListener("lostpointercapture", remember, { once: true });
    event.preventDefault();
  });
}
