"""Drives as MCAP files with Foxglove's schemas."""
