import pytest

from fer_lms.lessons.content.embeds import EmbedError, resolve_embed_url

HOSTS = ["www.youtube-nocookie.com", "player.vimeo.com", "www.geogebra.org"]
FILM = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", f"{FILM}?start=3"),
        ("https://youtu.be/dQw4w9WgXcQ?t=1m30s", f"{FILM}?start=90"),
        ("https://www.youtube.com/embed/dQw4w9WgXcQ?start=1h", f"{FILM}?start=3600"),
        ("https://youtu.be/dQw4w9WgXcQ?t=later", FILM),
        ("https://vimeo.com/123#t=90s", "https://player.vimeo.com/video/123?dnt=1#t=90s"),
        ("https://youtu.be/dQw4w9WgXcQ", FILM),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", FILM),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1"),
        (" https://www.geogebra.org/m/abc ", "https://www.geogebra.org/m/abc"),
    ],
)
def test_watch_page_becomes_embed_page(written: str, shown: str) -> None:
    assert resolve_embed_url(written, allowed_hosts=HOSTS) == shown


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("http://www.geogebra.org/m/abc", "not_https"),
        ("javascript:alert(1)", "not_https"),
        ("data:text/html,<script>1</script>", "not_https"),
        ("", "not_https"),
        ("https:///m", "invalid_address"),
        ("https://user:word@www.geogebra.org/", "invalid_address"),
        ("https://www.geogebra.org:8443/", "invalid_address"),
        ("https://www.geogebra.org:x/", "invalid_address"),
        ("https://evil.example/", "host_not_allowed"),
        ("https://www.geogebra.org.evil.example/", "host_not_allowed"),
        ("https://youtube.com/watch?v=../../x", "host_not_allowed"),
    ],
)
def test_other_addresses_are_rejected(written: str, reason: str) -> None:
    with pytest.raises(EmbedError) as refused:
        resolve_embed_url(written, allowed_hosts=HOSTS)
    assert refused.value.reason == reason
