"""An incident: its facts, whom it exposes in which version, what the laws ask for, and the gate before all else."""
