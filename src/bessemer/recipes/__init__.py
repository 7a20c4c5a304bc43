"""Whole works as functions: each returns one complete config, and a variant calls another.

They are found by entry point, in the group ``bessemer.recipes``, like those of any other package.
"""
