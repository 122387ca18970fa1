"""Evaluate the engagement formulas on published data sets that somebody has obtained."""
