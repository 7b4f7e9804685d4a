/* What is asked of the server. */

/** What is told when it does not answer. */
const GONE = "The server does not answer: pmmc explore was ended.";

/** What the server answers. An error carries its `status`, 0 if there was no answer, and what was `told`. */
export async function ask(address, signal) {
  let answer;
  try {
    answer = await fetch(address, { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Object.assign(new Error(GONE), { status: 0 });
  }
  const told = await answer.json();
  if (!answer.ok) {
    throw Object.assign(new Error(told.error ?? `status ${answer.status}`), { told, status: answer.status });
  }
  return told;
}

/** Save what is at an address as a file; the server names it. */
export async function save(address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw new Error(GONE);
  }
  if (!answer.ok) throw new Error((await answer.json()).error);
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "trace";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
