"""The page around what is reported: one file that loads nothing, with its style sheet and its script."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from checker.drawings import causal, growth, lanes, pictures, spacetime, svg
from checker.text.markup import escape


def page(title: str, body: Iterable[str], *, looks: str = "", before: str = "") -> str:
    """The page as HTML; `looks` are classes of its body, `before` is what stands before its main part."""
    drawings = (svg, spacetime, causal, growth, lanes, pictures)
    style = "".join((*(drawing.STYLE for drawing in drawings), _own("report.css"), _own("walker.css")))
    main = "\n".join(body)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>pmmc: {escape(title)}</title>
<style>{style}</style>
</head>
<body class="{looks}">
{before}<main>
{main}
</main>
<script>{_own("report.js")}</script>
</body>
</html>
"""


def _own(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def badge(word: str, looks: str) -> str:
    """A word that stands out; `looks` is good, bad or warn."""
    return f'<span class="badge {looks}">{escape(word)}</span>'
