"""Pages that are no articles are told by name, and articles on the same words are left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import article
from pipeline.article.narrow import parse_html
from pipeline.article.page_kind import judge
from pipeline.model import Problem, Status

SENTENCE = "Drink water with a little salt, rest in the shade and call for help if the cramps do not ease. "


def _judge(page: str) -> Problem | None:
    return article.parse(page).problem


def _page(title: str, body: str) -> str:
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"


def _article(title: str, sentences: int) -> str:
    paragraphs = f"<p>{SENTENCE * 3}</p>" * (sentences // 3)
    return _page(title, f"<main><h1>{title}</h1>{paragraphs}</main>")


LINKS = "".join(f'<li><a href="/{n}">Ten things to know about topic number {n}</a></li>' for n in range(40))
TEASERS = "".join(
    f'<div><h3><a href="/{n}">Story number {n} of today</a></h3><p>{SENTENCE}</p></div>' for n in range(12)
)

NO_ARTICLES = [
    (
        "cloudflare",
        Status.BLOCKED,
        _page("Just a moment...", "<h1>shop.example</h1><p>Verifying you are human.</p>"),
    ),
    (
        "captcha",
        Status.BLOCKED,
        _page("shop.example", "<p>Complete the security check to go on.</p>"),
    ),
    ("forbidden", Status.BLOCKED, _page("403 Forbidden", "<center><h1>403 Forbidden</h1></center><hr>nginx")),
    (
        "denied",
        Status.BLOCKED,
        _page("Access Denied", "<h1>Access Denied</h1><p>No permission.</p>"),
    ),
    (
        "robot mark",
        Status.BLOCKED,
        _page("", "<script src='https://geo.captcha-delivery.com/c.js'></script>"),
    ),
    ("login", Status.BLOCKED, _page("Log in | Ward Notes", "<form>Name <input> Password <input></form>")),
    (
        "consent",
        Status.BLOCKED,
        _page(
            "The Daily Salt",
            "<div><h1>Before you go on</h1><p>We and our 300 partners store cookies and personal data on "
            "your device to show personalised advertising and to measure reading.</p><p>You can withdraw "
            "your consent in the privacy settings at any time.</p><button>Accept all</button></div>",
        ),
    ),
    ("region", Status.BLOCKED, _page("451", "<p>This content is not available in your region.</p>")),
    ("404", Status.ERROR_PAGE, _page("404 Not Found", "<h1>Not Found</h1><p>nginx</p>")),
    ("soft 404", Status.ERROR_PAGE, _page("Page not found - Ward Notes", f"<h1>Oh no</h1><p>{SENTENCE}</p>")),
    (
        "soft 404 in words",
        Status.ERROR_PAGE,
        _page(
            "Ward Notes",
            "<main><h1>Sorry</h1><p>The page you are looking for has moved to another place.</p></main>",
        ),
    ),
    ("500", Status.ERROR_PAGE, _page("500 Internal Server Error", "<h1>Internal Server Error</h1>")),
    ("database", Status.ERROR_PAGE, _page("", "<h1>Error establishing a database connection</h1>")),
    (
        "shell",
        Status.EMPTY,
        _page("Ward", "<noscript>Please enable JavaScript.</noscript><div id=app></div>"),
    ),
    ("silent shell", Status.EMPTY, _page("Ward", "<div id=root></div>" + "<script src=/a.js></script>" * 5)),
    ("links", Status.EMPTY, _page("All topics", f"<ul>{LINKS}</ul>")),
    ("front", Status.EMPTY, _page("Health news", f"<h1>Health news</h1>{TEASERS}")),
    ("nothing", Status.EMPTY, _page("Ward", "<img src=a.png>")),
]


@pytest.mark.parametrize(
    ("status", "page"), [case[1:] for case in NO_ARTICLES], ids=[case[0] for case in NO_ARTICLES]
)
def test_no_article(status: Status, page: str) -> None:
    problem = _judge(page)
    assert problem is not None
    assert problem.status == status
    assert problem.reason


ARTICLES = [
    _article("Access denied: when insurers refuse a drug", 9),
    _article("Error 404: the missing enzyme", 9),
    _article("Please wait", 60),
    _article("Cookies, consent and privacy in the clinic", 60),
    _article("400 mg of ibuprofen", 9),
    _article("Short note", 3),
    _page("Salt", f"<article><h1>Salt</h1><p>{SENTENCE * 2}</p></article><footer><ul>{LINKS}</ul></footer>"),
    _page(
        "Salt", f"<article><h1>Salt</h1><p>{SENTENCE * 9}</p></article><noscript>enable JavaScript</noscript>"
    ),
    _page("Salt", f"<h1>Salt</h1><p>{SENTENCE * 9}</p><p>We use cookies.</p><button>Accept all</button>"),
    _page(
        "Ten salts",
        "".join(f'<h3><a href="/{n}">Salt {n}</a></h3><p>{SENTENCE * 5}</p>' for n in range(10)),
    ),
]


@pytest.mark.parametrize("page", ARTICLES)
def test_articles_are_left_alone(page: str) -> None:
    assert _judge(page) is None


def test_plain_text_is_never_judged() -> None:
    assert article.parse("404 not found", media_type="text/plain").problem is None


@given(st.text(), st.text(), st.lists(st.text(), max_size=5))
def test_never_raises(text: str, title: str, blocks: list[str]) -> None:
    root = parse_html(f"<p>{text}</p>")
    if root is not None:
        judge(root, text, title, blocks)


@pytest.mark.parametrize("page", ["<a href=x>y " * 20_000, "<h2><a href=x>" * 5_000, "<noscript>a" * 20_000])
def test_hostile_pages_take_linear_time(page: str) -> None:
    root = parse_html(page)
    assert root is not None
    started = time.process_time()
    judge(root, page, "", [])
    assert time.process_time() - started < 3
