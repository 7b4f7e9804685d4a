"""`pmmc cost`: what calls of clients cost."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, NamedTuple

from checker.checking.judgement import combine
from checker.checking.question import Question
from checker.cli.artifacts import require_distinct
from checker.cli.commands.replay import load_words
from checker.cli.models import installed, load_all, names_of_shipped
from checker.cli.output import STDOUT, require_writable, write_json
from checker.cli.usage import UsageFault
from checker.costs.cost import Asked, Cost, cost_of
from checker.costs.timed import Untimed
from checker.data.costs import cost_json
from checker.data.formats import FORMATS
from checker.engines.contract import Limits
from checker.model.modelcode import CodeError, call
from checker.model.plaintext import printable
from checker.model.played import begun, tested
from checker.model.values import show
from checker.model.verdict import ExitCode
from checker.modelfiles.complaints import unknown
from checker.text.costs import account, table
from checker.text.progress import ProgressLine
from checker.text.style import style_for

if TYPE_CHECKING:
    from checker.modelfiles.loading import LoadedModel


class Row(NamedTuple):
    """A call that is asked for, and the model that it is of."""

    loaded: LoadedModel
    asked: Asked


def cost(args: Namespace) -> ExitCode:
    """Work out what calls cost, and show it. Raises UsageFault."""
    if args.json is not None:
        require_writable(args.json)
    known = installed()
    models = load_all(args.models, known)
    require_distinct({"--json": args.json}, [loaded.path for loaded in models])
    rows = list(_rows(args, models))
    found, code = _worked_out(args, rows)
    stream: IO[str] = sys.stderr if args.json == STDOUT else sys.stdout
    style = style_for(stream, args.color)
    lines = table([cost for _, cost in found], style) if found else []
    names = names_of_shipped(known)
    for loaded, one in () if args.quiet else found:
        words = (names.get(loaded.path, loaded.path), *load_words(args))
        told = args.full or len(rows) == 1
        lines += ["", *account(one, replay=_replay(one, words), full=args.full, told=told, style=style)]
    print("\n".join(lines), file=stream)
    if args.json is not None:
        costs = [{**cost_json(one), "file": loaded.path} for loaded, one in found]
        write_json({"format": FORMATS["cost"], "exit_code": int(code), "costs": costs}, args.json)
    return code


def _rows(args: Namespace, models: list[LoadedModel]) -> Iterator[Row]:
    """The calls that are asked for, model by model. Raises UsageFault, for all that is wrong at once."""
    wrong: list[str] = []
    wanted = dict.fromkeys(args.call or ())
    rows: list[Row] = []
    named: dict[str, None] = {}
    for loaded in models:
        of_protocol = loaded.protocol.calls
        if of_protocol is None:
            wrong.append(f"{loaded.path}: protocol {loaded.protocol.name} says nothing of calls")
            continue
        system = begun(loaded.system)
        calls = call(lambda: "`calls` of a protocol", of_protocol, loaded.model, system)
        if not calls.known:
            wrong.append(f"{loaded.path}: no client calls anything in this model")
        for one in calls.known:
            named[show(one)] = None
            if not wanted or show(one) in wanted:
                rows.append(Row(loaded, Asked(system, calls, one, args.from_start)))
    if not wrong:
        wrong += [f"--call: {unknown('call', name, [*named])}" for name in wanted if name not in named]
    if wrong:
        raise UsageFault.joined(f"pmmc: {one}" for one in wrong)
    return iter(rows)


def _worked_out(args: Namespace, rows: list[Row]) -> tuple[list[tuple[LoadedModel, Cost]], ExitCode]:
    """What the calls cost, those that are known when the run is interrupted; and how it all went."""
    limits = Limits(args.max_states, None, args.timeout, args.memory)
    found: list[tuple[LoadedModel, Cost]] = []
    codes = [ExitCode.OK]
    for loaded, asked in rows:
        line = None if args.quiet else ProgressLine(f"{asked.system.name}: {show(asked.call)}")
        try:
            one = cost_of(asked, limits, line)
            tested(asked.system)
            found.append((loaded, one))
            codes.append(_code(one))
        except CodeError as error:
            print(error.in_full(), file=sys.stderr)
            codes.append(ExitCode.MODEL_RAISED)
        except Untimed as fault:
            print(f"pmmc: {loaded.path}: {printable(str(fault))}", file=sys.stderr)
            codes.append(ExitCode.USAGE)
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            codes.append(ExitCode.INTERRUPTED)
            break
        finally:
            if line is not None:
                line.close()
    return found, combine(codes)


def _code(one: Cost) -> ExitCode:
    if one.stopped is not None:
        return ExitCode.INCONCLUSIVE
    return ExitCode.OK if one.in_all is not None else ExitCode.UNMET


def _replay(one: Cost, words: tuple[str, ...]) -> str:
    """The command that takes the steps of the run that is shown."""
    if one.trace is None:
        return ""
    own = one.asked.system.network == one.network
    return Question(network=None if own else one.network).replay(words, one.trace.path)
