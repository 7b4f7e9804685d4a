"""Fair runs: whether every one comes to what temporal properties ask for, over all states at once."""
