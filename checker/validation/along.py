"""Properties judged along a run that is told step by step: each where what it reads has changed.

The run is one order of what happened: everything after what caused it. What is claimed of states and
steps is judged there; what is claimed of ends, of what can still be reached, and of runs without end is
not, and neither is what reads what is under way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from checker.model.logs import Taken
from checker.model.properties import On, Property
from checker.model.semantics import ModelError
from checker.model.system import System
from checker.model.values import show
from checker.model.vocabulary import Local, Member, NodeName, Seen, View, events_in, kind_of


class Finding(NamedTuple):
    """A property that is violated, and after how many states."""

    claim: Property
    reason: str
    states: int


class Along:
    """Judges properties along one run. Not pure.

    Of nodes that are `untold` nothing is known: they stay as they begin. So what is claimed of several
    roles together is not judged if one of these nodes has one of them.
    """

    def __init__(self, system: System, untold: Collection[NodeName] = ()) -> None:
        self._system = system
        self._untold = {m.role.name: m.name for m in system.members if m.name in untold}
        self._members = {member.name: member for member in system.members}
        self._locals: dict[NodeName, Local] = {m.name: m.local for m in system.members}
        self._observers = system.observers
        self.claims = [claim for claim in system.properties if self._why_not(claim) is None]
        #: property → why it is not judged
        self.left_out = {c.id: why for c in system.properties if (why := self._why_not(c)) is not None}
        self.left_out |= {
            name: f"reads {role}, which no node is" for name, role in system.not_judged.items()
        }
        self.states = 0
        self.found: list[Finding] = []
        self.reached: dict[str, int] = {}
        self._by_role: dict[str, list[Property]] = {}
        self._views: dict[str, list[View]] = {}
        for claim in self.claims:
            for role in {view.role for views in claim.readings() for view in views}:
                self._by_role.setdefault(role, []).append(claim)
        states = (claim for claim in self.claims if claim.kind.on is On.STATE)
        for view in dict.fromkeys(v for claim in states for views in claim.readings() for v in views):
            self._views.setdefault(view.role, []).append(view)
        self._shown: dict[View, dict[NodeName, Any]] = {}
        self._groups: dict[View, Mapping[NodeName, Any]] = {}
        self._active = {claim.id for claim in self.claims}

    def _why_not(self, claim: Property) -> str | None:
        if claim.kind.on in (On.END, On.FUTURE, On.RUN):
            return f"{claim.kind.value}: not told by what has happened"
        if any(view.inbox for views in claim.readings() for view in views):
            return "reads what is under way"
        roles = {view.role for views in claim.readings() for view in views}
        untold = [self._untold[role] for role in sorted(roles) if role in self._untold]
        if claim.kind.on is On.STATE and len(roles) > 1 and untold:
            return f"reads {show(untold[0])} too, which has no log"
        return None

    def begin(self, name: NodeName, local: Local) -> None:
        """A node begins in this local state."""
        self._locals[name] = local

    def first(self) -> None:
        """Judge the state in which all nodes begin."""
        self.states = 1
        for claim in self.claims:
            if claim.kind.on is On.NODE:
                for member in self._playing(claim.views[0].role):
                    self._of_node(claim, member)
            elif claim.kind.on is On.STATE:
                self._of_state(claim)

    def step(self, taken: Taken) -> None:
        """Judge a step, and the state that it leads to."""
        self.states += 1
        self._become(taken.node, taken.after)
        for observer in self._observers:
            if observer.role.watches is None or taken.node in observer.role.watches:
                self._observed(observer, taken)

    def _observed(self, observer: Member, taken: Taken) -> None:
        """Let an observer make of a step what it makes of it. Raises ModelError."""
        assert observer.role.observe is not None
        seen = Seen(taken.node, taken.action, taken.before, taken.message, taken.after, taken.sends)
        local = self._locals[observer.name]
        for event in events_in(observer.role.observe(seen)):
            rule: Any = observer.role.rules.get(kind_of(event))
            if rule is None:
                raise ModelError(str(observer.name), "observe", local, event, "there is no rule for it")
            for after, _ in rule(observer.context, local, event):
                local = after
        self._become(observer.name, local)

    def _become(self, name: NodeName, after: Local) -> None:
        before = self._locals[name]
        if after is before or after == before:
            return
        self._locals[name] = after
        member = self._members[name]
        changed = self._looked_at(member, after)
        for claim in self._by_role.get(member.role.name, ()):
            if claim.id not in self._active:
                continue
            if claim.kind.on is On.NODE:
                self._of_node(claim, member)
            elif claim.kind.on is On.STEP:
                view = claim.views[0]
                self._note(claim, claim.says(member.context, view(before), view(after)))
            elif any(view in changed for views in claim.readings() for view in views):
                self._of_state(claim)

    def _looked_at(self, member: Member, after: Local) -> set[View]:
        """The views by which a node shows something else now."""
        changed: set[View] = set()
        for view in self._views.get(member.role.name, ()):
            group = self._group(view)
            shown = view(after)
            if group[member.name] != shown:
                group[member.name] = shown
                changed.add(view)
        return changed

    def _group(self, view: View) -> dict[NodeName, Any]:
        group = self._shown.get(view)
        if group is None:
            group = {m.name: view(self._locals[m.name]) for m in self._playing(view.role)}
            self._shown[view] = group
            self._groups[view] = MappingProxyType(group)
        return group

    def _playing(self, role: str) -> Iterable[Member]:
        return (member for member in self._system.members if member.role.name == role)

    def _of_node(self, claim: Property, member: Member) -> None:
        self._note(claim, claim.says(member.context, claim.views[0](self._locals[member.name])))

    def _of_state(self, claim: Property) -> None:
        for views in claim.readings():
            for view in views:
                self._group(view)
            reason = claim.says(self._system.setting, *(self._groups[view] for view in views))
            if reason is not None:
                self._note(claim, reason)
                return

    def _note(self, claim: Property, reason: str | None) -> None:
        if reason is None or claim.id not in self._active:
            return
        self._active.discard(claim.id)
        if claim.kind.goal:
            self.reached[claim.id] = self.states
        else:
            self.found.append(Finding(claim, reason, self.states))
