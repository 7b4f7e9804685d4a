/* The branches that were walked, as a tree, and names of moments: kept as long as the tab is open. */

import { counted, element, kept } from "./dom.js";
import { written } from "./place.js";

/** Branches that are kept at most; the oldest go first. */
const MOST = 60;

const begins = (path, other) => path.length <= other.length && path.every((step, i) => step === other[i]);
const same = (one, other) => one.length === other.length && begins(one, other);

export class Branches {
  /** `key` tells models apart; `names` come with a link. */
  constructor(key, names) {
    this.key = `pmmc branches ${key}`;
    const found = kept.get(this.key);
    this.walked = found?.walked ?? [];
    this.names = found?.names ?? [];
    for (const one of names) this.name(one.path, one.name);
  }

  save() {
    kept.set(this.key, { walked: this.walked, names: this.names });
  }

  /** Keep the path that is shown: it goes on with one that was walked, is part of one, or leaves it. */
  walk(told, nodes) {
    const labels = told.steps.map((step) => `${nodes[step.node].name} ${step.label}`);
    const going = { path: told.path, labels };
    if (!this.walked.some((one) => begins(told.path, one.path))) {
      this.walked = [...this.walked.filter((one) => !begins(one.path, told.path)), going].slice(-MOST);
    }
    this.save();
  }

  forget(path) {
    this.walked = this.walked.filter((one) => !same(one.path, path));
    this.save();
  }

  /** Give a moment a name; a name that it has is replaced, and an empty one takes it away. */
  name(path, name) {
    this.names = this.names.filter((one) => !same(one.path, path));
    if (name) this.names.push({ path, name });
    this.save();
  }

  nameOf(path) {
    return this.names.find((one) => same(one.path, path))?.name ?? "";
  }
}

/** Draw the tree; `go` is called with a path to be shown, `forget` with one that is not wanted any more. */
export function drawBranches(section, branches, told, { go, forget }) {
  const leaves = [...branches.walked].sort((a, b) => inOrder(a.path, b.path));
  const named = [...branches.names];
  const tree = leaves.length ? [subtree(leaves, 0)] : [];
  const lost = named.map((one) => nameButton(one));
  section.querySelector(".tree").replaceChildren(...tree, ...(lost.length ? [element("ul", {}, lost.map((one) => element("li", {}, one)))] : []));

  function subtree(group, from) {
    let end = from;
    const [first] = group;
    while (group.every((one) => one.path.length > end && one.path[end] === first.path[end])) end += 1;
    const together = group.length > 1 && end > from;
    const shared = first.path.slice(0, end);
    const names = together ? namesOn(shared) : [];
    const list = element("ul", {}, group.length === 1 ? [leaf(first, from)] : alternatives(group, end));
    if (!together) return list;
    const label = end - from === 1 ? `step ${end}: ${first.labels[from] ?? ""}` : `steps ${from + 1} to ${end}`;
    return element("ul", {}, element("li", {}, branchButton(shared, label), ...names, list));
  }

  function alternatives(group, at) {
    const by = new Map();
    for (const one of group) by.set(one.path[at], [...(by.get(one.path[at]) ?? []), one]);
    return [...by.values()].map((some) => (some.length === 1 ? leaf(some[0], at) : element("li", {}, subtree(some, at))));
  }

  function leaf(one, from) {
    const label = one.labels[from] ? `${from + 1} ${one.labels[from]}` : "initial state";
    const more = one.path.length - from > 1 ? ` … ${counted(one.path.length, "step")}` : "";
    const away = element("button", { type: "button", className: "away", "aria-label": `Forget the branch ${label}${more}` }, "×");
    away.addEventListener("click", () => forget(one.path));
    const shown = same(one.path, told.path);
    const line = element("div", { className: "line" }, branchButton(one.path, `${label}${more}`, shown), shown ? null : away);
    return element("li", {}, line, ...namesOn(one.path));
  }

  function branchButton(path, label, shown = false) {
    const button = element("button", { type: "button", className: "branch", "aria-current": shown ? "true" : null, "data-branch": written(path) }, label);
    button.addEventListener("click", () => go({ path, at: path.length }));
    return button;
  }

  function namesOn(path) {
    const here = named.filter((one) => begins(one.path, path));
    for (const one of here) named.splice(named.indexOf(one), 1);
    return here.map((one) => nameButton(one, path));
  }

  /** The name of a moment; the path that it stands on stays whole. */
  function nameButton(one, on = one.path) {
    const button = element("button", { type: "button", className: "named", "data-branch": written(one.path) }, `◆ ${one.name} (step ${one.path.length})`);
    button.addEventListener("click", () => go({ path: on, at: one.path.length }));
    return button;
  }
}

function inOrder(one, other) {
  for (let i = 0; i < Math.min(one.length, other.length); i += 1) if (one[i] !== other[i]) return one[i] - other[i];
  return one.length - other.length;
}
