"""Fleets: vehicles that meet the world, run networks on it, and send back what is asked for."""
