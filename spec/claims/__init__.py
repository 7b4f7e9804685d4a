"""What the reductions may rely on: claims about messages that are alike, and about names."""
