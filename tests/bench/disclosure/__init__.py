"""A simulated adversary against the figures of reports: `manage.py measure_disclosure`.

`world` simulates classes, `direct` and `rest` release their figures, `knowledge` and `views` are
what the adversary computes from figures and attendance. `attacks` lists the attacks: on values
(`value_attacks`, `course_attacks`) and on choices (`sharing_attacks`). `plays` plays them on many
classes, `estimators` measures their advantage, and `utility` measures what stays visible.
docs/disclosure.md shows the results.
"""
