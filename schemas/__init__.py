"""The contract of the bus: every message that any actor may send, and nothing else."""
