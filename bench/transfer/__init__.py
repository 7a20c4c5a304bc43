"""What the driving twin is worth on real film; run with ``python -m bench.transfer``."""
