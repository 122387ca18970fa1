import io

import pytest
from django.core.management import call_command
from django.test import Client


def test_schema_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    """Every response is typed: generation and validation give no warning."""
    schema = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=schema)
    for path in ("consent", "events", "hints", "end", "leave", "report", "my-report"):
        assert f"/api/v1/sessions/{{session_id}}/{path}:" in schema.getvalue()


@pytest.mark.django_db
def test_docs_page_shows_every_operation(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert page.count("<summary>") > 70
    assert "GET /api/v1/sessions/{session_id}/report" in page
    assert 'src="https://' not in page
    assert client.get("/api/schema/").status_code == 200
