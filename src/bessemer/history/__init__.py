"""Data commits: versions of the data set, with diffs, three-way merges, branches and blame."""

from bessemer.history.history import History
from bessemer.history.merge_commits import MergeReport
from bessemer.history.unit_map import UnitMap

__all__ = ["History", "MergeReport", "UnitMap"]
