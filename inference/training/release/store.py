"""Store a finished run in the repository: its record, and its rows of results."""

from pathlib import Path

from inference.training.evaluate.evaluation import load_run
from inference.training.json_files import write_json
from inference.training.records import load_finished_run, load_run_records
from inference.training.results import EPOCHS_FILE, RESULTS_FILE, add_result, build_result
from inference.training.train.experiments import load_experiments


def store_run(run: Path, records: Path) -> list[Path]:
    """Write a run's record, and add it to `results.csv` and `epochs.csv`.

    The record is needed as long as the run may be released, restored, or used as a start or teacher
    of a released one; the results are enough for the comparison.

    Args:
        run: folder of a run that is trained and evaluated to its end.
        records: folder of stored records and results.

    Returns:
        The files written.

    Raises:
        BadData: the run is not finished.
    """
    record = load_finished_run(run)
    records.mkdir(parents=True, exist_ok=True)
    path = records / f"{record.name}.json"
    stored = load_run_records(records)
    stored.pop(record.name, None)
    write_json(path, record.to_json(stored))
    parameters = sum(tensor.numel() for tensor in load_run(run)[0].parameters())
    formerly = load_experiments().get_former_name(record.name)
    add_result(records, build_result(record, parameters, formerly))
    return [path, records / RESULTS_FILE, records / EPOCHS_FILE]
