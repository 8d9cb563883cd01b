"""One module, one log format; each defines ``LOG``."""
