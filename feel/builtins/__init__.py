"""The built-in functions of FEEL (DMN 1.5, 10.3.4): one table of signatures, one module for each family."""
