"""Text as markup holds it."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")


def escape(text: str) -> str:
    """Text as it may stand in XML, between tags or in quotes; what XML cannot hold becomes ?."""
    text = _CONTROL.sub("?", text)
    for plain, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(plain, entity)
    return text
