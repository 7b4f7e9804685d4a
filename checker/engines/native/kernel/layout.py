"""Constants that the tables and the kernels share."""

import numpy as np

#: No packed state: every packing leaves the highest bit free.
EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
#: Row pointer of a row that is not computed yet, image of a cell that has none yet.
MISSING = -1
#: Layout of an entry of the post table, from the highest bits down: bundle, cell before, cell after.
POST_CELL_BITS = 23
POST_BUNDLE_BITS = 18
MAX_CELLS = 1 << POST_CELL_BITS
MAX_BUNDLES = (1 << POST_BUNDLE_BITS) - 1
#: Bounds that are told apart in a byte, 0 being none.
MAX_BOUNDS = 127
#: How many hash slots are touched ahead of use.
AHEAD = 128

#: What may be missing when a state is expanded.
MISS_ROW = 0
MISS_POST = 1
MISS_IMAGE = 2
#: Layout of a missing entry: kind + 1, node or bundle, cell (of an image, and the renaming above it).
MISS_Y_BITS = 36
MISS_X_BITS = POST_BUNDLE_BITS
