"""Text for people who look at a terminal."""
