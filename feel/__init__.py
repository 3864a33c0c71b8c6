"""FEEL, the one expression language of diagrams, forms and decisions (DMN 1.5, chapter 10)."""
