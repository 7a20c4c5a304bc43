"""Who drives the ego: a careful driver, its path, and what it sees."""
