"""Whom the explorer's server refuses, and that nothing makes it fail: spoken to over sockets."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from checker.cli import main
from checker.cli.commands.explore import subject_of
from checker.cli.grammar.parser import parser
from checker.explorer.goals import others
from checker.explorer.pages import Pages, Subject
from checker.explorer.server import FILES, Explorer
from checker.model.verdict import ExitCode
from checker.modelfiles.loading import load
from checker.traces.tracefile import Source
from spec.protocol import PMMC

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def server() -> Iterator[Explorer]:
    loaded = load(PMMC.models / "one-active-leader.yaml", protocols={"pmmc": PMMC})
    source = Source(loaded.path, loaded.text, loaded.protocol.name)
    with Explorer(Pages(Subject(loaded.system, source, "", (), others(loaded)))) as made:
        thread = Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(server: Explorer, address: str, method: str = "GET", **headers: str) -> Answer:
    """Ask as a browser does; header names are given with _ for -."""
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    try:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, address, headers=given)
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.headers), answer.read())
    finally:
        connection.close()


def act(server: Explorer, address: str) -> Answer:
    """Ask as our page does."""
    return ask(server, address, Sec_Fetch_Site="same-origin")


def say(server: Explorer, words: bytes) -> bytes:
    """Say exactly this, and hear all that is answered."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=30) as line:
        line.sendall(words)
        line.shutdown(socket.SHUT_WR)
        heard = b""
        while True:
            try:
                more = line.recv(65536)
            except ConnectionResetError:
                return heard
            if not more:
                return heard
            heard += more


def test_listens_to_this_machine_only(server: Explorer) -> None:
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "address", [*FILES, "/spacetime.css", "/api/model", "/api/state/", "/api/state/0/0?at=1"]
)
def test_answers_with_a_strict_policy(server: Explorer, address: str) -> None:
    answer = ask(server, address)
    assert answer.status == 200
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_page_asks_no_other_machine() -> None:
    for path in (ROOT / "checker" / "explorer" / "static").iterdir():
        text = path.read_text(encoding="utf-8")
        assert "http:" not in text.replace("http://www.w3.org", "")
        assert "https:" not in text
        assert "innerHTML" not in text


def test_the_script_stays_small() -> None:
    files = (ROOT / "checker" / "explorer" / "static").glob("*.js")
    assert max(path.read_text(encoding="utf-8").count("\n") for path in files) < 400


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}"])
def test_own_names_are_answered(server: Explorer, host: str) -> None:
    assert ask(server, "/api/model", Host=host.format(port=server.server_port)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1.evil.example:{port}",
        "[::1]:{port}",
        "",
    ],
)
@pytest.mark.parametrize("address", ["/", "/api/model", "/explore.js"])
def test_other_names_are_refused(server: Explorer, host: str, address: str) -> None:
    answer = ask(server, address, Host=host.format(port=server.server_port))
    assert answer.status == 403
    assert "answers to" in answer.json["error"]


def test_a_request_without_a_host_or_with_two_is_refused(server: Explorer) -> None:
    own = f"Host: 127.0.0.1:{server.server_port}\r\n".encode()
    for hosts in (b"", own + own, own + b"Host: evil.example\r\n"):
        assert b" 403 " in say(server, b"GET /api/model HTTP/1.1\r\n" + hosts + b"\r\n").split(b"\r\n")[0]
    elsewhere = b"GET http://evil.example/api/model HTTP/1.1\r\n" + own + b"\r\n"
    assert b"one-active-leader" not in say(server, elsewhere)
    assert b"one-active-leader" not in say(server, b"GET /api/model\r\n\r\n")


def test_pages_of_other_sites_may_only_lead_here(server: Explorer) -> None:
    assert ask(server, "/api/model", Sec_Fetch_Site="cross-site").status == 403
    assert ask(server, "/api/model", Sec_Fetch_Site="same-site", Sec_Fetch_Mode="navigate").status == 403
    assert ask(server, "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 200
    assert ask(server, "/api/model", Sec_Fetch_Site="same-origin").status == 200


@pytest.mark.parametrize("address", ["/api/stop", "/api/search?goal=violated&states=10"])
def test_only_our_page_starts_and_stops_searches(server: Explorer, address: str) -> None:
    """Browsers that know no Sec-Fetch-Site say where they were by Origin or Referer, or do not say."""
    own = server.url.removesuffix("/")
    for said in (
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[nonsense"},
        {"Referer": "http://evil.example/"},
        {"Referer": f"{own}.evil.example/"},
        {"Referer": f"http://evil.example/{own}/"},
        {"Referer": f"http://evil.example@127.0.0.1:{server.server_port}/"},
        {"Referer": "http://127.0.0.1:1/"},
        {"Origin": "http://evil.example", "Referer": f"{own}/"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "cross-site", "Referer": f"{own}/"},
    ):
        answer = ask(server, address, **said)
        assert answer.status == 403, said
    for said in (
        {"Sec_Fetch_Site": "same-origin"},
        {"Origin": own},
        {"Referer": f"{own}/"},
        {"Referer": f"http://localhost:{server.server_port}/#/0/1"},
    ):
        assert ask(server, address, **said).status == 200, said


def test_the_page_lets_old_browsers_say_where_they_were(server: Explorer) -> None:
    assert ask(server, "/").headers["Referrer-Policy"] == "same-origin"


def test_a_request_must_have_come_in_full_after_some_seconds(
    server: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often something of it comes, and no matter how long each wait is."""
    clock = [0.0]
    monkeypatch.setattr("checker.explorer.server.time.monotonic", lambda: clock[0])
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=30) as line:
        line.sendall(b"GET /api/model HTTP/1.1\r\n")
        for _ in range(100):
            clock[0] += 1
            try:
                line.sendall(b"X-More: 1\r\n")
                line.settimeout(0.05)
                if not line.recv(1):
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        else:
            raise AssertionError("the server waits for ever")
        assert clock[0] < 60


@pytest.mark.parametrize(
    "address",
    [
        "/../pages.py",
        "/static/../pages.py",
        "/..%2fpages.py",
        "/%2e%2e/%2e%2e/pyproject.toml",
        "//etc/passwd",
        "/explore.js/../../server.py",
        "/explore.js%00",
        "/index.html",
        "/static/explore.js",
        "/api",
        "/api/",
        "/api/nothing",
        "/api/model/more",
        "*",
    ],
)
def test_nothing_else_is_served(server: Explorer, address: str) -> None:
    answer = ask(server, address)
    assert answer.status == 404
    assert answer.json["error"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW"])
def test_only_get_is_answered(server: Explorer, method: str) -> None:
    answer = ask(server, "/api/model", method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/state/x", 400),
        ("/api/state/0/-1", 400),
        ("/api/state/0/9999999", 400),
        ("/api/state/0?at=2", 400),
        ("/api/state/0?at=", 400),
        ("/api/state/0?at=x", 400),
        ("/api/state/0?at=%FF", 400),
        ("/api/state/0?" + "&".join(f"a{i}=1" for i in range(40)), 400),
        ("/api/state/" + "0/" * 500, 400),
        ("/api/state/" + "0/" * 5000, 414),
        ("/api/state/0?against=x", 400),
        ("/api/state/0?against=0/999", 404),
        ("/api/progress/more", 404),
        ("/api/state/0/999", 404),
        ("/api/trace/999", 404),
        ("/api/search", 400),
        ("/api/search?goal=nonsense", 400),
        ("/api/search?goal=violated&path=%2e%2e", 400),
        ("/api/search?goal=violated&seconds=x", 400),
    ],
)
def test_malformed_questions_are_refused_in_words(server: Explorer, address: str, status: int) -> None:
    answer = act(server, address)
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json["error"]
    assert "Traceback" not in answer.body.decode()


@pytest.mark.parametrize(
    "words",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x00\xff\xfe\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/x\r\n\r\n",
        b"GET /a b HTTP/1.1\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_noise_is_survived(server: Explorer, words: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    heard = say(server, words)
    assert b"Traceback" not in heard
    assert b"<!doctype" not in heard
    assert ask(server, "/api/model").status == 200
    assert capfd.readouterr().err == ""


def test_a_search_is_answered_and_bounded(server: Explorer) -> None:
    told = act(server, "/api/search?goal=violated&path=0/0/0/0").json
    assert told["found"]
    bounded = act(server, "/api/search?goal=model-raises&states=10").json
    assert (bounded["found"], bounded["complete"]) == (False, False)
    assert act(server, "/api/stop").status == 200


def test_a_later_search_takes_the_place_of_an_earlier_one(server: Explorer) -> None:
    answers: list[Any] = []
    early = Thread(target=lambda: answers.append(act(server, "/api/search?goal=model-raises").json))
    early.start()
    while not server.pages._searching.locked():
        pass
    assert act(server, "/api/search?goal=violated&path=0/0/0/0").json["found"]
    early.join()
    assert answers[0]["stopped"] == "the search was ended"


def test_a_trace_is_downloaded_under_a_plain_name(server: Explorer) -> None:
    answer = ask(server, "/api/trace/0/0")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="one-active-leader.itf.json"'
    assert answer.json["#meta"]["pmmc"]["path"] == [0, 0]


# The command --------------------------------------------------------------------------------------------


def test_ctrl_c_ends_it_well() -> None:
    command = [sys.executable, "-m", "checker.cli", "explore", "duel", "--no-browser"]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as run:
        assert run.stdout is not None
        assert "exploring duel at http://127.0.0.1:" in run.stdout.readline()
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    assert (run.returncode, out, err.strip()) == (ExitCode.OK, "", "")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["no-such-model"], "unknown model 'no-such-model'"),
        (["duel", "--path", "0/99"], "--path: step 2: there is no step 99"),
        (["duel", "--path", "/".join(["0"] * 401)], "--path: 401 steps; the page shows 400 at most"),
        (["duel", "--network", "pigeons"], "--network: unknown network 'pigeons'"),
        (["nothing.itf.json"], "cannot be read"),
    ],
)
def test_what_cannot_be_explored_is_said(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explore", "--no-browser", *words]) == ExitCode.USAGE
    assert complaint in capsys.readouterr().err


def test_a_trace_that_has_changed_is_opened_with_a_warning(
    server: Explorer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "old.itf.json"
    for recorded, warning in (
        ("p1a", ""),
        ("p0a", "recorded it, from step 1 on"),
    ):
        text = ask(server, "/api/trace/0/0").body.decode()
        for said in (".p1a", "p1a(leader 0, ballot 0.0)"):
            text = text.replace(said, said.replace("p1a", recorded))
        file.write_text(text, encoding="utf-8")
        subject = subject_of(parser().parse_args(["explore", str(file)]))
        assert subject.start == (0, 0)
        told = capsys.readouterr().err
        assert warning in told
        assert bool(told) == bool(warning)


def test_a_place_is_shared_as_a_command_and_with_a_hash_of_the_model(
    tmp_path: Path,
) -> None:
    def subject(*words: str) -> Subject:
        return subject_of(parser().parse_args(["explore", *words]))

    usual = subject("one-active-leader")
    file = tmp_path / "same.yaml"
    text = (PMMC.models / "one-active-leader.yaml").read_text(encoding="utf-8")
    file.write_text(f"# a comment\n{text}", encoding="utf-8")
    assert subject(str(file)).content == usual.content
    file.write_text(text.replace("rounds: 1", "rounds: 2"), encoding="utf-8")
    assert subject(str(file)).content != usual.content
    asked = subject("one-active-leader", "--network", "lossy-duplicating", "--property", "A1")
    assert asked.content == f"{usual.content}-lossy-duplicating"
    again = subject(*asked.command.split()[2:], "--path", "0/0")
    assert (again.content, again.start) == (asked.content, (0, 0))
    assert [p.id for p in again.system.properties] == ["A1"]


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["explore", "--no-browser", "duel", "--port", str(port)]) == ExitCode.USAGE
    assert f"--port {port}: " in capsys.readouterr().err
