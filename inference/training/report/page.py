"""docs/comparison.md, written from what `compare` found, and which drawings belong to it."""

from typing import Any

from inference.training.report.compare_runs import (
    SPLIT_TITLES,
    experiments_text,
    line_text,
    networks_of,
    networks_text,
)
from inference.training.report.goals import INT8_SPEED
from inference.training.report.verdict import Point, verdict_lines

Found = dict[str, Any]
SIDE = 96
WRITTEN_BY = (
    "Written by `python -m inference.training compare --out docs/comparison.md --figures "
    "docs/figures`."
)
NETWORK_DRAWINGS = {
    "networks": "figures with intervals",
    "confusion": "confusion of each",
    "curves": "validation accuracy by epoch",
}


def comparison_drawings(found: Found) -> dict[str, Any]:
    """File name -> the figures that it shows."""
    drawings: dict[str, Any] = {}
    for split in SPLIT_TITLES:
        if rows := networks_of(split, found["runs"]):
            drawings |= {f"{kind}-{split}.png": rows for kind in NETWORK_DRAWINGS}
    if found["released"]:
        drawings["comparison.png"] = found["released"]
    return drawings


def comparison_page(found: Found) -> str:
    """The whole file."""
    runs = found["runs"]
    parts = ["# The four networks compared", "", WRITTEN_BY, ""]
    parts += _verdict_text(found)
    for split in ("study", "official"):
        drawn = [f"[{what}](figures/{kind}-{split}.png)" for kind, what in NETWORK_DRAWINGS.items()]
        parts += networks_text(split, runs, drawn)
    parts += experiments_text(runs) + line_text(runs)
    parts += _cost_text(found["cost"], found.get("machine"))
    parts += _released_text(found["released"]) + _peer_text(found)
    return "\n".join(parts) + "\n"


def _verdict_text(found: Found) -> list[str]:
    """Is MobileNetV2 worth being the default? Said either way."""
    alike = [
        Point(
            row["architecture"],
            row["ferplus"]["accuracy"],
            tuple(row["ferplus"]["interval_95"]["accuracy"]),
            found["cost"][row["architecture"]]["fp32_ms"]["median"],
        )
        for row in networks_of("official", found["runs"])
        if row["name"].startswith("official-") and row["architecture"] in found["cost"]
    ]
    shipped = [
        Point(each["name"], each["accuracy"], tuple(each["interval_95"]), each["ms"]["median"])
        for each in found["released"]
    ]
    default = next((each["name"] for each in found["released"] if each.get("default")), "")
    lines = verdict_lines(alike, "mobilenet_v2", "the networks by one recipe, as fp32")
    lines += verdict_lines(shipped, default, "what ships, each as far as it was trained")
    return ["## Worth its time?", "", *lines, ""] if lines else []


def _cost_text(cost: Found, machine: Found | None) -> list[str]:
    lines = [f"## What each costs, one face of {SIDE} pixels, one thread", ""]
    lines += [
        "| network | parameters | million MACs | fp32 MB | int8 MB | fp32 ms | int8 ms | faster |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, each in cost.items():
        lines.append(
            f"| {name} | {each['parameters']:,} | {each['million_macs']} | "
            f"{each['fp32_bytes'] / 1e6:.1f} | {each['int8_bytes'] / 1e6:.1f} | "
            f"{_spread(each['fp32_ms'])} | {_spread(each['int8_ms'])} | "
            f"{_spread(each['faster'], 'x')} |"
        )
    one_look = "One look a face; what ships looks twice (below)."
    return [*lines, "", one_look, *_measured(machine), "", *_speed_goal(cost), ""]


def _measured(machine: Found | None) -> list[str]:
    note = "CPU time, all in turn in one go; two heads included."
    if machine is None:
        return [note]
    units = ", ".join(machine["int8_units"]) or "none that the system names"
    return [
        f"{note} Medians of several passes, in brackets the least and the most. Processor: "
        f"{machine['processor']}, instructions for int8: {units}; ONNX Runtime "
        f"{machine['onnxruntime']}; {machine['load']} processes wanted {machine['cores']} cores "
        "meanwhile. Another processor gives other times, and another gain by int8."
    ]


def _speed_goal(cost: Found) -> list[str]:
    if "mobilenet_v2" not in cost:
        return []
    faster = cost["mobilenet_v2"]["faster"]
    floor, goal = INT8_SPEED
    reached = "goal met" if faster["median"] >= goal else "floor met"
    if faster["median"] < floor:
        reached = "floor missed"
    return [
        f"int8's speed against fp32 for MobileNetV2: floor {floor:g} times, goal {goal:g}; "
        f"reached {_spread(faster)}: {reached}. The other goals stand in "
        "[the model card](../inference/weights/MODEL_CARD.md)."
    ]


def _spread(value: Found, unit: str = "") -> str:
    if "low" not in value:
        return f"{value['median']:.2f}{unit}"
    return f"{value['median']:.2f}{unit} [{value['low']:.2f}, {value['high']:.2f}]"


def _released_text(released: list[Found]) -> list[str]:
    lines = ["## What ships, through ONNX Runtime, on PublicTest (FER+)", ""]
    lines += ["| model | accuracy % | ms | MB |", "|---|---|---|---|"]
    for each in released:
        name = f"{each['name']} (default)" if each.get("default") else each["name"]
        lines.append(
            f"| {name} | {_percent(each)} | {_spread(each['ms'])} | {each['bytes'] / 1e6:.1f} |"
        )
    drawn = ["Drawn: [accuracy by milliseconds](figures/comparison.png).", ""] if released else []
    looks = "The same measurement of time as above; each face and its mirror image are looked at."
    return [*lines, "", looks, "", *drawn]


def _percent(each: Found, head: str = "") -> str:
    value = each["fer7"] if head else each["accuracy"]
    low, high = (100 * v for v in each[f"{head}interval_95"])
    return f"{100 * value:.1f} [{low:.1f}, {high:.1f}]"


def _peer_text(found: Found) -> list[str]:
    lines = ["## Other people's networks, FER2013's seven labels on PublicTest", ""]
    measured = [peer for peer in found["peers"] if "not_measured" not in peer]
    if measured:
        lines += ["| network | accuracy % | parameters | million MACs | ms | MB |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [_peer_row(peer, None) for peer in measured]
        lines += [
            _peer_row(each, found["cost"].get(each["name"].split("-")[0]))
            for each in found["released"]
            if each.get("default") and "fer7" in each
        ]
        lines += [
            "",
            "PublicTest may have been among what others chose their networks on; nobody outside "
            "knows. The last row is what ships here: multiplications of one look, time of both.",
        ]
    return lines + [
        f"- {peer['name']}: not measured here ({peer['not_measured']})"
        for peer in found["peers"]
        if "not_measured" in peer
    ]


def _peer_row(each: Found, cost: Found | None) -> str:
    sizes = cost or each
    parameters = f"{sizes['parameters']:,}" if "parameters" in sizes else ""
    return (
        f"| {each['name']} | {_percent(each, 'fer7_')} | {parameters} | "
        f"{sizes.get('million_macs', '')} | {_spread(each['ms']) if 'ms' in each else ''} | "
        f"{each['bytes'] / 1e6:.2f} |"
    )
