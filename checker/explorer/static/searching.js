/* Searching for a state: one search at a time, which the reader can stop. */

import { byId, counted } from "./dom.js";
import { ask } from "./server.js";

let searching = null;

/** Search from the end of a path; `found` is called with the steps to the goal, and what that shows. */
export async function search(begin, { found, tell }) {
  if (searching) {
    stopSearching();
    tell("Search ended.");
    return;
  }
  const goal = byId("goal");
  const mine = (searching = new AbortController());
  byId("search").textContent = "Stop";
  tell(`Searching from step ${begin.length} for a state where ${goal.selectedOptions[0].textContent} …`);
  try {
    const question = new URLSearchParams({ path: begin.join("/"), goal: goal.value });
    const told = await ask(`/api/search?${question}`, mine.signal);
    if (searching !== mine) return;
    endSearch();
    if (told.found && told.steps.length) {
      await found(told.steps, `${told.reason} — found ${counted(told.steps.length, "step")} further on.`);
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

export function stopSearching() {
  if (!searching) return;
  searching.abort();
  endSearch();
  ask("/api/stop").catch(() => {});
}
