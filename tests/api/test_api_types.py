"""The front end's API types match the OpenAPI schema."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TYPES = ROOT / "frontend/src/api/schema.ts"
pytestmark = pytest.mark.skipif(
    not shutil.which("node") or not (ROOT / "frontend/node_modules/openapi-typescript").exists(),
    reason="needs Node and the front-end packages",
)


def check_types(types: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/api-types", "--check", str(types)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_committed_types_are_up_to_date() -> None:
    checked = check_types(TYPES)
    assert checked.returncode == 0, checked.stderr


def test_stale_types_fail_the_check(tmp_path: Path) -> None:
    stale = tmp_path / "schema.ts"
    stale.write_text(TYPES.read_text().replace("sha256: string", "sha256: number"))
    checked = check_types(stale)
    assert checked.returncode == 1
    assert "make api-types" in checked.stderr
