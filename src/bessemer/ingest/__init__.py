"""Ingest: readers of archives, and the one way by which what they read enters the stores."""
