"""Bessemer: an open data engine for camera fleets.

Raw recordings go in, tested networks come out, and every turn of the works is measured.
"""

__version__ = "0.1.0"
