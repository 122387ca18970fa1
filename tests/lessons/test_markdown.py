import time

import pytest

from fer_lms.lessons.content.markdown import has_active_content, render_html

ACTIVE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "[click](javascript:alert(1))",
    "[click](data:text/html,hello)",
    "<a href='javascript:alert(1)'>x</a>",
    "<svg onload=alert(1)>",
    "<p style='position:fixed'>over everything</p>",
]


@pytest.mark.parametrize("markdown", ACTIVE)
def test_active_content_is_removed(markdown: str) -> None:
    html = render_html(markdown)
    for tag in ("<script", "<img", "<iframe", "<svg", "<p style", "<a "):
        assert tag not in html


@pytest.mark.parametrize("markdown", ACTIVE[:5])
def test_active_content_is_detected(markdown: str) -> None:
    assert has_active_content(f"Before.\n\n{markdown}")


@pytest.mark.parametrize("markdown", ["2 < 3", "data: 3, 4", "a <b> c", "Write JavaScript: x = 1"])
def test_plain_text_is_not_active_content(markdown: str) -> None:
    assert not has_active_content(markdown)


def test_headings_start_at_third_level() -> None:
    assert render_html("# One\n\n###### Six") == "<h3>One</h3>\n<h5>Six</h5>\n"


def test_link_opens_new_tab_without_referrer() -> None:
    html = render_html("[there](https://example.org/a?b=1)")
    assert 'href="https://example.org/a?b=1"' in html
    assert 'target="_blank"' in html
    assert 'rel="noopener noreferrer"' in html


def test_lists_tables_and_line_breaks_are_rendered() -> None:
    html = render_html("one\ntwo\n\n- a\n- b\n\n|x|y|\n|-|-|\n|1|2|")
    assert "one<br>" in html
    assert "<li>b</li>" in html
    assert "<td>2</td>" in html


HOSTILE = [
    "<",
    "<a ",
    "](",
    "](javascript",
    "<!--",
    "<?",
    "<a:",
    "<a@b",
    "](<b",
    "[a]: <\n",
    "< ",
    "<on",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_active_content_is_searched_in_linear_time(unit: str) -> None:
    started = time.thread_time()
    assert not has_active_content(unit * (200_000 // len(unit)))
    assert time.thread_time() - started < 5  # a minute and more with a quadratic pattern


@pytest.mark.parametrize("columns", [2, 10, 100, 1000, 3000])
def test_text_with_too_many_table_cells_is_shown_without_tables(columns: int) -> None:
    head = "|" + "a|" * columns + "\n|" + "-|" * columns + "\n"
    html = render_html(head + "|\n" * ((20_000 - len(head)) // 2))
    assert "<table" not in html
    assert len(html) < 200_000


def test_ordinary_table_beside_many_lines_is_a_table() -> None:
    table = "|x|y|z|\n|-|-|-|\n" + "|1|2|3|\n" * 50
    assert render_html(table + "\n\nline\n" * 200).count("<td>") == 150


def test_long_line_of_dashes_is_rendered_in_linear_time() -> None:
    started = time.thread_time()
    render_html("-" * 20_000 + "x")
    assert time.thread_time() - started < 5
