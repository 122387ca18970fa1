"""Django app of a checkout, not of the product: benchmarks, load generator and simulators.

- management/commands: `simulate` and `bench_*`; options and text output
- *_bench.py, simulation.py: one measurement each, returning the keys of `--json`
- load: clients of the demonstration, simulated learners, checks of their windows
- attack, hostile: hostile requests, sockets, frames and files, and their cost
- worker, lti: measurements of the frame worker and of LTI launches and rosters
"""
