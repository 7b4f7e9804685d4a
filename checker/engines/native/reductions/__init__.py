"""What may be left out of a search without losing a view, and the claims that rests on."""
