"""Measure rules on simulated learners: a second generator, personas, policies and their figures."""
