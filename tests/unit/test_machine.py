"""Object code of kernels: all that it refers to is known where numba is not."""

import shutil
import subprocess
from pathlib import Path

import pytest

from checker.engines.native.kernel import keeping, machine


@pytest.mark.skipif(shutil.which("nm") is None, reason="there is no nm")
def test_all_that_object_code_refers_to_is_known_without_numba(tmp_path: Path) -> None:
    """The linker resolves all names or, without a word, none: what LLVM makes of a loop is then nowhere."""
    machine.kernels()
    path = keeping.place(f"kernels-{machine.fingerprint()}.json")
    built = None if path is None else keeping.load(path, set(machine.FORMS))
    if built is None:
        pytest.skip("kernels are not kept here")
    known = {*machine.LOOPS_BECOME, *machine.NEVER_CALLED}
    for name, (_, code) in built.items():
        file = tmp_path / name
        file.write_bytes(code)
        told = subprocess.run(["nm", "-u", str(file)], capture_output=True, text=True, check=True).stdout
        asked = {line.split()[-1] for line in told.splitlines()}
        assert {one for one in asked if not one.startswith("Py")} <= known, name
