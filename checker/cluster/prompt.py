"""Asking a cluster by hand: a client of its own for as long as one command takes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from checker.cluster.host import Host
from checker.cluster.setup import Setup
from checker.model.vocabulary import Local, NodeName


def ask(setup: Setup, client: NodeName, texts: Sequence[str], first: int, seconds: float) -> list[str]:
    """The answers to these commands, in order; fewer if one did not come in time. Raises OSError."""
    return asyncio.run(_asked(setup, client, texts, first, seconds))


async def _asked(
    setup: Setup, client: NodeName, texts: Sequence[str], first: int, seconds: float
) -> list[str]:
    answers: list[str] = []
    news = asyncio.Event()

    def watch(before: Local, after: Local) -> None:
        calls = setup.deployed.calls(before, after)
        found = [one.answer for one in calls if one.answer is not None]
        answers.extend(found)
        if found:  # asking again is no news: it happens as long as nobody answers
            news.set()

    name = str(client)
    host = Host(setup, name, first, {name: setup.deployed.playing(client, texts, first)}, disk=False)
    host.nodes[name].watch = watch
    host.start(asyncio.get_running_loop())
    try:
        while len(answers) < len(texts):
            news.clear()
            try:
                await asyncio.wait_for(news.wait(), seconds)
            except TimeoutError:
                break
    finally:
        host.stop()
    return answers
