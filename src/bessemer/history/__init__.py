"""Data commits: versions of the data set, with diffs, three-way merges, branches and blame."""
