"""The compiled code: its layout of memory, its source, how it is built and kept."""
