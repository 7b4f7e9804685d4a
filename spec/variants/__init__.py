"""Other readings of rules, to be chosen in a model file."""
