"""The command line: results on stdout, the story on stderr."""

from bessemer.cli.app import main

__all__ = ["main"]
