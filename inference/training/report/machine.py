"""Which processor a measurement was made on, and how busy it was."""

import os
import platform
from pathlib import Path
from typing import Any

import onnxruntime as ort  # type: ignore[import-untyped]

INT8_UNITS = ("avx512_vnni", "avx_vnni", "asimddp")
"""Flags of processors that multiply eight bits at once; without one of them int8 gains less."""


def measured_on() -> dict[str, Any]:
    """JSON-ready."""
    facts = _cpu_facts()
    name = facts.get("model name") or platform.processor() or platform.machine()
    kind = ", ".join(f"{k} {facts[k]}" for k in ("cpu family", "model") if k in facts)
    flags = (facts.get("flags") or facts.get("Features") or "").split()
    return {
        "processor": f"{name} ({kind})" if kind else name,
        "int8_units": [flag for flag in INT8_UNITS if flag in flags],
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "onnxruntime": ort.__version__,
    }


def _cpu_facts() -> dict[str, str]:
    """Of the first processor, as Linux tells; empty elsewhere."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return {}
    first = path.read_text(encoding="utf-8").split("\n\n", 1)[0]
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}
