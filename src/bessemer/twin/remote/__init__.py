"""A world in another process, by gRPC."""
