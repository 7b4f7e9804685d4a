/* The page: where the reader is (a path and a moment of it), how that moves, and what is asked of the server. */

import { element, drawActions, drawCalls, drawDiagram, drawModel, drawPath, drawProperties, drawState, marks, reveal } from "./parts.js";

const byId = (id) => document.getElementById(id);

/** Where the reader is: steps taken, and how many of them are shown as done. */
let here = { path: [], at: 0 };
let model = null;
/** What the server said of the moment shown. */
let moment = null;
/** Numbers questions, so that an answer which comes too late is dropped. */
let asked = 0;
let searching = null;

// Asking -------------------------------------------------------------------------------------------------

async function ask(address, signal) {
  const answer = await fetch(address, { signal });
  const told = await answer.json();
  if (!answer.ok) {
    throw Object.assign(new Error(told.error ?? `status ${answer.status}`), { told, status: answer.status });
  }
  return told;
}

function tell(text, looks = "") {
  const line = byId("told");
  line.className = looks;
  line.textContent = text;
}

// Moving -------------------------------------------------------------------------------------------------

/** The address of a place in the page, and back. */
const addressOf = ({ path, at }) => `#/${path.join("/")}${at === path.length ? "" : `?at=${at}`}`;

function placeOf(address) {
  const found = /^#\/((?:\d{1,6}\/?)*)(?:\?at=(\d{1,6}))?$/.exec(address);
  if (!found) return null;
  const path = found[1].split("/").filter(Boolean).map(Number);
  return { path, at: Math.min(found[2] === undefined ? path.length : Number(found[2]), path.length) };
}

/** Go to a place; `how` is what becomes of the browser's history: push, replace, or keep. */
async function go(place, how = "push", said = "") {
  const question = ++asked;
  stopSearching();
  const slow = setTimeout(() => document.body.classList.add("busy"), 200);
  try {
    const told = await ask(`/api/state/${place.path.join("/")}?at=${place.at}`);
    if (question !== asked) return;
    here = { path: told.path, at: told.at };
    if (how === "push") history.pushState(null, "", addressOf(here));
    if (how === "replace") history.replaceState(null, "", addressOf(here));
    show(told, said);
  } catch (error) {
    if (question !== asked) return;
    if (error.told?.valid !== undefined) {
      const path = place.path.slice(0, error.told.valid);
      await go({ path, at: path.length }, "replace", `${error.message}. Shown is the path up to there.`);
    } else {
      tell(error.status ? error.message : "The server does not answer: pmmc explore was ended.", "bad");
    }
  } finally {
    clearTimeout(slow);
    document.body.classList.remove("busy");
  }
}

const travel = (at, how) => {
  if (at >= 0 && at <= here.path.length && at !== here.at) go({ path: here.path, at }, how);
};

/** One step later; from the end of a path that comes back to one of its states on to the step after that. */
function later() {
  const around = moment?.loop && here.at === here.path.length;
  travel(around ? moment.loop.to + 1 : here.at + 1, "replace");
}

/** Take an action at the moment shown; the rest of the path is given up, unless it begins with this action. */
function take(index) {
  const same = here.path[here.at] === index;
  const path = same ? here.path : [...here.path.slice(0, here.at), index];
  if (path.length > model.most_steps) tell(`A path has ${model.most_steps} steps at most.`, "bad");
  else go({ path, at: here.at + 1 });
}

function cutOff() {
  if (here.at > 0) go({ path: here.path.slice(0, here.at - 1), at: here.at - 1 });
}

// Searching ----------------------------------------------------------------------------------------------

async function search() {
  if (searching) {
    stopSearching();
    tell("Search ended.");
    return;
  }
  const goal = byId("goal");
  const begin = here.path.slice(0, here.at);
  const mine = (searching = new AbortController());
  byId("search").textContent = "Stop";
  tell(`Searching from step ${begin.length} for a state where ${goal.selectedOptions[0].textContent} …`);
  try {
    const question = new URLSearchParams({ path: begin.join("/"), goal: goal.value });
    const told = await ask(`/api/search?${question}`, mine.signal);
    if (searching !== mine) return;
    endSearch();
    if (told.found && told.steps.length) {
      const path = [...begin, ...told.steps];
      const count = told.steps.length;
      const text = `${told.reason} — found ${count} ${count === 1 ? "step" : "steps"} further on.`;
      await go({ path, at: path.length }, "push", text);
    } else {
      tell(`${told.text[0].toUpperCase()}${told.text.slice(1)}.`, told.found || told.complete ? "" : "warn");
    }
  } catch (error) {
    if (searching === mine) {
      endSearch();
      tell(error.message, "bad");
    }
  }
}

function endSearch() {
  searching = null;
  byId("search").textContent = "Search";
}

function stopSearching() {
  if (!searching) return;
  searching.abort();
  endSearch();
  ask("/api/stop").catch(() => {});
}

// Showing ------------------------------------------------------------------------------------------------

function show(told, said) {
  const before = moment;
  moment = told;
  const kept = document.activeElement?.dataset?.key;
  drawPath(byId("path"), model, told);
  drawActions(byId("next"), model, told, told.following);
  drawDiagram(byId("diagram"), told, before);
  drawCalls(byId("calls"), told);
  drawState(byId("state"), told, look());
  reveal(byId("state"), document.querySelector(".card.acted"), 60);
  drawProperties(byId("properties"), model, told);
  const step = told.steps[told.at - 1];
  const name = step ? `step ${told.at}: ${model.nodes[step.node].name} ${step.label}` : "initial state";
  byId("state-title").textContent = step ? `State after step ${told.at}` : "Initial state";
  byId("download").href = `/api/trace/${here.path.join("/")}`;
  document.title = `${name} · ${model.name} · pmmc`;
  const broken = told.properties.filter((p) => p.lamp === "broken");
  const wrong = broken.map((p) => `${marks.broken} ${p.id}: ${p.reason}`).join("   ");
  tell(said || wrong || (step ? `${name[0].toUpperCase()}${name.slice(1)}` : model.about), wrong ? "bad" : "");
  if (kept) (document.querySelector(`[data-key="${kept}"]`) ?? firstOf(kept))?.focus({ preventScroll: true });
}

/** What takes the focus when the element that had it is gone: the first of its list. */
const firstOf = (key) => document.querySelector(`[data-key^="${key.split("-")[0]}-"]`);

const look = () => ({ filter: byId("filter").value.trim().toLowerCase(), changed: byId("changed").checked });

// Hearing ------------------------------------------------------------------------------------------------

function chooseAction(by) {
  const buttons = [...document.querySelectorAll("#next button")];
  const now = buttons.indexOf(document.activeElement);
  const then = now < 0 ? (by > 0 ? 0 : buttons.length - 1) : (now + by + buttons.length) % buttons.length;
  buttons[then]?.focus();
}

const KEYS = {
  j: later,
  k: () => travel(here.at - 1, "replace"),
  n: () => chooseAction(1),
  p: () => chooseAction(-1),
  u: cutOff,
  g: () => byId("goal").focus(),
  "/": () => byId("filter").focus(),
  "?": () => byId("keys").showModal(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  const inField = event.target.matches("input, select, textarea");
  if (inField) {
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && event.target.id === "goal") byId("jump").requestSubmit();
    return;
  }
  const action = /^\d$/.test(event.key) && moment?.actions.find((a) => a.index === Number(event.key));
  if (action) take(action.index);
  else if (KEYS[event.key]) KEYS[event.key]();
  else return;
  event.preventDefault();
}

function hear() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-take], [data-at], #diagram [data-step], #calls [data-step]");
    if (!target) return;
    if (target.dataset.take !== undefined) take(Number(target.dataset.take));
    else travel(Number(target.dataset.at ?? target.dataset.step));
  });
  byId("jump").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  byId("help").addEventListener("click", () => byId("keys").showModal());
  for (const id of ["filter", "changed"]) {
    byId(id).addEventListener("input", () => drawState(byId("state"), moment, look()));
  }
  for (const moved of ["popstate", "hashchange"]) {
    addEventListener(moved, () => {
      const place = placeOf(location.hash);
      if (place && addressOf(place) !== addressOf(here)) go(place, "keep");
    });
  }
}

async function begin() {
  try {
    model = await ask("/api/model");
  } catch (error) {
    tell(error.message, "bad");
    return;
  }
  drawModel(model, byId("facts"), byId("name"), byId("goal"));
  hear();
  const place = placeOf(location.hash);
  const wrong = !place && location.hash.length > 1;
  const start = { path: model.start, at: model.start.length };
  await go(place ?? start, "replace", wrong ? "The address names no path; this is where the walk begins." : "");
  document.body.append(element("span", { id: "ready", hidden: true }));
}

begin();
