/* What the keyboard does. */

/** Milliseconds in which a number of several digits is typed. */
const PATIENCE = 900;

/** Call what stands in `keys` for a key, and `take` for the number of an action; `numbers` are those there are. */
export function hearKeys({ keys, numbers, take, tell, quiet }) {
  let typed = "";
  let waiting = null;

  const forget = () => {
    clearTimeout(waiting);
    typed = "";
  };

  const finish = () => {
    const number = typed === "" ? null : Number(typed);
    forget();
    if (number !== null && numbers().includes(number)) take(number);
    return number !== null;
  };

  /** Take the action of a number as soon as no longer one can be meant. */
  const digit = (key) => {
    const known = numbers().map(String);
    const begun = typed + key;
    const meant = known.filter((number) => number.startsWith(begun));
    if (!meant.length) {
      forget();
      return;
    }
    clearTimeout(waiting);
    typed = begun;
    if (meant.length === 1 && meant[0] === begun) {
      finish();
    } else {
      tell(`Action ${begun}…: one more digit, or Enter.`);
      waiting = setTimeout(finish, PATIENCE);
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || quiet()) return;
    if (event.target.matches("input, select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const scrolls = event.key.startsWith("Arrow") && event.target.matches("[tabindex]");
    if (/^\d$/.test(event.key)) digit(event.key);
    else if (event.key === "Enter" && typed !== "") finish();
    else if (keys[event.key] && !scrolls) {
      forget();
      keys[event.key]();
    } else return;
    event.preventDefault();
  });
}
