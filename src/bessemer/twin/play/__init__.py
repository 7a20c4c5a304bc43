"""Drives looked at: films, contact sheets, rerun, and the gallery of the docs."""
