/* A place as a link and as a command, for somebody who has the same model file. */

import { byId } from "./dom.js";
import { addressOf, written } from "./place.js";

/** Show how another one comes here: a link with watches and names in it, and a command. */
export function share(place, model) {
  const path = place.path.length ? `--path ${written(place.path)}` : "--path -";
  byId("share-command").value = `${model.command} ${path}`;
  byId("share-link").value = `${location.origin}/${addressOf({ ...place, model: model.content })}`;
  byId("share").showModal();
}

export function hearShare() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const field = byId(button.dataset.copy);
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Selected";
      }
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
  }
}

/** What is told of a link that was made for something else than this model; empty if it was not. */
export function differs(place, model) {
  if (!place.model || place.model === model.content) return "";
  return `This link was made with another model file (${place.model}; here it is ${model.content}): what it shows may be something else.`;
}
