"""Decisions on top of FEEL: DMN 1.1 to 1.5 models, read with every problem named, evaluated in order of requirement."""
