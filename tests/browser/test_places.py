"""In a real browser, a block's `place` finds its element, and a mention's `link` highlights its sentence."""

from __future__ import annotations

import base64
import struct
import threading
import unicodedata
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.decode import decode
from pipeline.extract import Engine, extract
from pipeline.model import Decoded, Extraction, Page
from pipeline.sources import read
from pipeline.tables.links import Linker

SAMPLE = Path(__file__).parent.parent.parent / "corpora" / "sample"
LINKS_PER_PAGE = 3
# libxml2 and browsers repair these pages in different ways, so that the tree we read is not the browser's.
OTHER_TREE = {
    "drpenrose.example/anemia.htm": "a heading inside <font>, which libxml2 closes before it",
    "saved/Underactive thyroid - Thyroid Corner.html": "<figure> after a <p> that is not closed",
}
MAGENTA = (255, 0, 255)
STYLE = (
    "<style>::target-text { background: #f0f !important; color: #000 !important; text-decoration: none !important }\
 * { scroll-behavior: auto !important; position: static !important }\
 body { visibility: visible !important; animation: none !important }</style>"
)


class Server:
    """Serves pages on localhost, with a policy that lets them load nothing and run nothing."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        pages = self.pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = pages.get(self.path)
                self.send_response(200 if content is not None else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def add(self, name: str, html: str) -> str:
        self.pages[f"/{name}"] = html.encode("utf-8", errors="replace")
        return f"http://127.0.0.1:{self._server.server_port}/{name}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def pages() -> list[Page]:
    return [page for page in read([str(SAMPLE)]) if page.media_type == "text/html"]


@pytest.fixture(scope="module", params=[page.article_id for page in pages()])
def case(request: pytest.FixtureRequest, engine: Engine, window: Any) -> tuple[Page, Extraction]:
    page = next(page for page in pages() if page.article_id == request.param)
    extraction = extract(page, engine)
    if extraction.problem:
        pytest.skip(f"no article: {extraction.problem.status}")
    return page, extraction


@pytest.fixture
def still(browser: Any) -> Iterator[Any]:
    """The browser with scripts off: a page as it was scraped, and noscript as elements."""
    browser.scripts(False)
    yield browser
    browser.scripts(True)


def bare(text: str) -> str:
    """The letters alone: browsers and we write white space, and nothing else, in different ways."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def served(server: Server, page: Page, style: str = "") -> str:
    name = "".join(sign if sign.isalnum() else "-" for sign in page.article_id)
    found = decode(page.content, page.content_type, page.media_type)
    assert isinstance(found, Decoded)
    return server.add(name + ("-styled" if style else ""), found.text + style)


def test_places_find_the_words(
    still: Any, server: Server, case: tuple[Page, Extraction], request: pytest.FixtureRequest
) -> None:
    page, extraction = case
    if page.article_id in OTHER_TREE:
        request.node.add_marker(pytest.mark.xfail(reason=OTHER_TREE[page.article_id], strict=True))
    still.go(served(server, page))
    blocks = extraction.article.blocks
    texts = still.run(
        "return arguments[0].map((place) => document.querySelector(place)?.textContent ?? null)",
        [block.place for block in blocks],
    )
    wrong = [
        (block.place, extraction.article.text[block.start : block.end][:80], (text or "")[:80])
        for block, text in zip(blocks, texts, strict=True)
        if text is None or bare(extraction.article.text[block.start : block.end]) not in bare(text)
    ]
    assert not wrong


def test_links_highlight_their_sentence(still: Any, server: Server, case: tuple[Page, Extraction]) -> None:
    page, extraction = case
    address = served(server, page, STYLE)
    article = extraction.article
    linker = Linker(article.text, address)
    sentences = {}
    for mention in extraction.mentions:
        link = linker.link(mention.sentence_start, mention.sentence_end, article.blocks[mention.block].start)
        sentence = article.text[mention.sentence_start : mention.sentence_end]
        sentences.setdefault(link, (sentence, mention.block))
    still.size(1000, 1600)
    still.go(address)
    # What the page hides until somebody opens it, no browser can highlight.
    shown = still.run(
        "return arguments[0].map((place) => document.querySelector(place)?.checkVisibility() ?? true)",
        [article.blocks[block].place for _, block in sentences.values()],
    )
    links = [link for link, visible in zip(sentences, shown, strict=True) if visible]
    assert links
    wrong = []
    for link in links[:: max(len(links) // LINKS_PER_PAGE, 1)][:LINKS_PER_PAGE]:
        still.go(link)
        found = highlighted(still)
        # Browsers look for the words whatever their case.
        if bare(found).casefold() != bare(sentences[link][0]).casefold():
            wrong.append((link, sentences[link][0], found))
    assert not wrong


def test_a_link_to_words_that_are_not_there_highlights_nothing(still: Any, server: Server) -> None:
    address = server.add("short", f"<!doctype html><p>Low sodium tires. Low potassium cramps.</p>{STYLE}")
    still.go(f"{address}#:~:text=Low%20calcium")
    assert highlighted(still) == ""
    still.go(f"{address}#:~:text=Low%20potassium%20cramps.")
    assert highlighted(still) == "Low potassium cramps."


def highlighted(browser: Any) -> str:
    """The text under the magenta that ::target-text paints, read from the picture of the window."""
    shot = browser.driver.execute_cdp_cmd(
        "Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True}
    )
    pixels = decoded(base64.b64decode(shot["data"]))
    lines, columns = np.nonzero((pixels == MAGENTA).all(axis=2))
    if not len(lines):
        return ""
    first, last = lines.min(), lines.max()
    # Of the first and last painted line, a row of pixels in the middle of the letters.
    upper, lower = first + _run(lines, first, 1) // 2, last - _run(lines, last, -1) // 2
    left = columns[lines == first].min()
    right = columns[lines == last].max()
    script = """
        const [x1, y1, x2, y2] = arguments;
        const begin = document.caretRangeFromPoint(x1, y1), end = document.caretRangeFromPoint(x2, y2);
        const range = document.createRange();
        range.setStart(begin.startContainer, begin.startOffset);
        range.setEnd(end.startContainer, end.startOffset);
        return range.toString();
    """
    return str(browser.run(script, int(left), int(upper), int(right), int(lower)))


def _run(lines: Any, start: int, way: int) -> int:
    """How many rows of pixels the painted line has."""
    painted, length = set(lines.tolist()), 0
    while start + way * length in painted and length < 16:
        length += 1
    return length


def decoded(png: bytes) -> Any:
    """The pixels of a PNG of eight bits a channel, as rows by columns by red, green, blue."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, data, header = 8, b"", (0, 0, 0, 0)
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            header = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            data += body
        at += 12 + size
    width, height, depth, colour = header
    assert depth == 8 and colour in (2, 6)
    channels = 3 if colour == 2 else 4
    raw = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(height, 1 + width * channels)
    rows = np.zeros((height, width * channels), dtype=np.uint8)
    before = np.zeros(width * channels, dtype=np.uint8)
    for number in range(height):
        before = rows[number] = _unfiltered(int(raw[number, 0]), raw[number, 1:], before, channels)
    return rows.reshape(height, width, channels)[:, :, :3]


def _unfiltered(kind: int, line: Any, above: Any, channels: int) -> Any:
    if kind == 0:
        return line
    if kind == 2:
        return line + above
    if kind == 1:
        return np.cumsum(line.reshape(-1, channels), axis=0, dtype=np.uint8).reshape(-1)
    out = bytearray(line.tobytes())
    up = above.tobytes()
    for at in range(len(out)):
        left = out[at - channels] if at >= channels else 0
        if kind == 3:
            guess = (left + up[at]) // 2
        else:
            corner = up[at - channels] if at >= channels else 0
            estimate = left + up[at] - corner
            guess = min((left, up[at], corner), key=lambda one: abs(estimate - one))
        out[at] = (out[at] + guess) & 255
    return np.frombuffer(bytes(out), dtype=np.uint8)
