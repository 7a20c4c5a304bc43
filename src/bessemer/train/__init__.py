"""Train: a data commit is compiled to a network, the same for the same seed."""
