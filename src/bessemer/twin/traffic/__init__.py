"""Everyone else on the road, moved by SUMO."""
