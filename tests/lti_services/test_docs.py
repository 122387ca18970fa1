"""The integrator's pages explain every LTI error code and every reason in the log."""

import ast
import re
from pathlib import Path

import pytest

import fer_lms
from fer_lms.lti.protocol.errors import ErrorKind
from fer_lms.lti.registration.tool_configuration import ToolUrls

PACKAGE = Path(fer_lms.__file__).parent
GUIDE = "\n".join(
    (PACKAGE.parent / "docs" / "integrator" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("lms", "lti-reference", "lti-errors")
)


def reasons_in(path: Path) -> set[str]:
    """Constant reasons given to LtiError, to ResponseRefused or to a function that raises them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if not (
            name.startswith("_fail") or name in ("_build_error", "LtiError", "ResponseRefused")
        ):
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        found |= {text for text in texts if isinstance(text, str)}
    return found


@pytest.mark.parametrize("kind", ErrorKind, ids=lambda kind: kind.name)
def test_every_code_is_documented(kind: ErrorKind) -> None:
    assert f"\n## {kind.code}: " in GUIDE
    template = (PACKAGE / "templates" / "lti" / "error.html").read_text(encoding="utf-8")
    assert f'if error.name == "{kind.name}" %}}{{% translate "' in template


def test_every_reason_is_documented() -> None:
    files = [*(PACKAGE / "lti").rglob("*.py"), PACKAGE / "outbound.py"]
    reasons = set().union(*map(reasons_in, files))
    assert len(reasons) > 60
    assert {reason for reason in reasons if f"`{reason}`" not in GUIDE} == set()


def test_screenshots_exist_and_are_small() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(\.\./(figures/lms/[a-z-]+\.png)\)", GUIDE)
    assert len(pictures) == 4
    sizes = {name: (PACKAGE.parent / "docs" / name).stat().st_size for name in pictures}
    assert {name for name, size in sizes.items() if size > 60_000} == set()


def test_documented_urls() -> None:
    ours = ToolUrls("https://host")
    for address in (ours.launch, ours.login, ours.key_set):
        assert f"`{address}`" in GUIDE
