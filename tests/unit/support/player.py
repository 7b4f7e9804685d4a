"""An acceptor as a process, without anything but Python: right, or hostile in the way that it is told.

    python player.py [WAY] [FOLDER]

It writes a file for each of its processes to FOLDER, by whose name they are found.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WAY = sys.argv[1] if len(sys.argv) > 1 else "right"
BOTTOM = [-1, -1]
#: What it must not do: to remember anything from one request to the next.
SEEN: list[int] = []
KNOWN: dict[str, Any] = {}


def step(node: str, state: Any, message: Any) -> list[Any]:
    """What an acceptor does (paper, figure 4)."""
    ballot, accepted = state["ballot"], state["accepted"]
    if message["type"] == "p1a":
        if WAY == "cleared-when-adopting" and message["ballot"] > ballot:
            accepted = []
        ballot = message["ballot"] if WAY == "adopts-lower-ballot" else max(ballot, message["ballot"])
        reply = {"type": "p1b", "acceptor": node, "ballot": message["ballot"]}
        reply |= {"current": ballot, "accepted": accepted}
    else:
        pvalue = message["pvalue"]
        right = pvalue["ballot"] == ballot or WAY == "accept-any-ballot"
        if right and pvalue not in accepted:
            accepted = [*accepted, pvalue]
        lies = WAY in ("accept-any-ballot", "false-acknowledgement")
        reply = {"type": "p2b", "acceptor": node, "ballot": pvalue["ballot"]}
        reply |= {"slot": pvalue["slot"], "current": pvalue["ballot"] if lies else ballot}
    after = {"ballot": ballot, "accepted": accepted}
    return [{"state": after, "sends": [{"to": message["leader"], "message": reply}]}]


def answer(asked: Any) -> Any:
    """The answer to a request, without its id."""
    if asked["do"] == "hello":
        return {"protocol": 2 if WAY == "another version" else 1}
    if asked["do"] == "init":
        begun = {"state": {"ballot": BOTTOM, "accepted": []}}
        return {"steps": [begun, begun] if WAY == "two beginnings" else [begun]}
    if asked["do"] in ("crash", "restart"):
        return {"steps": [{"state": asked["state"]}]}
    return {"steps": step(asked["node"], asked["state"], asked["message"])}


def end() -> None:
    """End, or do nothing any more, in the middle of it all."""
    match WAY:
        case "crashes":
            print("first words\nlast words", file=sys.stderr, flush=True)
            os._exit(3)
        case "is killed":
            os.kill(os.getpid(), 9)
        case "hangs":
            time.sleep(600)
        case "hangs up":
            os.close(1)
            time.sleep(600)
        case "half a line":
            os.write(1, b'{"id":')
            os._exit(0)
        case "no utf-8":
            os.write(1, b'"\xff"\n')


#: Way → what is written instead of a right answer, as text or as what becomes it: of the number of the
#: request, the answer, and its first step.
WRITTEN: dict[str, Callable[[int, Any, Any], Any]] = {
    "raises": lambda number, given, first: {"id": number, "error": "no such slot\n\x1b[31m"},
    "no json": lambda number, given, first: "Exception in thread main",
    "no object": lambda number, given, first: [1],
    "not a number": lambda number, given, first: f'{{"id": {number}, "steps": [{{"state": NaN}}]}}',
    "no end": lambda number, given, first: f'{{"id": {number}, "steps": [{{"state": 1e999}}]}}',
    "twice a key": lambda number, given, first: f'{{"id": {number}, "steps": [], "steps": []}}',
    "nested": lambda number, given, first: "[" * 100_000,
    "too long": lambda number, given, first: "x" * (17 << 20),
    "says more": lambda number, given, first: json.dumps({"id": number, **given}) + "\nand more",
    "wrong id": lambda number, given, first: {"id": number + 1},
    "text as id": lambda number, given, first: {"id": str(number)},
    "no id": lambda number, given, first: {"steps": []},
    "no steps": lambda number, given, first: {"id": number, "step": []},
    "no list": lambda number, given, first: {"id": number, "steps": {}},
    "no step": lambda number, given, first: {"id": number, "steps": [7]},
    "no state": lambda number, given, first: {"id": number, "steps": [{"sends": []}]},
    "unknown key": lambda number, given, first: {"id": number, "steps": [{**first, "stat": 1}]},
    "wrong state": lambda number, given, first: {
        "id": number,
        "steps": [{"state": {"ballot": [0, 0, 0], "accepted": []}}],
    },
    "wrong message": lambda number, given, first: {
        "id": number,
        "steps": [{**first, "sends": [{"to": "leader 0", "message": {"type": "p2b"}}]}],
    },
    "no message": lambda number, given, first: {
        "id": number,
        "steps": [{**first, "sends": [{"to": "leader 0"}]}],
    },
    "unknown node": lambda number, given, first: {
        "id": number,
        "steps": [{**first, "sends": [{**first["sends"][0], "to": "leader 7"}]}],
    },
}


def misbehave(asked: Any, given: Any) -> Any:
    """What is written instead of a right answer to a p2a: a line, or what becomes one; None if it was."""
    SEEN.append(asked["id"])
    end()
    first = given["steps"][0]
    if WAY in WRITTEN:
        return WRITTEN[WAY](asked["id"], given, first)
    if WAY == "counts" and len(SEEN) > 2:
        return {"id": asked["id"], "steps": []}
    if WAY == "remembers":
        KNOWN.update((json.dumps(one), one) for one in first["state"]["accepted"])
        first["state"]["accepted"] = list(KNOWN.values())
    return None if WAY == "no utf-8" else {"id": asked["id"], **given}


def main() -> None:
    """Answer until there is nothing more to be answered."""
    if len(sys.argv) > 2:
        (Path(sys.argv[2]) / str(os.getpid())).touch()
    if WAY == "ends at once":
        sys.exit("not today")
    for line in sys.stdin:
        asked = json.loads(line)
        said: Any = {"id": asked["id"], **answer(asked)}
        if asked["do"] == "step" and asked["message"]["type"] == "p2a":
            said = misbehave(asked, answer(asked))
        if said is not None:
            print(said if isinstance(said, str) else json.dumps(said), flush=WAY != "never flushes")
    if WAY == "stays":
        time.sleep(600)


if __name__ == "__main__":
    main()
