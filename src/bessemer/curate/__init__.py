"""Curate: what is in the lake, how much of it is new, and what is worth a label."""
