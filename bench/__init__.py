"""What the hot paths cost: one program for each question, figures as lines of JSON. `python -m bench` runs them all."""
