"""Structure, removals and places of small pages, and the properties that hold for every text."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import article
from pipeline.model import Article, Block, Dropped, Kind

PROSE = (
    "Low sodium makes cells swell with water, and the brain feels that first. "
    "People become tired, then confused, and in the end they may have seizures."
)
MORE = (
    "Drinking far more water than the kidneys can pass is one cause; water pills and long illness are others."
)


def page(body: str, title: str = "Low sodium") -> str:
    return f"<!doctype html><html><head><title>{title} | Site</title></head><body>{body}</body></html>"


def parsed(body: str, title: str = "Low sodium") -> Article:
    return article.parse(page(body, title))


def texts(found: Article, *kinds: Kind) -> list[str]:
    return [text_of(found, block) for block in found.blocks if not kinds or block.kind in kinds]


def text_of(found: Article, block: Block) -> str:
    return found.text[block.start : block.end]


def block_of(found: Article, text: str) -> Block:
    return next(block for block in found.blocks if text_of(found, block) == text)


def test_title_comes_first_and_once() -> None:
    found = parsed(f"<main><p>{PROSE}</p><h1>Low sodium</h1><p>{MORE}</p></main>")
    assert texts(found) == ["Low sodium", PROSE, MORE]
    assert [block.kind for block in found.blocks] == [Kind.TITLE, Kind.PARAGRAPH, Kind.PARAGRAPH]


def test_title_element_serves_where_no_h1_does() -> None:
    found = parsed(f"<p>{PROSE}</p>")
    assert found.blocks[0].kind is Kind.TITLE
    assert texts(found)[0].startswith("Low sodium")


@pytest.mark.parametrize("body", ["", "<body>", "</head>", "</head><body>"])
@pytest.mark.parametrize("first", ["main", "article", "section", "header", "custom-page"])
def test_the_body_begins_where_its_tag_is_left_out(body: str, first: str) -> None:
    page = f"<html><title>Cramps</title>{body}<{first}><h1>Cramps</h1><p>One.</p></{first}>Two.<p>Three.</p>"
    assert article.parse(page).text == "Cramps\n\nOne.\n\nTwo.\n\nThree."


def test_headings_make_trails_without_the_title() -> None:
    found = parsed(
        f"<h1>Low sodium</h1><p>{PROSE}</p><h2>Symptoms</h2><p>{MORE}</p><h3>Early signs</h3>"
        "<p>Nausea is first.</p><h2>Treatment</h2><p>Salt water by drip, slowly.</p>"
    )
    assert block_of(found, PROSE).trail == ()
    assert block_of(found, MORE).trail == ("Symptoms",)
    assert block_of(found, "Nausea is first.").trail == ("Symptoms", "Early signs")
    assert block_of(found, "Nausea is first.").section == "symptoms"
    assert block_of(found, "Salt water by drip, slowly.").trail == ("Treatment",)
    assert block_of(found, "Salt water by drip, slowly.").section == "treatment"
    assert block_of(found, "Early signs").level == 3


def test_nested_lists_have_levels() -> None:
    found = parsed(
        f"<p>{PROSE}</p><ul><li>Drugs<ul><li>Water pills</li></ul>and more</li><li>Illness</li></ul>"
    )
    items = [(text_of(found, b), b.level) for b in found.blocks if b.kind is Kind.LIST_ITEM]
    assert items == [("Drugs", 1), ("Water pills", 2), ("and more", 1), ("Illness", 1)]


def test_definition_lists_put_the_term_on_the_trail() -> None:
    found = parsed(
        f"<p>{PROSE}</p><dl><dt>Mild</dt><dd>130 to 134</dd>"
        f"<dt>Severe</dt><dd>Below 125</dd></dl><p>{MORE}</p>"
    )
    assert block_of(found, "130 to 134").trail == ("Mild",)
    assert block_of(found, "Below 125").trail == ("Severe",)
    assert block_of(found, MORE).trail == ()


def test_table_cells_have_column_and_row_headers() -> None:
    found = parsed(
        f"<h2>Ranges</h2><p>{PROSE}</p><table><caption>Adults</caption><thead><tr><th>Salt</th><th>Low</th><th>High</th></tr>"
        "</thead><tbody><tr><th rowspan=2>Sodium</th><td>135</td><td>145</td></tr>"
        "<tr><td>134</td><td>146</td></tr>"
        "<tr><th>Potassium</th><td colspan=2>3.5 to 5.1</td></tr></tbody></table>"
    )
    assert block_of(found, "145").trail == ("Ranges", "High", "Sodium")
    assert block_of(found, "134").trail[:2] == ("Ranges", "Low")
    assert block_of(found, "146").trail[:2] == ("Ranges", "High")
    assert block_of(found, "3.5 to 5.1").trail == ("Ranges", "Low", "Potassium")
    assert block_of(found, "Adults").kind is Kind.CAPTION


def test_a_layout_table_holds_paragraphs() -> None:
    found = parsed(
        f"<table><tr><td width=100><a href=/>Home</a></td><td><h2>Causes</h2><p>{PROSE}</p></td></tr></table>"
    )
    assert block_of(found, PROSE).kind is Kind.PARAGRAPH
    assert "Home" not in found.text


@pytest.mark.parametrize(
    "question",
    [
        "<h3><button aria-expanded=false>What is it like?</button></h3><div>{}</div>",
        "<details><summary>What is it like?</summary><p>{}</p></details>",
        "<p><strong>What is it like?</strong></p><p>{}</p>",
        "<div><button aria-expanded=false>What is it like?</button><div id=x><p>{}</p></div></div>",
    ],
)
def test_questions_are_headings(question: str) -> None:
    found = parsed(f"<h1>Low sodium</h1><p>{MORE}</p>" + question.format(PROSE))
    assert block_of(found, "What is it like?").kind is Kind.HEADING
    assert block_of(found, PROSE).trail == ("What is it like?",)


def test_a_bold_paragraph_that_heads_nothing_is_a_paragraph() -> None:
    found = parsed(f"<p>{PROSE}</p><p><b>Keep salt at hand</b></p>")
    assert block_of(found, "Keep salt at hand").kind is Kind.PARAGRAPH


def test_breaks_divide_paragraphs_and_lines() -> None:
    found = parsed(f"{PROSE}<br><br>{MORE}<br>• nausea<br>• headache<br>It lasts<br>for days.")
    assert texts(found, Kind.PARAGRAPH) == [PROSE, MORE, "It lasts for days."]
    assert texts(found, Kind.LIST_ITEM) == ["nausea", "headache"]


def test_quotes_and_captions() -> None:
    found = parsed(
        f"<p>{PROSE}</p><blockquote><p>I could not think.</p></blockquote>"
        f"<figure><img src=a.jpg><figcaption>A glass of water</figcaption></figure><p>{MORE}</p>"
    )
    assert texts(found, Kind.QUOTE) == ["I could not think."]
    assert texts(found, Kind.CAPTION) == ["A glass of water"]


FURNITURE = {
    "navigation": '<nav><ul><li><a href="/a">Heart</a></li><li>Unwanted words</li></ul></nav>',
    "share": '<div class="social-share">Unwanted words <a href="#">Share</a></div>',
    "related": '<aside class="related-posts"><h4>Unwanted words</h4><a href="/b">Seven foods</a></aside>',
    "comments": '<section id="comments"><p>Unwanted words from a reader that are long enough.</p></section>',
    "advert": '<div class="ad-slot adsbygoogle">Unwanted words</div>',
    "consent": '<div id="onetrust-banner">Unwanted words on cookies</div>',
    "newsletter": '<div class="newsletterSignup"><p>Unwanted words in your inbox</p></div>',
    "author": '<div class="author-bio"><p>Unwanted words on a nurse who writes here.</p></div>',
    "form": "<form><label>Unwanted words</label></form>",
    "links": '<ul><li><a href="/1">Unwanted words</a></li><li><a href="/2">More unwanted words</a></li></ul>',
}


@pytest.mark.parametrize("rule", FURNITURE)
def test_furniture_is_left_out_and_named(rule: str) -> None:
    dropped: list[Dropped] = []
    text = f"<p>{PROSE}</p>{FURNITURE[rule]}<p>{MORE}</p><p>{PROSE[::-1]}</p>"
    body = f"<article><h1>Low sodium</h1>{text}</article>"
    found = article.parse(page(body), dropped=dropped)
    assert "nwanted words" not in found.text
    assert MORE in found.text
    assert [rule] == sorted({d.rule for d in dropped if "nwanted words" in d.text})


def test_collecting_what_is_dropped_changes_nothing() -> None:
    body = page(
        f"<article><h1>Low sodium</h1><p>{PROSE}</p>{''.join(FURNITURE.values())}<p>{MORE}</p></article>"
    )
    assert article.parse(body) == article.parse(body, dropped=[])


def test_a_name_cannot_take_the_whole_article() -> None:
    found = parsed(f'<div class="sidebar related"><p>{PROSE}</p><p>{MORE}</p></div>')
    assert PROSE in found.text and MORE in found.text


def test_a_class_can_name_a_caption() -> None:
    found = parsed(
        f"<h1>Low sodium</h1><p>{PROSE}</p><div class='wp-caption-text'>A glass of water.</div><p>{MORE}</p>"
    )
    assert texts(found, Kind.CAPTION) == ["A glass of water."]


def test_what_stands_beside_the_only_main_may_be_longer_than_the_article() -> None:
    offices = "".join(f"<p>Office {number} stands in a long street. {MORE}</p>" for number in range(5))
    found = parsed(f"<main><h1>Low sodium</h1><p>{PROSE}</p></main><footer>{offices}</footer>")
    assert texts(found) == ["Low sodium", PROSE]


def test_excerpts_of_other_posts_may_be_longer_than_the_article() -> None:
    def posts(most: int) -> Article:
        cards = "".join(f"<p class='post-excerpt'>Post {number}. {MORE}</p>" for number in range(most))
        return parsed(f"<h1>Low sodium</h1><p>{PROSE}</p><div>{cards}</div>")

    assert texts(posts(2)) == ["Low sodium", PROSE]
    assert len(texts(posts(9))) == 11  # Most of the page: then the name says nothing.


def test_a_standfirst_of_furniture_is_left_out() -> None:
    note = f"This page may hold affiliate links. {MORE}"
    prose = f"<p>{PROSE}</p><p>{PROSE} {MORE}</p><p>{MORE} {PROSE}</p>" * 3
    body = f"<h1>Low sodium</h1>{{}}<div class='article-body'>{prose}</div>"
    assert note not in texts(parsed(body.format(f"<div><p>{note}</p></div>")))
    kept = f"These are the signs to know. {MORE}"
    assert kept in texts(parsed(body.format(f"<div><p>{kept}</p></div>")))


def test_hidden_copies_are_dropped() -> None:
    found = parsed(f'<div><p>{PROSE}</p><p>{MORE}</p><div class="mobile-only"><p>{PROSE}</p></div></div>')
    assert found.text.count(PROSE) == 1


def test_lazy_text_in_noscript_stays_and_its_warnings_go() -> None:
    found = parsed(
        f"<p>{PROSE}</p><div><noscript><p>{MORE}</p></noscript></div>"
        "<noscript><p>Please enable JavaScript.</p></noscript>"
    )
    assert MORE in found.text
    assert "JavaScript" not in found.text


@pytest.mark.parametrize(
    "opening",
    ["<button>", "<label>", "<figcaption>", "<!-- ", "<script>", "<style>", "<title>", "<textarea>", "<select>",
     "<object>", "<iframe>", "<nav>", "<form>", "<a href=x>", "<b>", "<aside>", "<noscript>", "</body></html>"],
)  # fmt: skip
def test_what_is_never_closed_does_not_swallow_the_article(opening: str) -> None:
    found = article.parse(f"<html><body><h1>Low sodium</h1><p>First.</p>{opening}<p>{PROSE}</p><p>{MORE}</p>")
    assert PROSE in found.text and MORE in found.text


def test_frames_show_their_noframes() -> None:
    found = article.parse(
        f"<html><frameset><frame src=a><noframes><p>{PROSE}</p></noframes></frameset></html>"
    )
    assert PROSE in found.text


HOSTILE = {
    "scripts": "<script " * 20_000,
    "comments": "<!-- " * 20_000,
    "closed comments": "<!-- --" * 20_000,
    "nested": "<div>" * 100_000,
    "nested lists": "<ul><li>" * 20_000,
    "nested tables": "<table><tr><td>" * 5_000,
    "nested bold": "<b>" * 20_000,
    "nested accordions": "<details><summary>x</summary>" * 5_000,
    "attributes": "<p " + " ".join(f"a{n}=x" for n in range(200_000)) + ">",
    "paragraphs": "<p>x" * 20_000,
    "names": "".join(
        f'<div class="rich-text c{n % 50}"><p>Some words that are prose here.</p></div>' for n in range(5_000)
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read_in_linear_time_and_lose_nothing(name: str, seconds: float = 5) -> None:
    from time import process_time

    started = process_time()
    found = article.parse(f"<html><body><p>{MORE}</p>{HOSTILE[name]}<p>{PROSE}</p>")
    assert process_time() - started < seconds
    assert PROSE in found.text


def test_a_huge_text_node_stays_whole() -> None:
    words = "sodium " * 1_700_000
    found = article.parse(f"<p>{words}</p>")
    assert len(found.text) >= len(words) - 1


def test_control_and_invisible_characters_never_reach_the_text() -> None:
    found = parsed(f"<p>So\u00addium\u200b is\x00 low\x07 \ud800here&shy;&#8203;&#x1F;.</p><p>{PROSE}</p>")
    assert "Sodium is low here" in found.text


def test_places_find_their_elements() -> None:
    source = page(
        f"<div><nav><a href=/>x</a></nav><div id=main><h1>Low sodium</h1><p>{PROSE}</p><div><p>{MORE}</p>"
        "<ul><li>Nausea</li><li>Headache</li></ul></div></div></div>"
    )
    found = article.parse(source)
    soup = BeautifulSoup(source, "lxml")
    for block in found.blocks:
        element = soup.select_one(block.place)
        assert element is not None, block.place
        assert text_of(found, block) in " ".join(element.get_text().split())


def _valid(found: Article, separator: str | None = "\n\n") -> None:
    for block in found.blocks:
        assert 0 <= block.start < block.end <= len(found.text)
    for before, after in pairwise(found.blocks):
        assert before.end <= after.start
        if separator is not None:
            assert found.text[before.end : after.start] == separator
    if separator is not None:
        assert "\n\n".join(texts(found)) == found.text
        for text in texts(found):
            assert text == " ".join(text.split())
            assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in text)


TAGS = (
    "<p>", "</p>", "<div>", "</div>", "<h1>", "</h1>", "<h2>", "<h3>", "</h3>", "<ul>", "<li>", "</ul>",
    "<table>", "<tr>", "<td>", "<th>", "</table>", "<dl>", "<dt>", "<dd>", "</dl>", "<br>", "<b>",
    "</b>", "<a href=x>", "</a>", "<blockquote>", "</blockquote>", "<details>", "<summary>",
    "</details>", "<button>", "<nav>", "</nav>", "<script>", "</script>", "<!-- -->", "<noscript>",
    "<figure>", "<figcaption>", "</figure>", "<main>", "<article>", "<aside>", "<span>", "</html>",
    "<frameset>", "<svg>", "</svg>", "<template>", "<p class=share>", "<select>", "<option>", "&",
    "&amp;", "&#0;", "&#xD800;", "]]>", "<![CDATA[", "<?x",
)  # fmt: skip
MARKUP = st.lists(
    st.one_of(
        st.sampled_from(TAGS),
        st.text(max_size=30),
        st.just(PROSE),
    ),
    max_size=40,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(MARKUP)
def test_every_text_gives_a_valid_article(text: str) -> None:
    found = article.parse(text)
    _valid(found)
    assert article.parse(text) == found


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_plain_text_is_kept_character_for_character(text: str) -> None:
    found = article.parse(text, media_type="text/plain")
    assert found.text == text
    _valid(found, separator=None)


def test_every_word_of_a_plain_text_is_in_a_block() -> None:
    text = "# Low sodium\n\nIt is common.\r\n- nausea\n\n> Quoted words.\nA last line"
    found = article.parse(text, media_type="text/plain")
    assert re.findall(r"\w+", " ".join(texts(found))) == re.findall(r"\w+", text)
    assert [str(block.kind) for block in found.blocks] == [
        "title",
        "paragraph",
        "list_item",
        "quote",
        "paragraph",
    ]


def test_hard_wrapped_text_gives_paragraphs() -> None:
    text = (
        "Low sodium\n\nSodium is the salt outside the cells, and water follows it wherever it\n"
        "goes. When there is too little of it the cells swell, which the brain bears\nworst of all "
        "organs.\n\nSymptoms\n\n"
        "Nausea and headache come first, and they are easily taken for the signs\nof something else.\n"
    )
    found = article.parse(text, media_type="text/plain")
    assert [str(block.kind) for block in found.blocks] == ["title", "paragraph", "heading", "paragraph"]
    assert found.blocks[-1].section == "symptoms"
    assert text_of(found, found.blocks[1]).endswith("worst of all organs.")


def test_one_line_per_sentence_stays_one_block_per_line() -> None:
    text = f"Symptoms\n{PROSE}\nSigns include:\nnausea\nheadache\n{MORE}\n"
    found = article.parse(text, media_type="text/plain")
    assert [str(block.kind) for block in found.blocks] == [
        "heading", "paragraph", "paragraph", "list_item", "list_item", "paragraph"
    ]  # fmt: skip
    assert block_of(found, "nausea").section == "symptoms"
