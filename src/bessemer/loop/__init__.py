"""One revolution of the works: the only place that knows the order of the stages."""
