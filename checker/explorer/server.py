"""The server of the page: this machine only, its own files only, GET only.

A page of another site can make a browser ask any address of this machine. So a request must name this
server as its host (a name that an attacker lets point here does not), and must not say that another
site made it; one that makes the server work, or stop, must say that this page did. Answers forbid the
page everything that does not come from this server.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SocketIO, socket
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from checker.explorer.pages import Pages, Refusal, read_path, styles
from checker.explorer.search import MOST_SECONDS, Bounds

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

ADDRESS = "127.0.0.1"
STATIC = Path(__file__).parent / "static"
#: The page's scripts.
SCRIPTS = (
    *("branches", "diagram", "dom", "explore", "keys", "panes", "path", "place", "properties"),
    *("searching", "server", "share", "state", "watches"),
)
#: What is served: address → file and type. Nothing else is ever read.
FILES = {
    "/": ("index.html", "text/html"),
    "/explore.css": ("explore.css", "text/css"),
    "/panes.css": ("panes.css", "text/css"),
    **{f"/{name}.js": (f"{name}.js", "text/javascript") for name in SCRIPTS},
}
#: What starts or stops a search.
ACTIONS = ("/api/search", "/api/stop")
#: Watches that are told at most.
MOST_WATCHES = 24
#: Characters of an address at most.
LONGEST = 8_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Explorer(ThreadingHTTPServer):
    """The server. `url` is what to open; with port 0 a free port is taken."""

    daemon_threads = True

    def __init__(self, pages: Pages, port: int = 0) -> None:
        self.pages, self.closing = pages, False
        super().__init__((ADDRESS, port), _Handler)
        self.hosts = {f"{name}:{self.server_port}" for name in (ADDRESS, "localhost")}
        if self.server_port == 80:
            self.hosts |= {ADDRESS, "localhost"}

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{ADDRESS}:{self.server_port}/"

    def server_close(self) -> None:
        """Close, and let a search that is under way end too."""
        self.closing = True
        super().server_close()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """Ignore that a client has gone away; print anything else in one line."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            print(f"explore: {type(error).__name__}: {error}", file=sys.stderr)


class _InTime(SocketIO):
    """A client's request, which must have arrived as a whole within `seconds` seconds."""

    def __init__(self, line: socket, seconds: float) -> None:
        super().__init__(line, "r")
        self._line = line
        self._end = time.monotonic() + seconds

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """As a socket's; raises TimeoutError."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request did not arrive in time")
        self._line.settimeout(left)
        return super().readinto(buffer)


class _Handler(BaseHTTPRequestHandler):
    server: Explorer
    server_version = "pmmc"
    sys_version = ""
    #: Seconds for a request to arrive in full, and again for its answer to be taken.
    timeout = 10

    def setup(self) -> None:
        super().setup()
        self.rfile = io.BufferedReader(_InTime(self.connection, self.timeout))

    def do_GET(self) -> None:
        self.connection.settimeout(self.timeout)
        try:
            self._refuse_strangers()
            self._answer()
        except Refusal as refusal:
            self._json({"error": str(refusal), **refusal.more}, refusal.status)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the page is told in words
            print(f"explore: {self.path}: {type(error).__name__}: {error}", file=sys.stderr)
            self._json({"error": f"internal error: {type(error).__name__}: {error}"}, 500)

    def _refuse_strangers(self) -> None:
        hosts = self.headers.get_all("Host") or []
        if len(hosts) != 1 or hosts[0].strip().lower() not in self.server.hosts:
            raise Refusal(403, f"this server answers to {' and '.join(sorted(self.server.hosts))} only")
        another = self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        if another and (self.headers.get("Sec-Fetch-Mode") != "navigate" or self.path != "/"):
            raise Refusal(403, "asked by a page of another site")
        if self.path.partition("?")[0] in ACTIONS and not self._is_our_page():
            raise Refusal(403, "only the page of this server starts and stops searches")

    def _is_our_page(self) -> bool:
        """Whether the browser says so; one too old for Sec-Fetch-Site says which page it was on."""
        site = self.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site == "same-origin"
        said = self.headers.get("Origin") or self.headers.get("Referer") or ""
        try:
            page = urlsplit(said)
        except ValueError:
            return False
        return page.scheme == "http" and page.netloc.lower() in self.server.hosts

    def _answer(self) -> None:
        if len(self.path) > LONGEST:
            raise Refusal(414, f"an address of more than {LONGEST:,} characters")
        address, _, asked = self.path.partition("?")
        if address in FILES:
            name, kind = FILES[address]
            self._send((STATIC / name).read_bytes(), f"{kind}; charset=utf-8")
        elif address == "/spacetime.css":
            self._send(styles().encode(), "text/css; charset=utf-8")
        elif address.startswith("/api/"):
            self._api(address.removeprefix("/api/"), _query(asked))
        else:
            raise Refusal(404, "there is nothing at this address")

    def _api(self, address: str, asked: Mapping[str, list[str]]) -> None:
        what, _, rest = address.partition("/")
        pages = self.server.pages
        match what:
            case "model" if not rest:
                self._json(pages.model())
            case "state":
                at = _number(asked, "at", None)
                against = read_path(_last(asked, "against")) if "against" in asked else None
                watched = asked.get("watch", ())[:MOST_WATCHES]
                colour = _last(asked, "colour")
                self._json(pages.state(read_path(rest), at, watched, against, colour))
            case "search" if not rest:
                if "goal" not in asked:
                    raise Refusal(400, "search for what? give goal=…")
                seconds = min(_number(asked, "seconds", int(MOST_SECONDS)) or 1, MOST_SECONDS)
                states = _number(asked, "states", None)
                bounds = Bounds(states, seconds, stop=lambda: self.server.closing)
                self._json(pages.search(read_path(_last(asked, "path")), _last(asked, "goal"), bounds))
            case "progress" if not rest:
                self._json(pages.progress())
            case "stop" if not rest:
                pages.stop()
                self._json({})
            case "trace":
                name, text = pages.trace(read_path(rest))
                to_keep = {"Content-Disposition": f'attachment; filename="{name}"'}
                self._send(text.encode(), "application/json; charset=utf-8", more=to_keep)
            case _:
                raise Refusal(404, "there is nothing at this address")

    def _json(self, value: Any, status: int = 200) -> None:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        self._send(text.encode("utf-8", "replace"), "application/json; charset=utf-8", status)

    def _send(self, body: bytes, kind: str, status: int = 200, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        length = {"Content-Type": kind, "Content-Length": str(len(body))}
        for name, value in {**length, **HEADERS, **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server itself refuses: broken requests, and methods other than GET."""
        known = code != 501
        self.close_connection = True
        more = {} if known else {"Allow": "GET"}
        text = message or "refused" if known else "only GET is answered"
        body = json.dumps({"error": text}).encode()
        self._send(body, "application/json; charset=utf-8", code if known else 405, more)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing of requests."""


def _query(text: str) -> Mapping[str, list[str]]:
    """The query of an address: name → values. Raises Refusal."""
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_WATCHES + 8, errors="strict")
    except ValueError:
        raise Refusal(400, "a question that cannot be read") from None


def _last(asked: Mapping[str, list[str]], name: str) -> str:
    """The value of a name, the last if it is given twice; empty if it is not given."""
    return asked.get(name, [""])[-1]


def _number(asked: Mapping[str, list[str]], name: str, default: int | None) -> int | None:
    if name not in asked:
        return default
    text = _last(asked, name)
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Refusal(400, f"{name}: expected a whole number from 0")
    return int(text)
