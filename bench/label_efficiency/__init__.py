"""How many labels each selector needs; run with ``python -m bench.label_efficiency``."""
