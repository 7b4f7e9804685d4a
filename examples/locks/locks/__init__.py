"""A lock server and clients that each want the lock once; docs/writing.md explains it."""
