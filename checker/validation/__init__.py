"""Logs of a running system held against a model: read, replayed node by node, put in order, judged."""
