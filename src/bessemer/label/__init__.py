"""Labels: who answers requests, how answers are carried on, and which answers are wrong."""
