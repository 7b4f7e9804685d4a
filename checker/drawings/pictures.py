"""The pictures of a protocol as tables of a page: they can be read aloud, and have classes, no styles."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from checker.drawings import svg
from checker.model.modelcode import CodeError
from checker.model.pictures import BAD, GONE, GOOD, Entry, Picture, Row, Table, drawn
from checker.text.markup import escape
from checker.text.pictures import SIGNS
from checker.traces.colours import COLOURS

#: How a sign is read aloud.
SPOKEN = {GOOD: "so it should be", BAD: "conflict", GONE: "no longer so"}

_MORE_LIGHT = "--good-band:#e3f4e8;--quiet:#5a6270"
_MORE_DARK = "--good-band:#16301f;--quiet:#a3abb9"
_SANS = 'system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif'

STYLE = f"""
.picture{{{svg.LIGHT};{_MORE_LIGHT};overflow-x:auto;margin:0 0 14px;color:var(--ink)}}
@media (prefers-color-scheme:dark){{.picture{{{svg.DARK};{_MORE_DARK}}}}}
@media print{{.picture{{{svg.LIGHT};{_MORE_LIGHT};overflow:visible}}}}
.picture table{{border-collapse:collapse;width:auto;background:var(--paper);
font:12px/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}}
.picture caption{{text-align:left;font:600 13px/1.5 {_SANS};
color:var(--ink);padding:0 0 6px}}
.picture th,.picture td{{border:1px solid var(--line);padding:4px 9px;text-align:left;vertical-align:top;
font-size:12px;color:var(--ink)}}
.picture th{{background:var(--band);font-weight:600;white-space:nowrap}}
.picture td p{{margin:0;padding-left:1.3em;text-indent:-1.3em;max-width:none;font:inherit}}
.picture .at{{color:var(--quiet);white-space:nowrap}}
.picture td p.good{{background:var(--good-band)}}
.picture td p.bad{{background:var(--bad-band);color:var(--bad);font-weight:700}}
.picture td p.bad .at{{color:var(--ink);font-weight:400}}
.picture td p.gone{{color:var(--quiet)}}
.picture .note{{margin:5px 0 0;padding:0;border:0;background:none;color:var(--quiet);max-width:100ch;
font:12px/1.5 {_SANS}}}
.picture .key{{border-left:5px solid var(--key);padding-left:6px}}
""" + "".join(f".picture .k{i}{{--key:var(--k{i})}}\n" for i in range(COLOURS))


def tables(system: Any, states: Sequence[Any], colours: Mapping[Any, str] | None = None) -> list[str]:
    """Each picture that the protocol supplies, when these are the states so far, as a table in HTML.

    It has a caption, headings with a scope, and a box of its own that scrolls. An entry has the number of
    its step as `data-step`. `colours` are those of the drawings beside it (`traces.colours.colours_of`);
    without them keys are given colours in the order in which they occur. `STYLE` is the style sheet.
    """
    return ["".join(_picture(picture, table, colours)) for picture, table in drawn(system, states)]


def _picture(
    picture: Picture, table: Table | CodeError, colours: Mapping[Any, str] | None
) -> Iterator[str]:
    title = escape(picture.title)
    name = "".join(c if c.isalnum() else "-" for c in picture.name)
    yield f'<div class="picture {escape(name)}" role="region" aria-label="{title}" tabindex="0">'
    if isinstance(table, CodeError):
        yield f"<p>{title}: {escape(str(table))}</p></div>"
        return
    known = _dealt(table) if colours is None else colours
    heads = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in table.columns)
    yield f"<table><caption>{title}</caption><thead><tr>{heads}</tr></thead><tbody>"
    for row in table.rows:
        cells = "".join(f"<td>{''.join(_entry(entry, known) for entry in cell)}</td>" for cell in row.cells)
        heading = _keyed(escape(row.heading), row.colour, known)
        yield f'<tr><th scope="row">{heading}</th>{cells}</tr>'
    if not table.rows:
        yield f'<tr><td colspan="{len(table.columns)}">nothing so far</td></tr>'
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    yield f"</tbody></table>{note}</div>"


def _entry(entry: Entry, colours: Mapping[Any, str]) -> str:
    sign = ""
    if entry.mark:
        spoken = SPOKEN[entry.mark]
        sign = f'<span role="img" aria-label="{spoken}" title="{spoken}">{SIGNS[entry.mark]}</span> '
    step, data = "", ""
    if entry.step is not None:
        when = f"step {entry.step}" if entry.step else "at first"
        step, data = f' <span class="at">{when}</span>', f' data-step="{entry.step}"'
    text = _keyed(escape(entry.text), entry.colour, colours)
    return f'<p class="{entry.mark}"{data}>{sign}{text}{step}</p>'.replace(' class=""', "")


def _keyed(text: str, key: Hashable | None, colours: Mapping[Any, str]) -> str:
    """A text with the colour of its key beside it, if it has one."""
    colour = None if key is None else colours.get(key)
    return text if colour is None else f'<span class="key {colour}">{text}</span>'


def _dealt(table: Table) -> dict[Any, str]:
    """Colours for the keys in a table, in the order of rows and entries."""
    keys = dict.fromkeys(key for row in table.rows for key in _keys(row) if key is not None)
    return {key: f"k{i % COLOURS}" for i, key in enumerate(keys)}


def _keys(row: Row) -> Iterator[Hashable | None]:
    yield row.colour
    yield from (entry.colour for cell in row.cells for entry in cell)
