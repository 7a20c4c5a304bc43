"""Validate: suites of slices and checks, intervals over recordings, and three verdicts."""
