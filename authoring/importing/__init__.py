"""Diagrams of other tools, translated into diagrams of ours, with a report of what became of each of their extensions."""
