"""From exposures to what follows: announcement, letters, new numbers, harder checks, the helpline, reports."""
