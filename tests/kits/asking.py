"""Processes that are made with the kits, asked as the line protocol has it, by a few lines of our own."""

import json
import subprocess
from collections import deque
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "examples" / "kits"
#: Language → how a file of it is run, in its folder.
COMMANDS = {
    "python": ["python3", "{}.py"],
    "javascript": ["node", "{}.js"],
    "java": ["java", "-cp", "build", "{}"],
}
#: Language → the program that must be there.
NEEDED = {"python": "python3", "javascript": "node", "java": "javac"}
SERVERS = ("server 0", "server 1", "server 2")
LOG = {"servers": [*SERVERS], "clients": ["client 0", "client 1"], "options": {}}

Json = Any


def command(language: str, name: str) -> list[str]:
    """How the example of that name is run; in Java a name is a class, and begins with a capital."""
    called = name.capitalize() if language == "java" else name
    return [word.format(called) for word in COMMANDS[language]]


def ask(kits: Path, language: str, name: str, requests: list[Json], config: Json = LOG) -> list[Json]:
    """The answers of one process to hello and to requests, all written before the first answer is read."""
    hello = {"do": "hello", "protocol": 1, "config": config}
    lines = [json.dumps({"id": at, **request}) for at, request in enumerate([hello, *requests])]
    run = subprocess.run(
        command(language, name),
        cwd=kits / language,
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    greeting, *answers = map(json.loads, run.stdout.splitlines())
    assert greeting == {"id": 0, "protocol": 1}
    assert [answer.pop("id") for answer in answers] == list(range(1, len(requests) + 1))
    return answers


def run_of(kits: Path, language: str, steps: int) -> list[Json]:
    """Requests that occur in runs of three servers, as many as that, first come first served.

    Each round asks all that has become known since the last one.
    """
    known: dict[str, Json] = {}
    waiting: deque[Json] = deque({"do": "init", "node": server} for server in SERVERS)
    states: dict[str, list[Json]] = {server: [] for server in SERVERS}
    said: dict[str, list[Json]] = {
        server: [
            {
                "from": f"client {i}",
                "message": {"type": "request", "client": f"client {i}", "cid": 1, "op": op},
            }
            for i, op in enumerate(("put k a", "append k b"))
        ]
        for server in SERVERS
    }
    while waiting and len(known) < steps:
        asked = [waiting.popleft() for _ in range(min(len(waiting), steps - len(known)))]
        for request, answer in zip(asked, ask(kits, language, "server", asked), strict=True):
            if "error" in answer:  # no run has these two together, such as an answer to what was never sent
                continue
            known[json.dumps(request, sort_keys=True)] = request
            for step in answer["steps"]:
                new = _note(states[request["node"]], step["state"])
                told = [
                    (send["to"], _from(request["node"], send))
                    for send in step.get("sends", ())
                    if send["to"] in said and _note(said[send["to"]], _from(request["node"], send))
                ]
                waiting.extend(_asked(request["node"], states, said, new))
                for to, message in told:
                    waiting.extend({"do": "step", "node": to, "state": s, **message} for s in states[to])
    return list(known.values())


def _from(node: str, send: Json) -> Json:
    return {"from": node, "message": send["message"]}


def _note(among: list[Json], one: Json) -> list[Json]:
    """What is new of it, noted."""
    if one in among:
        return []
    among.append(one)
    return [one]


def _asked(node: str, states: Json, said: Json, new: list[Json]) -> list[Json]:
    """What a node may be asked in states that are new."""
    return [
        request
        for state in new
        for request in (
            {"do": "wake", "node": node, "state": state, "timer": "election"},
            {"do": "crash", "node": node, "state": state},
            {"do": "restart", "node": node, "state": state},
            *({"do": "step", "node": node, "state": state, **message} for message in said[node]),
        )
    ]
