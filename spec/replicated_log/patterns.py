"""Goals written in a model file: what servers show, what clients were answered, which stage it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checker.model.properties import Kind, Property
from checker.model.values import show
from checker.model.vocabulary import View
from checker.modelfiles.complaints import Objection, Objections, Path, Unknown, shown
from pmmc.values import Node
from spec.replicated_log import clients, servers
from spec.replicated_log.values import CLEARED, EMPTY, STATUSES, Setting

#: The role of the node that keeps the stage of a scenario.
ROLE = "stage"
#: By role: what may be said of its nodes, and what it is.
_OF_SERVERS = "a slot ('accepted put k A'), or 'performed'"
_OF_CLIENTS = "'answers' or 'waiting'"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one node must show: pairs of what is looked at, and what it must be."""

    facts: tuple[tuple[Any, Any], ...]

    def shows(self, local: Any) -> bool:
        """Whether a local state shows all of it."""
        return all(_fact(local, what) in value for what, value in self.facts)


def _fact(local: Any, what: Any) -> Any:
    """What is looked at: of a server a slot as `status` and `status command`, or what it has performed."""
    if isinstance(what, int):
        entry = next((s for s in local.shown.log if s.slot == what), None)
        return EMPTY if entry is None else str(entry).split(" ", 1)[1]
    if what == "performed":
        return tuple(map(str, local.shown.performed or ()))
    if what == "answers":
        return tuple((str(command), result) for command, result in local.answers)
    if what == "waiting":
        return None if local.waiting is None else str(local.waiting)
    return local.stage


@dataclass(frozen=True, slots=True)
class Pattern:
    """Judges whether every node named shows what it must; its views come in the order of `nodes`."""

    text: str
    nodes: tuple[tuple[Node, Wanted], ...]

    def __call__(self, setting: Setting, *views: Mapping[Node, bool]) -> str | None:
        """The pattern as a sentence if the state shows it."""
        matches = all(view[node] for view, (node, _) in zip(views, self.nodes, strict=True))
        return self.text if matches else None


def read_goal(setting: Setting, stages: int, value: Mapping[str | int, Any]) -> Property:
    """The goal that a mapping stands for. Raises Objections, with paths in that mapping."""
    pattern = read_pattern(setting, stages, value)
    views = tuple(
        View(f"{index} of {pattern.text}", node.role, wanted.shows)
        for index, (node, wanted) in enumerate(pattern.nodes)
    )
    meaning = f"Some state shows {pattern.text}."
    return Property(pattern.text, Kind.SOMETIMES, meaning, "model file", views, pattern)


def read_pattern(setting: Setting, stages: int, value: Mapping[str | int, Any]) -> Pattern:
    """What nodes must show, by a mapping node → what. Raises Objections."""
    wrong: list[Objection] = []
    known = {str(node): node for node in (*setting.servers, *setting.clients)}
    if stages:
        known[f"{ROLE} 0"] = Node(ROLE, 0)
    if not value:
        wrong.append(Objection((), "expected at least one node with what it must show"))
    nodes = []
    for name, fields in value.items():
        node = known.get(str(name))
        if node is None:
            wrong.append(Objection((name,), Unknown.of("node", name, known), key=True))
        elif not isinstance(fields, dict) or not fields:
            wrong.append(Objection((name,), f"expected a mapping: what {node} must show"))
        else:
            nodes.append((node, fields))
    facts = {
        node: tuple(
            (what, _read(setting, stages, node, what, wanted, wrong)) for what, wanted in fields.items()
        )
        for node, fields in nodes
    }
    if wrong:
        raise Objections(wrong)
    text = ", ".join(
        f"{node} ({', '.join(f'{what} {_said(wanted)}' for what, wanted in fields.items())})"
        for node, fields in nodes
    )
    return Pattern(text, tuple((node, Wanted(facts[node])) for node, _ in nodes))


def _said(wanted: Any) -> str:
    if isinstance(wanted, dict):
        return show({key: str(value) for key, value in wanted.items()})
    return show(tuple(map(str, wanted)) if isinstance(wanted, list) else wanted)


def _read(
    setting: Setting, stages: int, node: Node, what: Any, wanted: Any, wrong: list[Objection]
) -> frozenset[Any]:
    """The values that something may have; empty, with an objection, if it is faulty."""
    path: Path = (str(node), what)
    ops = [str(command) for command in setting.commands]
    match node.role, what:
        case servers.ROLE, int() if what >= 1:
            found = _slot(path, wanted, ops, wrong)
        case servers.ROLE, "performed":
            found = frozenset({tuple(_commands(path, wanted, ops, wrong))})
        case clients.ROLE, "answers":
            found = _answers(path, wanted, ops, wrong)
        case clients.ROLE, "waiting":
            found = frozenset([None] if wanted is None else _commands(path, [wanted], ops, wrong))
        case "stage", "stage":
            if not isinstance(wanted, int) or not 1 <= wanted <= stages:
                wrong.append(Objection(path, f"expected a stage from 1 to {stages}, not {shown(wanted)}"))
            found = frozenset({wanted})
        case _:
            may = {servers.ROLE: _OF_SERVERS, clients.ROLE: _OF_CLIENTS, ROLE: "'stage'"}[node.role]
            wrong.append(Objection(path, f"{node} shows {may}, and no {shown(what)}", key=True))
            found = frozenset()
    return found


def _answers(path: Path, wanted: Any, ops: list[str], wrong: list[Objection]) -> frozenset[Any]:
    if not isinstance(wanted, dict):
        wrong.append(Objection(path, f"expected a mapping command → result, not {shown(wanted)}"))
        return frozenset()
    asked = _commands(path, list(wanted), ops, wrong)
    return frozenset({tuple((op, str(result)) for op, result in zip(asked, wanted.values(), strict=True))})


def _slot(path: Path, wanted: Any, ops: list[str], wrong: list[Objection]) -> frozenset[Any]:
    """A status, alone or with a command; several of them are a choice."""
    found: set[str] = set()
    for i, one in enumerate(wanted if isinstance(wanted, list) else [wanted]):
        at = (*path, i) if isinstance(wanted, list) else path
        status, _, op = str(one).partition(" ")
        op = " ".join(op.split())
        if status not in STATUSES:
            wrong.append(Objection(at, Unknown.of("status", status, STATUSES)))
        elif op and status in {EMPTY, CLEARED}:
            wrong.append(Objection(at, f"a slot that is {status} has no command"))
        elif op and op not in (*ops, "noop"):
            wrong.append(Objection(at, Unknown.of("command", op, (*ops, "noop"))))
        elif op or status in {EMPTY, CLEARED}:
            found.add(f"{status} {op}".strip())
        else:
            found.update(f"{status} {each}" for each in (*ops, "noop"))
    return frozenset(found)


def _commands(path: Path, wanted: Any, ops: list[str], wrong: list[Objection]) -> list[str]:
    if not isinstance(wanted, list):
        wrong.append(Objection(path, f"expected a list of commands, not {shown(wanted)}"))
        return []
    found = [" ".join(str(one).split()) for one in wanted]
    wrong += [Objection(path, Unknown.of("command", one, ops)) for one in found if one not in ops]
    return found
