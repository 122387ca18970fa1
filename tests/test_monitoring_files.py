"""Alert rules and the dashboard in deploy/ use metrics that this program exports."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

from fer_lms.streaming.web import metrics as metrics  # registers the metrics of the frame path

DEPLOY = Path(__file__).parents[1] / "deploy"
NAME = re.compile(r"\b(?:fer|django)_\w+")


def list_expressions(path: Path) -> list[str]:
    if path.suffix == ".json":
        panels = json.loads(path.read_text())["panels"]
        return [target["expr"] for panel in panels for target in panel["targets"]]
    groups = yaml.safe_load(path.read_text())["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


@pytest.mark.parametrize(
    "path", [DEPLOY / "prometheus/alerts.yml", DEPLOY / "grafana/fer-lms.json"]
)
@pytest.mark.django_db
def test_every_metric_exists(path: Path, client: object) -> None:
    exported = {sample.name for family in REGISTRY.collect() for sample in family.samples}
    exported |= {family.name for family in REGISTRY.collect()}
    exported |= {f"{name}_total" for name in exported} | {f"{name}_bucket" for name in exported}
    expressions = list_expressions(path)
    assert len(expressions) > 5
    used = {name for text in expressions for name in NAME.findall(text)}
    assert used - exported == set()
    assert "fer_purge_last_success_timestamp_seconds" in exported
