"""What fills the log when nobody submits anything, chosen in a model file by `rules: {no-ops: replica}`."""

from checker.modelfiles.protocol import Variant
from pmmc import noops
from spec.claims.settling import settle_replica

NO_OP_VARIANTS = (
    Variant(
        part="no-ops",
        name="replica",
        role="replica",
        about="A replica that has performed a reconfiguration and has no requests proposes no-ops for the "
        "slots that the old configuration decides yet.",
        source="the authors' program, env.py, which submits WINDOW - 1 no-ops after a reconfiguration; "
        "paper, section 4.5, of reads",
        wakes=noops.FILLING,
        settle=settle_replica,
    ),
)
