"""What a call costs: messages, message delays and writes to stable storage, worked out from a model."""
