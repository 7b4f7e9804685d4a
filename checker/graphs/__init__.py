"""Graphs, as GraphML, JSON, DOT and Mermaid."""
