"""Sixteen words compared at once, which no loop that numba compiles is made into.

In plain Python (NUMBA_DISABLE_JIT=1) they mean the same, as all kernels do.
"""

from __future__ import annotations

import os
from typing import Any

from numba.core import types
from numba.extending import intrinsic

#: Words that are compared at once.
WORDS = 16


def _alike(table: Any, at: Any, word: Any) -> int:
    """Which of the words of a table from `at` on are a word: a bit for each, the lowest for the first."""
    return sum(1 << k for k in range(WORDS) if table[int(at) + k] == word)


def _lowest(bits: int) -> int:
    """The place of the lowest bit that is set; there is one."""
    return (int(bits) & -int(bits)).bit_length() - 1


def _compiled_alike(_context: Any, table: Any, at: Any, word: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        from llvmlite import ir  # noqa: PLC0415 - needed only here

        several = ir.VectorType(ir.IntType(32), WORDS)
        undefined = ir.Constant(several, ir.Undefined)
        first = builder.gep(
            context.make_array(signature.args[0])(context, builder, values[0]).data, [values[1]]
        )
        words = builder.load(builder.bitcast(first, several.as_pointer()))
        words.align = 4
        one = builder.insert_element(undefined, values[2], ir.Constant(ir.IntType(32), 0))
        same = builder.shuffle_vector(one, undefined, ir.Constant(several, [0] * WORDS))
        bits = builder.bitcast(builder.icmp_unsigned("==", words, same), ir.IntType(WORDS))
        return builder.zext(bits, ir.IntType(64))

    return types.uint64(table, at, word), build


def _compiled_lowest(_context: Any, _bits: Any) -> Any:
    def build(_: Any, builder: Any, _signature: Any, values: Any) -> Any:
        from llvmlite import ir  # noqa: PLC0415 - needed only here

        return builder.cttz(values[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), build


_IS_PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") != "0"
alike: Any = _alike if _IS_PLAIN else intrinsic(_compiled_alike)
lowest: Any = _lowest if _IS_PLAIN else intrinsic(_compiled_lowest)
