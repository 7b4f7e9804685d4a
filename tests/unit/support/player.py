"""An acceptor as a process, without anything but Python: right, or hostile in the way that it is told.

    python player.py [WAY] [FOLDER]

It writes a file for each of its processes to FOLDER, by whose name they are found.
"""

import json
import os
import sys
import time
from typing import Any

WAY = sys.argv[1] if len(sys.argv) > 1 else "right"
BOTTOM = [-1, -1]
SEEN: list[Any] = []


def step(node: str, state: Any, message: Any) -> list[Any]:
    """What an acceptor does (paper, figure 4)."""
    ballot, accepted = state["ballot"], state["accepted"]
    if message["type"] == "p1a":
        ballot = max(ballot, message["ballot"])
        promised = [] if WAY == "promises nothing" else accepted
        reply = {"type": "p1b", "acceptor": node, "ballot": message["ballot"]}
        reply |= {"current": ballot, "accepted": promised}
    else:
        pvalue = message["pvalue"]
        right = pvalue["ballot"] == ballot or WAY == "accepts any"
        if right and pvalue not in accepted:
            accepted = [*accepted, pvalue]
        reply = {"type": "p2b", "acceptor": node, "ballot": pvalue["ballot"]}
        reply |= {"slot": pvalue["slot"], "current": ballot}
    after = {"ballot": ballot, "accepted": accepted}
    return [{"state": after, "sends": [{"to": message["leader"], "message": reply}]}]


def answer(asked: Any) -> Any:
    """The answer to a request, without its id."""
    if asked["do"] == "hello":
        return {"protocol": 2 if WAY == "another version" else 1}
    if asked["do"] == "init":
        return {"steps": [{"state": {"ballot": BOTTOM, "accepted": []}}] * (2 if WAY == "two beginnings" else 1)}
    if asked["do"] in ("crash", "restart"):
        return {"steps": [{"state": asked["state"]}]}
    return {"steps": step(asked["node"], asked["state"], asked["message"])}


def misbehave(asked: Any, given: Any) -> Any:
    """What is written instead of a right answer to a p2a: a line, or what becomes one."""
    SEEN.append(asked["id"])
    first = given["steps"][0]
    match WAY:
        case "raises":
            return {"id": asked["id"], "error": "no such slot\n\x1b[31m"}
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
        case "no json":
            return "Exception in thread main"
        case "no object":
            return [1]
        case "not a number":
            return f'{{"id": {asked["id"]}, "steps": [{{"state": NaN}}]}}'
        case "twice a key":
            return f'{{"id": {asked["id"]}, "steps": [], "steps": []}}'
        case "nested":
            return "[" * 100_000
        case "no utf-8":
            sys.stdout.flush()
            os.write(1, b'"\xff"\n')
            return None
        case "wrong id":
            return {**given, "id": asked["id"] + 1}
        case "no id":
            return given
        case "too long":
            return "x" * (17 << 20)
        case "no steps":
            return {"id": asked["id"], "step": []}
        case "no list":
            return {"id": asked["id"], "steps": {}}
        case "no state":
            return {"id": asked["id"], "steps": [{"sends": []}]}
        case "unknown key":
            return {"id": asked["id"], "steps": [{**first, "stat": 1}]}
        case "wrong state":
            return {"id": asked["id"], "steps": [{"state": {"ballot": [0, 0, 0], "accepted": []}}]}
        case "wrong message":
            sends = [{"to": "leader 0", "message": {"type": "p3b"}}]
            return {"id": asked["id"], "steps": [{**first, "sends": sends}]}
        case "no message":
            return {"id": asked["id"], "steps": [{**first, "sends": [{"to": "leader 0"}]}]}
        case "unknown node":
            sends = [{**first["sends"][0], "to": "leader 7"}]
            return {"id": asked["id"], "steps": [{**first, "sends": sends}]}
        case "counts":
            if len(SEEN) > 2:
                return {"id": asked["id"], "steps": []}
        case "remembers":
            accepted = first["state"]["accepted"]
            step.known = sorted((*getattr(step, "known", ()), *map(json.dumps, accepted)))  # type: ignore[attr-defined]
            first["state"]["accepted"] = [json.loads(one) for one in dict.fromkeys(step.known)]  # type: ignore[attr-defined]
        case "says more":
            return json.dumps({"id": asked["id"], **given}) + "\nand more"
    return {"id": asked["id"], **given}


def main() -> None:
    """Answer until there is nothing more to be answered."""
    if len(sys.argv) > 2:
        with open(os.path.join(sys.argv[2], str(os.getpid())), "w", encoding="utf-8"):
            pass
    if WAY == "ends at once":
        sys.exit("not today")
    if WAY == "stays":
        import signal

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
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
