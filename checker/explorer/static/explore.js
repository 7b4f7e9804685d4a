/* The page: where the reader is (a path and a moment of it), and how that moves. */

import { Branches, drawBranches } from "./branches.js";
import { drawCalls, drawDiagram, drawPictures } from "./diagram.js";
import { byId, element } from "./dom.js";
import { hearKeys } from "./keys.js";
import { hearPanes } from "./panes.js";
import { drawActions, drawPath } from "./path.js";
import { addressOf, placeOf, written } from "./place.js";
import { drawProperties, marks } from "./properties.js";
import { OWN, search, stopSearching } from "./searching.js";
import { ask, save } from "./server.js";
import { differs, hearShare, share } from "./share.js";
import { drawState } from "./state.js";
import { drawWatches } from "./watches.js";

/** Where the reader is: steps taken, and how many of them are shown as done; watches, and what is compared. */
let here = { path: [], at: 0, watches: [], against: null, colour: "" };
let model = null;
let branches = null;
/** What the server said of the moment shown. */
let moment = null;
/** Numbers questions, so that an answer which comes too late is dropped. */
let asked = 0;

function tell(text, looks = "") {
  const line = byId("told");
  line.className = looks;
  line.textContent = text;
}

// Moving -------------------------------------------------------------------------------------------------

/** Go to a place; `how` is what becomes of the browser's history: push, replace, or keep. */
async function go(place, how = "push", said = "") {
  const question = ++asked;
  stopSearching();
  const slow = setTimeout(() => document.body.classList.add("busy"), 200);
  try {
    const { watches, against, colour } = { ...here, ...place };
    const wanted = new URLSearchParams([["at", place.at], ...watches.map((text) => ["watch", text])]);
    if (against !== null) wanted.append("against", written(against));
    if (colour) wanted.append("colour", colour);
    const told = await ask(`/api/state/${written(place.path)}?${wanted}`);
    if (question !== asked) return;
    here = { path: told.path, at: told.at, watches, against, colour };
    if (how === "push") history.pushState(null, "", addressOf(here));
    if (how === "replace") history.replaceState(null, "", addressOf(here));
    show(told, said);
  } catch (error) {
    if (question !== asked) return;
    if (error.told?.valid !== undefined) {
      const path = place.path.slice(0, error.told.valid);
      await go({ ...place, path, at: path.length }, "replace", `${error.message}. Shown is the path up to there.`);
    } else if (error.told?.against) {
      await go({ ...place, against: null }, "replace", `${error.message}. Shown is the state without it.`);
    } else {
      tell(error.message, "bad");
    }
  } finally {
    clearTimeout(slow);
    document.body.classList.remove("busy");
  }
}

/** A place with no more steps than the page shows, and what is told of one that has more. */
function shortened(place) {
  const most = model.most_steps;
  if (place.path.length <= most) return [place, ""];
  const path = place.path.slice(0, most);
  return [{ ...place, path, at: Math.min(place.at, most) }, `The address names ${place.path.length} steps; shown are the first ${most}.`];
}

const travel = (at, how) => {
  if (at >= 0 && at <= here.path.length && at !== here.at) go({ path: here.path, at }, how);
};

/** One step later; from the end of a path that comes back to one of its states on to the step after that. */
function later() {
  const around = moment?.loop && here.at === here.path.length;
  travel(around ? moment.loop.to + 1 : here.at + 1, "replace");
}

const earlier = () => travel(here.at - 1, "replace");

/** Take an action at the moment shown; the rest of the path stays if it begins with it, else among the branches. */
function take(index) {
  const same = here.path[here.at] === index;
  const path = same ? here.path : [...here.path.slice(0, here.at), index];
  if (path.length > model.most_steps) tell(`A path has ${model.most_steps} steps at most.`, "bad");
  else go({ path, at: here.at + 1 });
}

function cutOff() {
  if (here.at > 0) go({ path: here.path.slice(0, here.at - 1), at: here.at - 1 });
}

/** Show the same place once more, with other watches or another comparison. */
const lookAt = (more) => go({ ...here, ...more }, "replace");

function searchFromHere() {
  const begin = here.path.slice(0, here.at);
  const found = (steps, said) => go({ path: [...begin, ...steps], at: begin.length + steps.length }, "push", said);
  return search(begin, { found, tell });
}

// Showing ------------------------------------------------------------------------------------------------

function show(told, said) {
  const before = moment;
  moment = told;
  const kept = document.activeElement?.dataset?.key;
  drawPath(byId("path"), model, told);
  drawActions(byId("next"), model, told);
  drawPictures(byId("pictures"), told);
  drawCalls(byId("chart"), told);
  drawDiagram(byId("drawing"), told, before);
  byId("colour").replaceChildren(...told.colourings.map((name) => element("option", { selected: name === here.colour }, name)));
  branches.walk(told, model.nodes);
  drawChoices(told);
  drawState(byId("state"), told, look());
  byId("state").querySelector(".cards").scrollTop = 0;
  drawWatches(byId("watches"), told, (number) => lookAt({ watches: here.watches.filter((_, i) => i !== number) }));
  drawTree();
  drawProperties(byId("properties"), model, told);
  const step = told.steps[told.at - 1];
  const name = step ? `step ${told.at}: ${model.nodes[step.node].name} ${step.label}` : "initial state";
  byId("state-title").textContent = step ? `State after step ${told.at}` : "Initial state";
  byId("moment-name").value = branches.nameOf(told.path.slice(0, told.at));
  byId("download").href = `/api/trace/${here.path.join("/")}`;
  document.title = `${name} · ${model.name} · pmmc`;
  const broken = told.properties.filter((p) => p.lamp === "broken");
  const wrong = broken.map((p) => `${marks.broken} ${p.id}: ${p.reason}`).join("   ");
  tell(said || wrong || (step ? `${name[0].toUpperCase()}${name.slice(1)}` : model.about), wrong ? "bad" : "");
  if (kept) (document.querySelector(`[data-key="${kept}"]`) ?? firstOf(kept))?.focus({ preventScroll: true });
}

function drawTree() {
  const forget = (path) => {
    branches.forget(path);
    drawTree();
  };
  drawBranches(byId("branches"), branches, moment, { go, forget });
}

/** What the state may be compared with: the step before, moments of the path, and those that have names. */
function drawChoices(told) {
  const now = here.against === null ? "" : written(here.against);
  const of = (path, text) => element("option", { value: `=${written(path)}` }, text);
  const steps = told.steps.map((step) => of(told.path.slice(0, step.number), `step ${step.number}: ${model.nodes[step.node].name} ${step.label}`));
  const names = branches.names.map(({ name, path }) => of(path, `◆ ${name}`));
  const ends = branches.walked.filter((one) => written(one.path) !== written(told.path)).map((one) => of(one.path, `${one.path.length} steps, to ${one.labels.at(-1) ?? ""}`));
  const group = (label, options) => (options.length ? element("optgroup", { label }, options) : null);
  const list = byId("against");
  list.replaceChildren(
    ...[element("option", { value: "" }, "the step before"), group("names", names), group("this path", [of([], "initial state"), ...steps]), group("ends of branches", ends)].filter(Boolean),
  );
  list.value = here.against === null ? "" : `=${now}`;
  if (list.selectedIndex < 0) {
    list.append(of(here.against, `the state of the link (${here.against.length} steps)`));
    list.value = `=${now}`;
  }
}

/** What takes the focus when the element that had it is gone: the first of its list. */
const firstOf = (key) => document.querySelector(`[data-key^="${key.split("-")[0]}-"]`);

const look = () => ({
  filter: byId("filter").value.trim().toLowerCase(),
  changed: byId("changed").checked,
  there: here.against === null ? "" : branches.nameOf(here.against) || `${onPath(here.against) ? "" : "other "}step ${here.against.length}`,
  here: `step ${here.at}`,
});

const onPath = (path) => written(here.path.slice(0, path.length)) === written(path);

function drawModel() {
  byId("name").replaceChildren(element("span", { className: "dim" }, "pmmc explore "), model.name);
  byId("name").title = model.about;
  const bounds = Object.entries(model.bounds).map(([bound, value]) => `${bound} ${value}`);
  byId("facts").textContent = [model.network, ...bounds].join(" · ");
  const groups = new Map();
  for (const goal of model.goals) {
    if (!groups.has(goal.group)) groups.set(goal.group, element("optgroup", { label: goal.group }));
    groups.get(goal.group).append(element("option", { value: goal.id }, goal.text));
  }
  groups.set(OWN, element("option", { value: OWN }, "a condition of my own holds …"));
  byId("goal").replaceChildren(...groups.values());
}

// Hearing ------------------------------------------------------------------------------------------------

function chooseAction(by) {
  const buttons = [...document.querySelectorAll("#next button")];
  const now = buttons.indexOf(document.activeElement);
  const then = now < 0 ? (by > 0 ? 0 : buttons.length - 1) : (now + by + buttons.length) % buttons.length;
  buttons[then]?.focus();
}

const KEYS = {
  j: later,
  ArrowDown: later,
  ArrowRight: later,
  k: earlier,
  ArrowUp: earlier,
  ArrowLeft: earlier,
  n: () => chooseAction(1),
  p: () => chooseAction(-1),
  u: cutOff,
  g: () => byId("goal").focus(),
  b: () => byId("moment-name").focus(),
  w: () => byId("watch").focus(),
  "/": () => byId("filter").focus(),
  "?": () => byId("keys").showModal(),
};

function hear() {
  hearKeys({
    keys: KEYS,
    numbers: () => moment?.actions.map((action) => action.index) ?? [],
    take,
    tell,
    quiet: () => Boolean(document.querySelector("dialog[open]")),
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-take], [data-at], #drawing [data-step], #chart [data-step], #pictures [data-step]");
    if (!target) return;
    if (document.activeElement.matches("[tabindex]")) document.activeElement.blur(); // arrow keys are for the path
    if (target.dataset.take !== undefined) take(Number(target.dataset.take));
    else travel(Number(target.dataset.at ?? target.dataset.step));
  });
  byId("jump").addEventListener("submit", (event) => {
    event.preventDefault();
    searchFromHere();
  });
  byId("goal").addEventListener("keydown", (event) => {
    if (event.key === "Enter") byId("jump").requestSubmit();
  });
  byId("download").addEventListener("click", (event) => {
    event.preventDefault();
    save(event.currentTarget.href).catch((error) => tell(error.message, "bad"));
  });
  byId("help").addEventListener("click", () => byId("keys").showModal());
  byId("share-button").addEventListener("click", () => share({ ...here, names: branches.names }, model));
  hearShare();
  hearForms();
  for (const id of ["filter", "changed"]) {
    byId(id).addEventListener("input", () => drawState(byId("state"), moment, look()));
  }
  for (const moved of ["popstate", "hashchange"]) {
    addEventListener(moved, () => {
      const place = placeOf(location.hash);
      if (place && addressOf(place) !== addressOf(here)) {
        const [shown, said] = shortened(place);
        for (const { name, path } of place.names) branches.name(path, name);
        go(shown, said || place.model ? "replace" : "keep", said || differs(place, model));
      }
    });
  }
}

function hearForms() {
  byId("goal").addEventListener("change", () => {
    byId("condition").hidden = byId("goal").value !== OWN;
    if (!byId("condition").hidden) byId("condition").focus();
  });
  byId("watches").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("watch").value.trim();
    byId("watch").value = "";
    if (text && !here.watches.includes(text)) lookAt({ watches: [...here.watches, text] });
  });
  byId("branches").addEventListener("submit", (event) => {
    event.preventDefault();
    branches.name(here.path.slice(0, here.at), byId("moment-name").value.trim());
    drawTree();
    drawChoices(moment);
    document.activeElement.blur();
  });
  byId("colour").addEventListener("change", () => lookAt({ colour: byId("colour").selectedIndex ? byId("colour").value : "" }));
  byId("against").addEventListener("change", () => {
    const chosen = byId("against").value;
    lookAt({ against: chosen === "" ? null : chosen.slice(1).split("/").filter(Boolean).map(Number) });
  });
}

async function begin() {
  try {
    model = await ask("/api/model");
  } catch (error) {
    tell(error.message, "bad");
    return;
  }
  drawModel();
  hear();
  const place = placeOf(location.hash);
  const wrong = !place && location.hash.length > 1;
  const start = { path: model.start, at: model.start.length };
  const [shown, said] = shortened(place ?? start);
  branches = new Branches(model.content, place?.names ?? []);
  hearPanes(byId("panes").querySelector(".menu"));
  await go(shown, "replace", wrong ? "The address names no path; this is where the walk begins." : said || differs(shown, model));
  document.body.append(element("span", { id: "ready", hidden: true }));
}

begin();
