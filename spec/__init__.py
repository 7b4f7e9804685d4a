"""What is checked: PMMC put together into systems, its properties, variants, mutants and models."""
