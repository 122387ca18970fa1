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
