"""A program that serves the rules of a model file over the line protocol: `python servedrules.py MODEL`."""

import json
import sys
from pathlib import Path
from typing import Any

from checker.conformance.rules import Rules
from checker.modelfiles.loading import load_text
from spec.protocol import PMMC


def rules_of(text: str) -> Rules:
    """The rules of a model, by its text."""
    return Rules(load_text(text, "model.yaml", protocols={"pmmc": PMMC}))


def answered(rules: Rules, request: dict[str, Any]) -> dict[str, Any]:
    """An answer as a line has it; what a rule raises is told in it."""
    if request["do"] == "hello":
        return {"id": request["id"], "protocol": 1}
    try:
        return {"id": request["id"], **json.loads(json.dumps(rules.answer(request)))}
    except Exception as error:  # noqa: BLE001 - what a rule that is wrong on purpose may raise
        return {"id": request["id"], "error": repr(error)}


def main() -> None:
    """Serve until the end of stdin."""
    rules = rules_of(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for line in sys.stdin:
        print(json.dumps(answered(rules, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
