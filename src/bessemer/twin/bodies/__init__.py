"""Shapes made by code: cars, people, signs, cones, with a material and a class a triangle."""
