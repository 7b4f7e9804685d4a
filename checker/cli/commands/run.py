"""`pmmc run`: the protocol as processes of this machine; `pmmc client`: asking them."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from checker.cli.models import find_protocol, installed, load_all
from checker.cli.output import STDOUT, require_writable, write_json
from checker.cli.usage import UsageFault
from checker.cluster import folder as folders
from checker.cluster.faults import Faults
from checker.cluster.folder import Misplaced, Plot
from checker.cluster.outcome import Outcome
from checker.cluster.prompt import ask
from checker.cluster.setup import CLIENTS, Setup
from checker.cluster.storage import Damaged
from checker.cluster.supervisor import Cluster, Plan, examined
from checker.costs.cost import Asked, Cost, cost_of
from checker.data.cluster import outcome_json
from checker.data.formats import FORMATS
from checker.engines.contract import Limits
from checker.model.verdict import ExitCode
from checker.modelfiles.complaints import Objections, unknown
from checker.text.cluster import outcome_lines
from checker.text.progress import ProgressLine
from checker.text.style import style_for

if TYPE_CHECKING:
    from checker.model.deployed import Deployed

#: What is only said of a cluster that is not there yet.
ANEW = (("model", "--model"), ("servers", "--servers"), ("apart", "--apart"))
#: States of a model in which a price is looked for at most: it is shown beside, and not what was asked for.
MOST_STATES = 2_000_000


def run(args: Namespace) -> ExitCode:
    """Start a cluster, and let it run until told to end or, with a load, until that is answered.

    Raises UsageFault.
    """
    if not hasattr(os, "fork"):
        raise UsageFault("run: processes are forked, which this system cannot do")
    if args.json is not None:
        require_writable(args.json)
    folder = Path(args.folder)
    try:
        plot, deployed, text = _plotted(args, folder)
        _require_nodes(args.no_sync, deployed)
        held = _taken(folder, plot, text)
    except (Misplaced, OSError) as fault:
        raise UsageFault(f"run: {fault}") from None
    setup = _setup(folder, plot, deployed, args)
    gc.collect()
    try:
        cluster = Cluster(setup, Plan(args.commands, args.kill_every, args.seed))
        line = None if args.quiet else ProgressLine("run")
        outcome = asyncio.run(cluster.run(_telling(args, setup, line)))
        if line is not None:
            line.close()
        outcome = examined(cluster, outcome) if args.commands else outcome
    except (OSError, Damaged) as fault:
        raise UsageFault(f"run: {fault}") from None
    finally:
        os.close(held)
    return _told(args, setup, outcome)


def _plotted(args: Namespace, folder: Path) -> tuple[Plot, Deployed, str | None]:
    """The cluster of a folder: the one that is there or, with what is asked for, a new one.

    With it the text of the model of a new one, if it has one. Raises Misplaced, UsageFault.
    """
    plot = None if args.fresh else folders.read(folder)
    if plot is not None:
        if args.commands is not None:
            raise Misplaced(
                f"{folder} holds an earlier run; --commands needs a new one: --fresh begins anew"
            )
        given = [option for name, option in ANEW if getattr(args, name)]
        if given:
            raise Misplaced(f"{folder} holds a cluster already, and {given[0]} is for a new one: --fresh")
        return replace(plot, faults=_faults(args)), _deployed(plot, folder / "model.yaml"), None
    folders.require_ours(folder)
    known = find_protocol(installed(), None).name
    path = None if args.model is None else _model_file(args.model)
    name = known if path is None else load_all([str(path)], installed())[0].protocol.name
    clients = args.clients if args.commands else 0
    plot = Plot(name, path is not None, args.servers, args.apart, clients, faults=_faults(args))
    deployed = _deployed(plot, path or folder)
    names = [*deployed.hosts, CLIENTS, *map(str, deployed.prompts)]
    text = None if path is None else path.read_text(encoding="utf-8")
    return replace(plot, ports=folders.free_ports(names)), deployed, text


def _taken(folder: Path, plot: Plot, text: str | None) -> int:
    """Have the folder to oneself, and what is asked for in it; a lock, to be closed. Raises Misplaced."""
    folder.mkdir(parents=True, exist_ok=True)
    held = folders.lock(folder / "lock", f"{folder}: another `pmmc run` has it")
    old = folders.read(folder)
    if old is None or dict(old.ports) != dict(plot.ports):
        folders.clear(folder)
    if text is not None:
        (folder / "model.yaml").write_text(text, encoding="utf-8")
    plot.write(folder)
    return held


def _model_file(named: str) -> Path:
    """The file of one model. Raises UsageFault."""
    found = load_all([named], installed())
    if len(found) != 1 or named == STDOUT:
        raise UsageFault(f"--model {named}: name one model file")
    return Path(found[0].path)


def _deployed(plot: Plot, path: Path) -> Deployed:
    """What runs, by its model in a file if it has one. Raises UsageFault for a model that does not run."""
    known = installed()
    protocol = find_protocol(known, plot.protocol)
    if protocol.deployed is None:
        raise UsageFault(f"run: protocol {protocol.name} does not say how it is run")
    model = load_all([str(path)], known)[0].model if plot.model else None
    try:
        found: Deployed = protocol.deployed(
            model, clients=plot.clients, servers=plot.servers, apart=plot.apart
        )
    except Objections as fault:
        raise UsageFault(f"run: {path}: {fault}") from None
    return found


def _faults(args: Namespace) -> dict[str, object]:
    return {
        "loss": args.loss,
        "duplicate": args.duplicate,
        "delay": [*args.delay],
        "seed": args.seed,
    }


def _setup(folder: Path, plot: Plot, deployed: Deployed, args: Namespace | None) -> Setup:
    told = plot.faults
    faults = Faults(told["loss"], told["duplicate"], (told["delay"][0], told["delay"][1]), told["seed"])
    if args is None:
        return Setup(folder, deployed, plot.ports, faults, logged=False)
    unsynced = frozenset(args.no_sync)
    return Setup(folder, deployed, plot.ports, faults, unsynced, args.seed, not args.no_log)


def _require_nodes(named: Iterable[str], deployed: Deployed) -> None:
    """Raise UsageFault for what is no node of a process."""
    known = [str(node) for nodes in deployed.hosts.values() for node in nodes]
    for name in named:
        if name not in known:
            raise UsageFault(f"--no-sync: {unknown('node', name, known)}")


def _telling(args: Namespace, setup: Setup, line: ProgressLine | None) -> Callable[[Cluster, float], None]:
    """What tells how far a run is: once, where to ask it, without a load."""
    begun = False

    def tell(cluster: Cluster, seconds: float) -> None:
        nonlocal begun
        done = len(cluster.acknowledged)
        if args.commands is None and not begun:
            hosts = ", ".join(f"{name} (process {pid})" for name, pid in sorted(cluster.pids.items()))
            print(f"running in {setup.folder}: {hosts}", flush=True)
            print(f"ask it: pmmc client {setup.folder} put k v    end it: Ctrl-C", flush=True)
        elif line is not None and args.commands is not None:
            rate = done / max(seconds, 1e-9)
            kills = sum(cluster.kills.values())
            line.tell(
                done,
                seconds,
                lambda: f"{done:,} of {args.commands:,} commands  {rate:,.0f}/s  {kills} kills",
            )
        begun = True

    return tell


def _told(args: Namespace, setup: Setup, outcome: Outcome) -> ExitCode:
    if args.commands is None:
        if outcome.failed is not None:
            print(f"pmmc: run: {outcome.failed}", file=sys.stderr)
            return _code(outcome)
        print("ended")
        return ExitCode.OK
    cost = _priced(setup.deployed)
    stream: IO[str] = sys.stderr if args.json == STDOUT else sys.stdout
    style = style_for(stream, args.color)
    delay = sum(setup.faults.delay) / 2
    lines = outcome_lines(outcome, setup.deployed.messages, cost, delay, style)
    print("\n".join(lines), file=stream)
    code = _code(outcome)
    if args.json is not None:
        document = {"format": FORMATS["run"], "exit_code": int(code), **outcome_json(outcome, cost)}
        write_json(document, args.json)
    return code


def _code(outcome: Outcome) -> ExitCode:
    if outcome.failed is not None:
        return ExitCode.INTERNAL
    if outcome.wrong:
        return ExitCode.SAFETY
    if outcome.stopped:
        return ExitCode.INTERRUPTED
    return ExitCode.OK if outcome.ok else ExitCode.INCONCLUSIVE


def _priced(deployed: Deployed) -> Cost | None:
    """What a command costs at best, where a shipped model is like what has run."""
    if deployed.priced is None:
        return None
    loaded = load_all([deployed.priced], installed())[0]
    if loaded.protocol.calls is None:
        return None
    calls = loaded.protocol.calls(loaded.model, loaded.system)
    asked = Asked(loaded.system, calls, calls.known[0], False)
    return cost_of(asked, Limits(MOST_STATES, None, None, None), None)


def client(args: Namespace) -> ExitCode:
    """Ask a cluster that runs: what stands on the command line, or on stdin. Raises UsageFault."""
    folder = Path(args.folder)
    try:
        plot = folders.known(folder)
        deployed = _deployed(plot, folder / "model.yaml")
        setup = _setup(folder, plot, deployed, None)
        lines = [" ".join(args.words)] if args.words else _typed()
        for text in lines:
            answer = _ask(setup, text, args.timeout)
            if answer is None:
                return ExitCode.INCONCLUSIVE
    except (Misplaced, OSError) as fault:
        raise UsageFault(f"client: {fault}") from None
    return ExitCode.OK


def _typed() -> Iterable[str]:
    """The commands on stdin, with a prompt if a person types them."""
    while True:
        try:
            text = input("> " if sys.stdin.isatty() else "").strip()
        except EOFError:
            return
        if text:
            yield text


def _ask(setup: Setup, text: str, seconds: float) -> str | None:
    """Ask, and print the answer. Raises UsageFault, Misplaced."""
    try:
        setup.deployed.check(text)
    except ValueError as fault:
        raise UsageFault(f"client: {fault}, not '{text}'") from None
    prompts = {str(node): node for node in setup.deployed.prompts}
    name, number, held = folders.take_numbers(setup.folder, prompts, 1)
    try:
        answers: Sequence[str] = ask(setup, prompts[name], [text], number, seconds)
    finally:
        os.close(held)
    if not answers:
        print(
            f"no answer in {seconds:g} s; is it running? What was asked may take effect all the same",
            file=sys.stderr,
        )
        return None
    print(answers[0] or "(nothing)", flush=True)
    return answers[0]
