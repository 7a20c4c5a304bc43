"""Scenes and drives as OpenUSD, written and read."""
