"""A hook of mkdocs: pages link to files of this repository, which become pages' neighbours as plain text.

On GitHub `../checker/model/network.py` is such a link as it stands. In the site the file is published under
`repository/`, and the link leads there. A link to what is not there is a warning, and ends a strict build
with an error.
"""

import logging
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

LINK = re.compile(r"(?<=\]\()(\.\./[^)#\s]+)(#[^)\s]*)?(?=\))")
ROOT = Path(__file__).parents[1]


def _outside(page: str, target: str) -> str | None:
    """The path in the repository of what a page links to; None if that is a page of the site."""
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), target))
    return None if path.startswith("docs/") else path


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Publish what pages link to."""
    for page in list(files.documentation_pages()):
        for target, _ in LINK.findall(page.content_string):
            path = _outside(page.src_uri, target)
            if path is None or files.get_file_from_path(f"repository/{path}.txt"):
                continue
            if (ROOT / path).is_file():
                published = File.generated(config, f"repository/{path}.txt", abs_src_path=str(ROOT / path))
                files.append(published)
            else:
                logging.getLogger("mkdocs.hooks").warning("%s: there is no file %s", page.src_uri, path)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links lead to what was published."""

    def there(link: re.Match[str]) -> str:
        path = _outside(page.file.src_uri, link[1])
        if path is None:
            return link[0]
        return posixpath.relpath(f"repository/{path}.txt", posixpath.dirname(page.file.src_uri))

    return LINK.sub(there, markdown)
