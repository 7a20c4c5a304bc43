"""The world as an environment of gymnasium."""
