"""A real browser without a window, driven over WebDriver by the standard library alone.

Chromium and its driver are looked for by name; where they are missing, the tests are skipped and say so.
The helper modules of unit tests can be imported.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "unit" / "support"))
DRIVERS = ("chromedriver", "chromium.chromedriver")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
)
#: How WebDriver names an element in JSON.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
#: Seconds until what is waited for must have come; machines that test are busy.
PATIENCE = 60.0
#: The package of npm that finds faults of accessibility, pinned: another version has other rules.
AXE = "axe-core@4.14.1"
#: What axe calls the impact of a fault that keeps people from reading a page.
GRAVE = ("serious", "critical")
#: How axe is asked; of each fault what it is, and the elements that have it.
FAULTS = """const options = { resultTypes: ['violations'] };
if (arguments[0].length) options.runOnly = { type: 'rule', values: arguments[0] };
return axe.run(document, options).then(({ violations }) => violations
  .map(({ impact, id, help, nodes }) => [impact, `${id}: ${help}`, nodes.map((node) =>
    `${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`)]))"""


class BrowserError(Exception):
    """The driver refused a command."""


class Browser:
    """One window of a browser: open an address, run a script in it, press keys, look."""

    def __init__(self, port: int, binary: str, profile: Path) -> None:
        self._port = port
        options = {"args": [*ARGUMENTS, f"--user-data-dir={profile}"], "binary": binary}
        asked = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        made = self._send("POST", "/session", {"capabilities": {"alwaysMatch": asked}})
        self._session = f"/session/{made['sessionId']}"

    def _send(self, method: str, address: str, body: Any = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=2 * PATIENCE)
        text = None if body is None else json.dumps(body)
        try:
            connection.request(method, address, text, {"Content-Type": "application/json; charset=utf-8"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise BrowserError(f"{value['error']}: {value.get('message', '').splitlines()[:1]}")
        return value

    def post(self, address: str, body: Any = None) -> Any:
        return self._send("POST", self._session + address, body or {})

    def close(self) -> None:
        self._send("DELETE", self._session)

    def open(self, url: str) -> None:
        self.post("/url", {"url": url})

    def back(self) -> None:
        self.post("/back")

    def forward(self) -> None:
        self.post("/forward")

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns; its arguments are `arguments[0]` and so on."""
        return self.post("/execute/sync", {"script": script, "args": list(arguments)})

    def until(self, script: str, *arguments: Any) -> Any:
        """What an expression comes to as soon as that is something true."""
        end = time.monotonic() + PATIENCE
        while True:
            found = self.run(f"return {script}", *arguments)
            if found:
                return found
            if time.monotonic() > end:
                told = self.run("return document.body.innerText.slice(0, 2000)")
                raise AssertionError(f"not in {PATIENCE:g} s: {script}\n{told}")
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        found = self.post("/element", {"using": "css selector", "value": selector})
        self.post(f"/element/{found[ELEMENT]}/click")

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is."""
        strokes = [{"type": way, "value": key} for key in keys for way in ("keyDown", "keyUp")]
        self.post("/actions", {"actions": [{"type": "key", "id": "keys", "actions": strokes}]})

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def complaints(self) -> list[str]:
        """What the browser's console said, forgotten once told."""
        return [entry["message"] for entry in self.post("/se/log", {"type": "browser"})]

    def resize(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._protocol("Emulation.setDeviceMetricsOverride", metrics)

    def dark(self, wanted: bool) -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if wanted else "light"}
        self._protocol("Emulation.setEmulatedMedia", {"features": [scheme]})

    def _protocol(self, command: str, parameters: dict[str, Any]) -> None:
        self.post("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def screenshot(self) -> bytes:
        return b64decode(self._send("GET", f"{self._session}/screenshot"))


@pytest.fixture(scope="session")
def browser_binaries() -> tuple[str, str]:
    driver = next(filter(None, map(shutil.which, DRIVERS)), None)
    binary = next(filter(None, map(shutil.which, BROWSERS)), None)
    if driver is None or binary is None:
        missing = " and ".join(n for n, p in (("chromedriver", driver), ("chromium", binary)) if p is None)
        pytest.skip(f"no {missing} here; on Debian: apt-get install chromium chromium-driver")
    return driver, binary


@pytest.fixture(scope="module")
def browser(
    browser_binaries: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    driver, binary = browser_binaries
    folder = tmp_path_factory.mktemp("browser")
    with running([driver, "--port=0"], r"successfully on port (\d+)", stderr=subprocess.DEVNULL) as port:
        window = Browser(int(port), binary, folder / "profile")
        try:
            yield window
        finally:
            window.close()


@contextmanager
def running(command: list[str], telling: str, **options: Any) -> Iterator[str]:
    """A program while it runs; what `telling` finds in its output."""
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", **options)
    try:
        assert program.stdout is not None
        found = next((f for f in (re.search(telling, line) for line in program.stdout) if f), None)
        assert found is not None, f"{command[0]} ended with {program.wait()}"
        yield found[1]
    finally:
        program.terminate()
        program.wait()
        assert program.stdout is not None
        program.stdout.close()


@pytest.fixture(scope="module")
def exploring() -> Callable[..., Any]:
    """`pmmc explore` while it runs, as a context; its value is the address of the page."""

    def run(*arguments: object) -> Any:
        command = [sys.executable, "-m", "checker.cli", "explore", "--no-browser", *map(str, arguments)]
        environment = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"}
        return running(command, r"(http://127\.0\.0\.1:\d+/)", cwd=ROOT, env=environment)

    return run


@pytest.fixture(scope="session")
def axe_script(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    """The source of axe-core; it is had from npm once, and kept in pytest's cache."""
    cache = request.config.cache
    folder = tmp_path_factory.mktemp("axe") if cache is None else cache.mkdir("axe")
    kept = folder / f"{AXE}.js"
    if not kept.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip(f"no npm here, which has {AXE}; on Debian: apt-get install npm")
        packed = tmp_path_factory.mktemp("packed")
        command = [npm, "pack", AXE, "--silent", "--pack-destination", str(packed)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"npm cannot get {AXE}: {error.stderr!r:.200}")
        (archive,) = packed.glob("*.tgz")
        with tarfile.open(archive) as package:
            script = package.extractfile("package/axe.min.js")
            assert script is not None
            partly = packed / "axe.js"
            partly.write_bytes(script.read())
        shutil.copy(partly, folder / f"{kept.name}.{os.getpid()}")
        (folder / f"{kept.name}.{os.getpid()}").replace(kept)
    return kept.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def faults(axe_script: str) -> Callable[..., dict[str, list[str]]]:
    """What axe finds wrong with the page that a browser shows, as it is shown now: fault → elements.

    Of these impacts only; of all that axe knows: `minor`, `moderate`, `serious`, `critical`. With `rules`
    only they are looked at, which is faster.
    """

    def find(
        page: Browser, impacts: tuple[str, ...] = GRAVE, rules: Sequence[str] = ()
    ) -> dict[str, list[str]]:
        if not page.run("return typeof axe === 'object'"):
            page.run(f"{axe_script}; window.axe = axe;")
        found = page.run(FAULTS, list(rules))
        return {fault: elements for impact, fault, elements in found if impact in impacts}

    return find
