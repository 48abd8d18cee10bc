"""Targets by subject; `fuzz.target.SUBJECTS` lists the modules."""
