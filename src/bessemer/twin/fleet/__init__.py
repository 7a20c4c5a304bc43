"""A simulated fleet: what it drives, how it is recorded, and the drives that ship."""
