"""The driving twin: roads, traffic, cameras and exact truth, in a world that obeys physics."""
