/* The state, node by node: those first that the last step changed. */

import { element } from "./dom.js";

/** Nodes that the reader has folded. */
const folded = new Set();

/** What changed is so since the step before or, where the server has compared it with another state, since that. */
export function drawState(section, told, look) {
  const shown = told.compared ?? told.nodes;
  const rank = (node) => (node.acted ? 0 : node.changed ? 1 : 2);
  const nodes = shown.map((node, number) => ({ ...node, number })).sort((a, b) => rank(a) - rank(b));
  const cards = nodes.map((node) => card(node, told, look)).filter(Boolean);
  const nothing = told.compared ? "Both states are the same." : "The last step changed nothing.";
  const none = element("p", { className: "dim" }, look.filter ? "Nothing here fits the filter." : nothing);
  section.classList.toggle("compared", Boolean(told.compared));
  section.querySelector(".cards").replaceChildren(...(cards.length ? cards : [none]));
}

function card(node, told, look) {
  const ignored = new Map(told.ignored.filter((m) => m.node === node.number).map((m) => [m.label, m]));
  const inbox = { name: "inbox", items: node.inbox, mark: "", text: "", old: null, ignored };
  const rows = [...node.rows, inbox].filter((row) => fits(node, row, look));
  if (!rows.length) return null;
  const looks = `card ${node.changed ? "changed" : ""} ${node.acted ? "acted" : ""}`;
  const badge = node.acted ? element("span", { className: "badge" }, "took the step") : null;
  const made = element(
    "details",
    { className: looks, open: !folded.has(node.name), "data-node": node.name },
    element("summary", {}, node.name, badge),
    told.compared ? besideEachOther(rows, look) : element("dl", {}, rows.map((row) => [element("dt", {}, row.name), element("dd", { "data-field": row.name }, value(row))])),
  );
  made.addEventListener("toggle", () => (made.open ? folded.delete(node.name) : folded.add(node.name)));
  return made;
}

/** Two states in two columns, field by field: the other one, and the one shown. */
function besideEachOther(rows, { there, here }) {
  const line = (row) => {
    const side = (gone) => (row.items ? items(row.items.filter((item) => item.mark !== gone)) : [gone === "added" ? (row.old ?? row.text) : row.text]);
    return element(
      "tr",
      { className: isChanged(row) ? "differs" : "", "data-field": row.name },
      element("th", { scope: "row" }, row.name),
      element("td", {}, side("added")),
      element("td", {}, side("removed")),
    );
  };
  const head = element("tr", {}, element("td", {}), element("th", { scope: "col" }, there), element("th", { scope: "col" }, here));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, rows.map(line)));
}

const items = (some) => (some.length ? some.map(chip) : [element("span", { className: "dim" }, "none")]);

const isChanged = (row) => row.mark !== "" || (row.items ?? []).some((item) => item.mark !== "");

function fits(node, row, look) {
  if (look.changed && !isChanged(row)) return false;
  const text = [node.name, row.name, row.text, ...(row.items ?? []).map((item) => item.text)].join(" ");
  return text.toLowerCase().includes(look.filter);
}

function value(row) {
  if (row.items) {
    if (!row.items.length) return [element("span", { className: "dim" }, "none")];
    return row.items.map((item) => (row.ignored ? message(item, row.ignored.get(item.text)) : chip(item)));
  }
  if (row.mark === "changed") {
    const parts = [element("del", {}, row.old)];
    if (row.text) parts.push(" → ", element("ins", {}, row.text));
    return parts;
  }
  return [row.text];
}

const TAGS = { added: "ins", removed: "del" };

function chip(item) {
  const text = item.mark === "added" ? `+ ${item.text}` : item.text;
  return element(TAGS[item.mark] ?? "span", { className: "chip" }, text);
}

/** A message: one that may be taken is a button that takes it; who sent it and when stands behind it. */
function message(item, ignored) {
  const made = chip(item);
  if (item.sent === undefined) return made;
  const origin = item.sent ? `${item.sender}, step ${item.sent}` : `${item.sender}, at the start`;
  const from = element("span", { className: "from" }, `from ${origin}`);
  if (!item.take.length) {
    made.classList.add("ignored");
    const why = ignored ? `${ignored.why}${ignored.looked ? `: ${ignored.looked}` : ""}` : "";
    return element("div", { className: "message" }, made, from, why ? element("span", { className: "looked" }, why) : null);
  }
  const [first] = item.take;
  const ways = item.take.length > 1 ? `, in the first of ${item.take.length} ways (${item.take.join(", ")})` : "";
  const button = element(
    "button",
    { type: "button", className: "take", title: `Take it${ways}`, "data-take": first, "data-key": `inbox-${first}` },
    made,
  );
  return element("div", { className: "message" }, button, from, ways ? element("span", { className: "from" }, `${item.take.length} ways`) : null);
}
