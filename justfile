# Tasks, each one command, run in the environment that README sets up. `just` lists them; CONTRIBUTING.md says more.

_list:
    @just --list --unsorted

# the tests, on all cores; `just test -n 0 tests/unit/model/test_trace.py` runs some of them in one process
test *words:
    .venv/bin/pytest {{words}}

# the linter
lint:
    .venv/bin/ruff check .

# the types
types:
    .venv/bin/mypy

# format all files
fmt:
    .venv/bin/ruff format .

# write printed outputs and generated tables anew; read the difference before you commit it
golden:
    PMMC_UPDATE_GOLDEN=1 .venv/bin/pytest -n 0 tests/golden tests/docs tests/mutants/test_lessons.py

# measure speed; takes long and wants an idle machine
bench *words:
    .venv/bin/python -m bench {{words}}

# build the pages as a site, strictly, into build/site
docs:
    .venv/bin/mkdocs build --strict

# all that a change must pass, in an environment of its own
ci:
    .ci/run
