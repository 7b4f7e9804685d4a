"""`pmmc compare`: whether two models reach the same views, or have the same graph of states."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Collection, Sequence
from typing import IO, TYPE_CHECKING, Any

from checker.checking.question import Question
from checker.cli.artifacts import require_distinct
from checker.cli.models import installed, load_all
from checker.cli.output import STDOUT, require_writable, write_json
from checker.cli.overrides import limits_of, means_of, properties_asked
from checker.cli.usage import UsageFault
from checker.comparison.graphs import MOST_STATES, compare_state_graphs
from checker.comparison.views import Comparison, Reading, compare_views
from checker.data.comparison import graphs_json, views_json
from checker.data.formats import FORMATS
from checker.model.played import begun
from checker.model.processes import roles_of
from checker.model.verdict import ExitCode
from checker.text.comparison import graphs_report, views_report
from checker.text.progress import ProgressLine
from checker.text.style import Style, style_for

if TYPE_CHECKING:
    from checker.model.properties import Property
    from checker.model.system import System
    from checker.modelfiles.loading import LoadedModel

#: Options that mean nothing where graphs are compared.
NOT_FOR_GRAPHS = (
    *("property", "workers", "no_fusion", "no_settling", "no_ordering"),
    *("max_depth", "timeout", "memory"),
)


def compare(args: Namespace) -> ExitCode:
    """Compare two models and say how they differ. Raises UsageFault."""
    if args.json is not None:
        require_writable(args.json)
    found = load_all(args.models, installed())
    if len(found) != 2:
        raise UsageFault(f"two models are compared, and {len(found)} were found")
    require_distinct({"--json": args.json}, [loaded.path for loaded in found])
    pair = (found[0], found[1])
    stream: IO[str] = sys.stderr if args.json == STDOUT else sys.stdout
    style = style_for(stream, args.color)
    code, lines, document = (_graphs if args.graph else _views)(args, pair, style)
    print("\n".join(lines[:1] if args.quiet else lines), file=stream)
    if args.json is not None:
        files = [loaded.path for loaded in pair]
        for model, file in zip(document["models"], files, strict=True):
            model["file"] = file
        write_json({"format": FORMATS["compare"], "exit_code": int(code), **document}, args.json)
    return code


def names_of(pair: tuple[LoadedModel, LoadedModel]) -> tuple[str, str]:
    """The names of the two models in a report; their files, if both have one name."""
    one, other = pair
    if one.model.name != other.model.name:
        return one.model.name, other.model.name
    if one.path != other.path:
        return one.path, other.path
    return one.path, f"{other.path} again"


def _views(
    args: Namespace, pair: tuple[LoadedModel, LoadedModel], style: Style
) -> tuple[ExitCode, list[str], dict[str, Any]]:
    for loaded in pair:
        if (shift := loaded.system.shift) is not None:
            raise UsageFault(
                f"{loaded.path}: its {shift.name} have no end, and of states that differ by them one is "
                f"looked at; compare graphs (--graph), or models with a bound on {shift.name}"
            )
    (one, of_one), (other, of_other) = (asked_of(args, loaded) for loaded in pair)
    lines: list[ProgressLine] = []

    def report(name: str) -> ProgressLine | None:
        if not args.quiet:
            lines.append(ProgressLine(name))
        return None if args.quiet else lines[-1]

    try:
        found: Comparison = compare_views(
            (one, other),
            (of_one, of_other),
            names=names_of(pair),
            means=means_of(args),
            limits=limits_of(args),
            report=report,
        )
    finally:
        for line in lines:
            line.close()
    return found.exit_code, views_report(found, full=args.full, style=style), views_json(found)


def asked_of(args: Namespace, loaded: LoadedModel) -> tuple[System, list[Reading]]:
    """A model, with all that judges what is asked, and the questions.

    Raises UsageFault if it has no node that a question reads.
    """
    claims = properties_asked(args.property, loaded)
    system = begun(Question(properties=claims).of_model(loaded))
    return system, _readings(claims, loaded, roles_of(system.members))


def _readings(
    claims: Sequence[Property] | None, loaded: LoadedModel, roles: Collection[str]
) -> list[Reading]:
    if claims is None:
        views = tuple(v for v in loaded.protocol.outcome if v.role in roles)
        if not views:
            raise UsageFault(
                f"{loaded.path}: nobody in this model has an outcome to be compared; name a --property"
            )
        return [Reading("outcome", views)]
    for claim in claims:
        absent = sorted({view.role for view in claim.views}.difference(roles))
        if absent:
            raise UsageFault(
                f"{loaded.path}: '{claim.id}' reads the role {absent[0]}, and no {absent[0]} takes part"
            )
    return [Reading(claim.id, tuple(dict.fromkeys(claim.views))) for claim in claims]


def _graphs(
    args: Namespace, pair: tuple[LoadedModel, LoadedModel], style: Style
) -> tuple[ExitCode, list[str], dict[str, Any]]:
    given = [name for name in NOT_FOR_GRAPHS if getattr(args, name)]
    if given or args.engine != "auto":
        option = (given or ["engine"])[0].replace("_", "-")
        raise UsageFault(f"--graph compares all states as they are: --{option} has no meaning there")
    most = args.max_states or MOST_STATES
    systems = begun(pair[0].system), begun(pair[1].system)
    found = compare_state_graphs(systems, names=names_of(pair), most=most)
    return found.exit_code, graphs_report(found, full=args.full, style=style), graphs_json(found)
