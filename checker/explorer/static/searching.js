/* Searching for a state: one search at a time, which the reader can stop. */

import { byId, counted } from "./dom.js";
import { ask } from "./server.js";

/** The choice that is a condition of the reader's own, and milliseconds between two looks at how far it is. */
export const OWN = "own-condition";
const PAUSE = 700;

let searching = null;

/** What is looked for, for the server and for people; null if a condition is wanted and none is written. */
function wanted() {
  const goal = byId("goal");
  if (goal.value !== OWN) return { id: goal.value, text: goal.selectedOptions[0].textContent };
  const text = byId("condition").value.trim();
  return text ? { id: text, text } : null;
}

/** Search from the end of a path; `found` is called with the steps to the goal, and what that shows. */
export async function search(begin, { found, tell }) {
  if (searching) {
    stopSearching();
    tell("Search ended.");
    return;
  }
  const goal = wanted();
  if (!goal) {
    tell("Which condition? Write node: fields, such as leader 0: {active: true}.", "warn");
    byId("condition").focus();
    return;
  }
  const mine = (searching = new AbortController());
  byId("search").textContent = "Stop";
  const words = `Searching from step ${begin.length} for a state where ${goal.text} …`;
  tell(words);
  watchProgress(mine, (so_far) => tell(`${words} ${so_far}`));
  try {
    const question = new URLSearchParams({ path: begin.join("/"), goal: goal.id });
    const told = await ask(`/api/search?${question}`, mine.signal);
    if (searching !== mine) return;
    endSearch();
    if (told.found && told.steps.length) {
      const shorter = told.nearest ? "" : "; there may be a shorter way";
      await found(told.steps, `${told.reason} — found ${counted(told.steps.length, "step")} further on${shorter}.`);
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

/** Tell how far a search is, until it ends. */
function watchProgress(mine, tell) {
  setTimeout(async () => {
    if (searching !== mine) return;
    const { text } = await ask("/api/progress").catch(() => ({ text: "" }));
    if (searching !== mine) return;
    if (text) tell(text);
    watchProgress(mine, tell);
  }, PAUSE);
}

function endSearch() {
  searching = null;
  byId("search").textContent = "Search";
}

export function stopSearching() {
  if (!searching) return;
  searching.abort();
  endSearch();
  ask("/api/stop").catch(() => {});
}
