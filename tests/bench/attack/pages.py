"""Hostile values in the forms of every page that a person can reach."""

from collections import deque
from collections.abc import Iterable
from html.parser import HTMLParser
from urllib.parse import quote_from_bytes, urljoin, urlsplit

from tests.bench.attack.request_sender import Attack

NOT_FOLLOWED = ("/static/", "/logout", "/jsi18n", "/api/", "/media/")
VALUES = [
    b"\0",
    b"\xed\xa0\x80",
    b"\xff",
    b"9" * 400,
    b"a" * 200_000,
    b"2" * 30 + b"-01-01",
    b"<" * 9_000,
]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class PageParser(HTMLParser):
    """Collects the links and the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        """Method, action and fields of each form."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if tag == "form":
            method = values.get("method", "get").upper()
            self.forms.append((method, values.get("action", ""), {}))
        if tag in ("input", "select", "textarea", "button") and self.forms and "name" in values:
            self.forms[-1][2][values["name"]] = values.get("value", "")


def attack_pages(attack: Attack, roles: Iterable[str], count: int) -> None:
    for role in roles:
        _attack_pages_as(attack, role, count)


def _attack_pages_as(attack: Attack, role: str, count: int) -> None:
    """Visit up to `count` pages as a role and submit each form with hostile values."""
    starts = [page for page in ("/", *attack.pages) if not any(p in page for p in NOT_FOLLOWED)]
    waiting, seen, forms = deque(starts), set(starts), set[tuple[str, str, tuple[str, ...]]]()
    while waiting and count:
        path = waiting.popleft()
        count -= 1
        attack.send(
            role, "GET", f"{path}{'&' if '?' in path else '?'}q=%ED%A0%80&p=%FF&o={'9' * 99}"
        )
        parser = PageParser()
        parser.feed(attack.fetch(role, path).decode(errors="replace"))
        for link in parser.links:
            target = urlsplit(urljoin(path, link))
            if target.netloc or target.path in seen or any(p in target.path for p in NOT_FOLLOWED):
                continue
            seen.add(target.path)
            waiting.append(target.path)
        for method, action, fields in parser.forms:
            key = (method, urljoin(path, action), tuple(sorted(fields)))
            if key not in forms and not any(part in key[1] for part in NOT_FOLLOWED):
                forms.add(key)
                submit(attack, role, method, key[1], fields)


def submit(attack: Attack, role: str, method: str, path: str, fields: dict[str, str]) -> None:
    """Submit a form: hostile values in all its fields, then in one field at a time."""
    names = [name for name in fields if name != "csrfmiddlewaretoken"]
    for value in VALUES:
        send_form(
            attack,
            role,
            method,
            path,
            fields | dict.fromkeys(names, ""),
            dict.fromkeys(names, value),
        )
    for name in names:
        for value in attack.random.sample(VALUES, 2):
            send_form(attack, role, method, path, fields, {name: value})


def send_form(
    attack: Attack,
    role: str,
    method: str,
    path: str,
    fields: dict[str, str],
    hostile: dict[str, bytes],
) -> None:
    values = {name: value.encode() for name, value in fields.items()} | hostile
    body = "&".join(
        f"{quote_from_bytes(name.encode())}={quote_from_bytes(values[name])}" for name in values
    )
    if method == "POST":
        attack.send(role, "POST", path, body.encode()[:1_000_000], FORM)
    else:
        attack.send(role, "GET", f"{path}?{body[:30_000]}")
