"""Names of nodes in model files of replicated logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checker.modelfiles.complaints import Objection, Path, Unknown
from pmmc.values import Node
from spec.replicated_log.values import Setting


@dataclass(frozen=True, slots=True)
class Names:
    """Reads names of nodes and of groups of them. What is wrong goes to `wrong`, and is left out."""

    setting: Setting
    wrong: list[Objection]

    def nodes(self, path: Path, names: Sequence[str]) -> tuple[Node, ...]:
        """The nodes of these names, each once."""
        everybody = (*self.setting.servers, *self.setting.clients)
        known: dict[str, tuple[Node, ...]] = {str(node): (node,) for node in everybody}
        known |= {"servers": self.setting.servers, "clients": self.setting.clients}
        found: list[Node] = []
        for i, name in enumerate(names):
            if name not in known:
                self.wrong.append(Objection((*path, i), Unknown.of("node or group of nodes", name, known)))
            found += known.get(name, ())
        return tuple(dict.fromkeys(found))

    def servers(self, path: Path, names: Sequence[str]) -> tuple[Node, ...]:
        """The servers of these names."""
        found = self.nodes(path, names)
        for node in found:
            if node not in self.setting.servers:
                self.wrong.append(Objection(path, f"{node} is no server"))
        return tuple(node for node in found if node in self.setting.servers)

    def ends(self, path: Path, names: Sequence[str] | None) -> frozenset[Node] | None:
        """Nodes at one end of a link; None: any."""
        return None if names is None else frozenset(self.nodes(path, names))

    def groups(self, path: Path, given: Sequence[Sequence[str]]) -> tuple[tuple[Node, ...], ...]:
        """The groups of a partition, each node in one; those named nowhere are one more."""
        seen: set[Node] = set()
        groups = []
        for i, names in enumerate(given):
            group = self.nodes((*path, i), names)
            twice = [node for node in group if node in seen]
            if twice:
                self.wrong.append(
                    Objection((*path, i), f"{twice[0]} is in a group before this one as well")
                )
            groups.append(tuple(node for node in group if node not in seen))
            seen.update(group)
        everybody = {*self.setting.servers, *self.setting.clients}
        if not seen or any(everybody == {*group} for group in groups):
            message = "all nodes are in one group: nobody is apart from anybody"
            self.wrong.append(Objection(path, message))
        left = tuple(node for node in (*self.setting.servers, *self.setting.clients) if node not in seen)
        return (*groups, left) if left else tuple(groups)
