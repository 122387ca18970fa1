"""A simulated adversary against the figures of reports: `manage.py measure_disclosure`.

`world` simulates classes, `direct` and `rest` release their figures, `knowledge` is what the
adversary computes from figures and attendance, `attacks` lists the attacks, `estimators` measures
their advantage, and `utility` measures what stays visible. docs/disclosure.md shows the results.
"""
