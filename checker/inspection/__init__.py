"""Counterexamples that people can inspect: what caused what, drawings, graphs, files, the report as a page.

Everything here starts from one `checker.trace.Trace` and changes nothing about it. Reading order:
causality (what each step rests on), retrace (the same steps in another order, or fewer of them), then
one module for each form a trace is written in.
"""
