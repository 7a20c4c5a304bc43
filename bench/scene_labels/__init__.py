"""How many labelled frames dash-cam scenes need; run with ``python -m bench.scene_labels``."""
