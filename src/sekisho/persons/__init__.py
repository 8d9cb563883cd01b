"""Records to persons: settle on holders, cluster the rest."""
