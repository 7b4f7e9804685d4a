"""What is made of a trace before it is shown: what caused what, other orders, slices, files."""
