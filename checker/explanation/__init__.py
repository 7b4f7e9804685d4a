"""What of a counterexample does not matter, which others there are, and whose rule it rests on."""
