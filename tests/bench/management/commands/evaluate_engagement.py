from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from tqdm import tqdm

from inference.command_line import add_examples, parse_positive_count
from tests.bench.benchmark_command import BenchmarkCommand
from tests.bench.errors import BenchmarkError


class Command(BenchmarkCommand):
    help = (
        "Evaluate the engagement formulas on a published data set: accuracy, macro F1 and AUC, "
        "with 95 % intervals over subjects, beside published results. The data set must be "
        "obtained from its authors; nothing is copied or stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dataset", required=True, choices=["daisee", "engagenet"])
        parser.add_argument("--data", required=True, type=Path, help="folder of the data set")
        parser.add_argument("--split", default="Test", choices=["Train", "Validation", "Test"])
        parser.add_argument(
            "--frames",
            type=parse_positive_count,
            default=10,
            help="number of frames read of each clip",
        )
        parser.add_argument("--limit", type=parse_positive_count, help="read only the first clips")
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py evaluate_engagement --dataset daisee --data DAiSEE --limit 20 --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from inference.pipeline import load_pipeline
        from tests.bench.engagement.clip_scores import score_clips
        from tests.bench.engagement.datasets import load_clips
        from tests.bench.engagement.engagement_metrics import BASELINES, measure_scores

        if options["frames"] < 1:
            raise BenchmarkError("--frames must be 1 or more.")
        loaded = load_clips(options["dataset"], options["data"], options["split"])
        clips = loaded.clips[: options["limit"]]
        progress = tqdm(clips, desc=options["dataset"], unit="clip", disable=None)
        scores, unreadable = score_clips(progress, load_pipeline(), options["frames"])
        if not scores:
            raise BenchmarkError(f"None of the {len(clips)} clips can be read, as {clips[0].path}.")
        return {
            "dataset": options["dataset"],
            "split": options["split"],
            "clips": len(scores),
            "subjects": len({one.clip.subject for one in scores}),
            "missing": loaded.missing,
            "left_out": loaded.left_out,
            "unreadable": unreadable,
            **measure_scores(scores),
            "baselines": BASELINES[options["dataset"]],
        }

    def format_text(self, result: dict[str, Any]) -> str:
        return "\n".join(_format_lines(result))


def _format_lines(result: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{result['dataset']}, {result['split']}: {result['clips']} clips of "
        f"{result['subjects']} subjects ({result['missing']} missing, {result['left_out']} left "
        f"out, {len(result['unreadable'])} unreadable)"
    )
    yield f"{'engagement':14} {'accuracy':>22} {'macro F1':>22} {'AUC':>22} {'known':>7}"
    for row in result["engagement"]:
        metrics = (_format(row[name]) for name in ("accuracy", "macro_f1", "auc"))
        cells = " ".join(f"{metric:>22}" for metric in metrics)
        yield f"{row['preset']:14} {cells} {100 * row['known']:>6.0f}%"
    yield f"{'most frequent':14} {result['majority_accuracy']:>22.3f}"
    for row in result["states"]:
        yield (
            f"{row['state']}: AUC of the evidence of {row['evidence']} from faces "
            f"{_format(row['auc'])}, {row['present']} of {row['clips']} clips"
        )
    yield "published (models trained on the data set, accuracy of four levels):"
    for row in result["baselines"]:
        values = ", ".join(f"{state} {value:.3f}" for state, value in row["accuracy"].items())
        yield f"  {row['model']}: {values} ({row['source']})"


def _format(metric: dict[str, Any] | None) -> str:
    if metric is None:
        return "-"
    low, high = metric["interval"]
    return f"{metric['value']:.3f} ({low:.3f}-{high:.3f})"
