"""Whatever a model file holds, reading it gives a model or faults, each at a line of it."""

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.modelfiles.loading import Faults, LoadedModel
from spec.protocol import PMMC
from tests.unit.modelfiles.goodfile import GOOD, read

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
KEYS = st.sampled_from(
    [
        *(field.alias or name for name, field in PMMC.schema.model_fields.items()),
        *("acceptors", "leaders", "replicas", "slots", "rounds", "verdict", "kind", "x"),
        *("leader 0", "acceptor 0", "replica 0", "client 0", "ballot", "active", "accepted", "requests"),
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5),
    st.sampled_from(
        ["R1", "A1", "slot-decided", "fifo", "put k v", "3.0", "1.1", "verified", "no", "a: b"]
    ),
    st.text(max_size=5),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.integers(0, 3), inner, max_size=6)
    ),
    max_leaves=12,
)


def judged(text: str) -> None:
    """Reading gives a model or faults, and nothing else ever."""
    try:
        assert isinstance(read(text), LoadedModel)
    except Faults as error:
        found = error.faults
    else:
        return
    assert found
    lines = 2 + sum(map(text.count, "\n\r\x85\u2028\u2029"))
    assert all(1 <= f.line <= lines and f.column >= 1 and f.message for f in found)


class TestAnythingAtAll:
    @given(st.text(max_size=200))
    @settings(FUZZ)
    def test_text(self, text):
        judged(text)

    @given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t\\U019~<.", max_size=80))
    @settings(FUZZ)
    def test_text_that_looks_like_yaml(self, text):
        judged(text)

    @given(st.dictionaries(KEYS, TREES, max_size=10))
    @settings(FUZZ)
    def test_structures(self, tree):
        judged(yaml.safe_dump(tree, allow_unicode=True))

    @given(st.dictionaries(KEYS, TREES, max_size=5))
    @settings(FUZZ)
    def test_structures_beside_what_is_right(self, tree):
        base = yaml.safe_load(GOOD)
        judged(yaml.safe_dump(base | tree, allow_unicode=True))

    @given(st.dictionaries(st.sampled_from(["initial", "sometimes"]), st.dictionaries(KEYS, TREES)))
    @settings(FUZZ)
    def test_local_states(self, tree):
        base = yaml.safe_load(GOOD)
        if "sometimes" in tree:
            tree = tree | {"sometimes": [tree["sometimes"]]}
        judged(yaml.safe_dump(base | tree, allow_unicode=True))

    @given(st.integers(0, len(PMMC.template)), st.integers(0, 40), st.text(max_size=3))
    @settings(FUZZ)
    def test_damaged_template(self, at, length, put):
        judged(PMMC.template[:at] + put + PMMC.template[at + length :])
