"""Roads of the twin: networks, their surface, and what stands beside them."""
