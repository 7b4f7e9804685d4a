"""Drawings of traces: space-time diagrams, what caused what, sequence diagrams."""
