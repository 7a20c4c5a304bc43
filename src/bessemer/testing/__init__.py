"""Conformance suites that any implementer of a role inherits, and small fakes of the stores."""
