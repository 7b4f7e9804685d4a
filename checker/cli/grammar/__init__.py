"""What may stand on a command line. Nothing here imports what a command needs to run."""
