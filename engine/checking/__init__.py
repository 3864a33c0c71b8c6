"""The rules that a diagram must keep before it is published, one module for each kind of rule."""
