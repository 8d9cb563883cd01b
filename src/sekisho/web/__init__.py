"""What other systems and counters ask over HTTP. It shows what flow and actions say, and asks them to act."""
