"""The ballot table of single-decree Paxos: who promised a ballot, who accepted or decided what in it."""

from checker import Entry, Picture, Row, Table


def told(server):
    """What is told of a server: in which ballot, and what."""
    yield server.ballot, "promised"
    if server.accepted is not None:
        yield server.accepted.ballot, f"accepted {server.accepted.proposal.value}"
    if server.is_decided:
        yield server.accepted.ballot, f"decided {server.accepted.proposal.value}"


def ballots(system, states):
    """A row for each ballot and a column for each server, with the steps in which something became so."""
    places = {m.name: i for i, m in enumerate(system.members) if m.role.name == "server"}
    found = {}
    for step, state in enumerate(states):
        for name, place in places.items():
            for ballot, text in told(state[place].local):
                found.setdefault((ballot, name), {}).setdefault(text, step)
    decided = sorted((step, t) for told in found.values() for t, step in told.items() if "decided" in t)

    def entries(ballot, name):
        for text, step in sorted(found.get((ballot, name), {}).items(), key=lambda entry: entry[1]):
            differs = "decided" in text and text != decided[0][1]
            yield Entry(text, "bad" if differs else "", step)

    rows = [
        Row(f"{ballot[0]}.{ballot[1]}", tuple(tuple(entries(ballot, name)) for name in places))
        for ballot in sorted({ballot for ballot, _ in found} - {(0, 0)})
    ]
    note = "decided: the server knows that a majority has accepted it"
    return Table(("ballot", *places), tuple(rows), note)


PICTURES = (Picture("ballots", "Ballots: who promised, who accepted and decided what", ballots),)
