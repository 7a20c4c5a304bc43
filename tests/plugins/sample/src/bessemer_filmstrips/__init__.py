"""A sample plug-in: film strips as recordings."""
