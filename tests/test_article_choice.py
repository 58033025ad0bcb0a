"""Which parts of a page are its article: each part is told by its name, and has as many characters as given."""

from __future__ import annotations

import pytest

from pipeline import article
from pipeline.model import Dropped


def part(name: str, size: int, tag: str = "p") -> str:
    """A paragraph of `size` characters that begins with `name` and says nothing else of interest."""
    return f"<{tag}>{(name + ' salty water' * 400)[: size - 1]}.</{tag}>"


def linked(name: str, plain: int, link: int, tag: str = "p") -> str:
    return (
        f"<{tag}>{(name + ' plain words' * 99)[:plain]}<a href=x>{('salty water ' * 99)[:link]}</a></{tag}>"
    )


def within(attributes: str, *parts: str, tag: str = "div") -> str:
    return f"<{tag} {attributes}>{''.join(parts)}</{tag}>"


def judged(body: str, title: str = "") -> dict[str, str]:
    """The parts of a page, told by the capital that they begin with, and the rule that left each out."""
    dropped: list[Dropped] = []
    page = f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"
    text = article.parse(page, dropped=dropped).text
    found = {word: "" for word in text.split() if len(word) == 1 and word.isupper()}
    for one in dropped:
        found |= {word: one.rule for word in one.text.split() if len(word) == 1 and word.isupper()}
    return dict(sorted(found.items()))


def kept(body: str, title: str = "") -> str:
    return "".join(name for name, rule in judged(body, title).items() if not rule)


BODY = "class=article-body"


@pytest.mark.parametrize(("inner", "beside", "wanted"), [(890, 110, "AB"), (900, 100, "A"), (910, 90, "A")])
def test_the_article_is_where_nine_tenths_of_the_prose_are(inner: int, beside: int, wanted: str) -> None:
    assert kept(within("", within("", part("A", inner)), part("B", beside))) == wanted


def test_paragraphs_and_lists_hold_no_article() -> None:
    assert kept(part("A", 950) + part("B", 50)) == "AB"
    assert kept(within("", part("A", 950, "li"), part("B", 50, "li"), tag="ul") + part("C", 40)) == "ABC"


@pytest.mark.parametrize(("inner", "beside", "wanted"), [(500, 250, "A"), (490, 255, "ABC")])
def test_a_container_that_names_itself_needs_half_the_prose(inner: int, beside: int, wanted: str) -> None:
    named = within(BODY, part("A", inner))
    assert kept(within("", named, part("B", beside), part("C", beside))) == wanted
    deeper = within("", within("", within(BODY, part("A", inner))))
    assert kept(within("", part("B", beside), deeper, part("C", beside))) == wanted


@pytest.mark.parametrize(
    ("attributes", "tag"),
    [
        ("", "article"),
        ("", "main"),
        ("class=entry-content", "section"),
        ("id=article-body", "div"),
        ("itemprop=articleBody", "div"),
        ("itemprop=text", "div"),
        ("class=x id=x-2 itemprop=articleBody", "div"),
    ],
)
def test_what_names_an_article(attributes: str, tag: str) -> None:
    named = within(attributes, part("A", 600), tag=tag)
    assert kept(within("", part("B", 200), named, part("C", 200))) == "A"
    assert kept(within("", part("B", 200), within("class=x", part("A", 600)), part("C", 200))) == "ABC"


def test_an_id_made_of_a_heading_names_nothing() -> None:
    named = within("id=what-is-the-article-body", part("A", 600))
    assert kept(within("", part("B", 200), named, part("C", 200))) == "ABC"


@pytest.mark.parametrize(
    ("first", "second", "wanted"), [(600, 400, "AB"), (880, 120, "AB"), (900, 100, "A"), (930, 70, "A")]
)
def test_one_of_several_that_share_a_name_is_the_article_only_when_the_others_are_small(
    first: int, second: int, wanted: str
) -> None:
    one, other = within(BODY, part("A", first)), within(BODY, part("B", second))
    assert kept(within("", one, other)) == wanted
    assert kept(within("", other, one)) == wanted
    # Inside another of the name nothing stands beside it.
    assert kept(within(BODY, one, part("B", 60))) == ("A" if first >= 540 else "AB")


def test_all_that_share_a_name_count_together() -> None:
    small = [within(BODY, part(name, 60)) for name in "BCD"]
    assert kept(within("", within(BODY, part("A", 900)), *small)) == "ABCD"
    assert kept(within("", within(BODY, part("A", 900)), *small[:1])) == "A"
    other = [within(f"class=entry-content{number}", part(name, 60)) for number, name in enumerate("BCD")]
    assert kept(within("", within(BODY, part("A", 900)), *other)) == "A"


def test_a_namesake_counts_wherever_it_stands() -> None:
    one, other = within(BODY, part("A", 880)), within(BODY, part("B", 120))
    assert kept(within("", within("class=entry-content", one), other)) == "AB"
    assert kept(within("", one, part("C", 40), other)) == "ABC"
    nested = within(BODY, within(BODY, part("A", 900)), part("B", 60))
    assert kept(within("", within(BODY, part("C", 60)), nested)) == "A"


def test_of_many_names_those_with_the_most_prose_count() -> None:
    small = [within(f'class="article-body c{n}x"', part("C", 31)) for n in range(25) for _ in range(2)]
    large = [within(BODY, part("A", 8800)), within(BODY, part("B", 1600))]
    assert set(kept(within("", *small, *large))) == set("ABC")
    assert kept(within("", *small, large[0])) == "A"


def test_what_stands_above_does_not_count_further_down() -> None:
    inner = within("", within("", part("A", 900)), part("C", 60))
    assert kept(within("", part("B", 40), inner)) == "A"
    named = within("", within(BODY, part("A", 900)), within(BODY, part("C", 60)))
    assert kept(within("", within(BODY, part("B", 90)), named)) == "A"


def test_of_several_articles_the_largest_is_the_one() -> None:
    one, other = (within("class=post-body", part(*of), tag="article") for of in (("A", 600), ("B", 400)))
    assert kept(within("", one, other)) == "A"


def test_of_equals_the_first_is_followed() -> None:
    assert kept(within("", within(BODY, part("A", 500)), within("", part("B", 500)))) == "A"
    assert kept(within("", within("", part("B", 500)), within(BODY, part("A", 500)))) == "AB"
    divided = within("", within("", part("A", 250)), within("", part("B", 250)))
    assert kept(within("", divided, within(BODY, part("C", 500)))) == "ABC"


ASIDE = 'class="side-bar"'


@pytest.mark.parametrize(("beside", "wanted"), [(400, "A"), (401, "AB")])
def test_a_name_may_take_two_fifths_of_the_prose(beside: int, wanted: str) -> None:
    assert kept(part("A", 1000 - beside) + within(ASIDE, part("B", beside))) == wanted


@pytest.mark.parametrize(("size", "wanted"), [(29, "A"), (30, "AB")])
def test_a_text_counts_as_prose_from_thirty_characters_on(size: int, wanted: str) -> None:
    assert kept(part("A", 30) + within(ASIDE, part("B", size))) == wanted


def test_elements_of_one_name_are_weighed_together() -> None:
    names = [within(ASIDE, part(name, 250)) for name in "BC"]
    assert kept(part("A", 500) + "".join(names)) == "ABC"
    assert kept(part("A", 749) + "".join(names)) == "ABC"
    assert kept(part("A", 750) + "".join(names)) == "A"
    assert kept(part("A", 800) + "".join(names)) == "A"


def test_elements_of_one_tag_and_class_are_weighed_together() -> None:
    one, same = (within("class=x", part(name, 300), tag="nav") for name in "BC")
    other = within("class=y", part("C", 300), tag="nav")
    assert kept(part("A", 400) + one + other) == "A"
    assert kept(part("A", 400) + one + same) == "ABC"


@pytest.mark.parametrize(("size", "wanted"), [(340, "A"), (380, "ABC")])
def test_teasers_may_take_seven_tenths_together(size: int, wanted: str) -> None:
    teasers = "".join(within("class=related-posts", part(name, size)) for name in "BC")
    assert kept(part("A", 1000 - 2 * size) + teasers) == wanted


def test_comments_may_be_nearly_all_but_one_of_them_may_not() -> None:
    many = "".join(within("class=comment-list", part(name, 300)) for name in "BCD")
    assert kept(part("A", 100) + many) == "A"
    assert kept(part("A", 400) + within("class=comment-list", part("B", 600))) == "AB"


@pytest.mark.parametrize(("size", "wanted"), [(100, "A"), (90, "B")])
def test_beside_the_only_main_with_a_tenth_of_the_prose_all_names_hold(size: int, wanted: str) -> None:
    main = within("", part("A", size), tag="main")
    aside = within(ASIDE, part("B", 1000 - size))
    assert kept(main + aside) == wanted
    assert kept(aside + main) == wanted


def test_two_mains_guard_alike() -> None:
    mains = [within("", part(name, 200), tag="main") for name in "AC"]
    assert "B" in kept(mains[0] + within(ASIDE, part("B", 600)) + mains[1])
    empty = within("", tag="main")
    assert kept(within("", part("A", 200), tag="main") + within(ASIDE, part("B", 600)) + empty) == "A"


def test_within_main_a_name_is_guarded() -> None:
    inside = within("", part("A", 400), within(ASIDE, part("B", 600)), tag="main")
    assert kept(inside + part("C", 40)) == "AB"


def test_the_first_name_that_tells_is_the_rule() -> None:
    def rule(attributes: str, tag: str = "div") -> str:
        return judged(part("A", 900) + within(attributes, part("B", 60), tag=tag))["B"]

    assert rule("class=social-share id=comments role=navigation") == "share"
    assert rule("class=x id=comments role=navigation") == "comments"
    assert rule("class=x id=x role=navigation") == "navigation"
    assert rule("class=x id=what-other-readers-did-comments role=note") == ""
    assert rule("id=all_of_the-readers-comments") == ""
    assert rule("id=what-some-other-kind-readers-comments") == ""
    assert rule("id=of_the-readers-comments") == "comments"
    assert rule("class=social-share", "nav") == "share"
    assert rule("class=x", "nav") == "navigation"
    assert rule("class=x id=social-share", "footer") == "share"


def test_a_heading_is_judged_by_its_class_and_not_by_its_id() -> None:
    def heading(attributes: str) -> str:
        return judged(f"<h2 {attributes}>B of it</h2>" + part("A", 900)).get("B", "")

    assert heading("id=comments") == ""
    assert heading("class=social-share") == "share"


def test_a_dropped_part_takes_what_is_within_along() -> None:
    inner = within("class=social-share", part("B", 60))
    assert judged(part("A", 900) + within("id=comments", inner, part("C", 60)))["B"] == "comments"
    after = within("class=social-share", part("D", 60))
    assert judged(part("A", 900) + within("id=comments", inner) + after)["D"] == "share"


@pytest.mark.parametrize(
    ("body", "stays"),
    [
        ("<h3><button>B why?</button></h3>", True),
        ("<div><button aria-expanded=false>B why it is</button></div>", False),
        ("<div><button aria-expanded=false>B why it is?</button></div>", True),
        ("<div><button>B why it is so?</button></div>", False),
        ("<summary><button>B</button></summary>", True),
    ],
)
def test_a_button_is_a_question_in_a_heading_or_when_it_opens_and_asks(body: str, stays: bool) -> None:
    assert ("B" in kept(part("A", 300) + body + part("C", 300))) is stays


@pytest.mark.parametrize(
    ("words", "stays"), [(f"<p>B {'salty water ' * 9}</p>", True), ("<p>B</p><p>Share this</p>", False),
     ("<img src=x>", False), ("<b>B</b>", False)]
)  # fmt: skip
def test_a_noscript_is_read_when_it_holds_paragraphs_and_no_furniture(words: str, stays: bool) -> None:
    page = within("", part("A", 300), f"<div><noscript>{words}</noscript></div>", part("C", 300))
    assert ("B" in kept(page)) is stays


TEXT = within(BODY, part("X", 900), part("Y", 900))
HEAD = "<h1>Low sodium and what helps</h1>"


def test_a_standfirst_between_the_headline_and_the_article_belongs_to_it() -> None:
    title = "Low sodium and what helps"
    lead = part("A", 60)
    assert kept(HEAD + within("", lead) + within("", TEXT) + part("Z", 40), title) == "AXY"
    assert kept(lead + HEAD + within("", part("B", 60)) + TEXT, title) == "BXY"
    assert kept(HEAD + within("", part("A", 59)) + TEXT, title) == "XY"
    assert kept(HEAD + within("", lead) + TEXT, "Another matter") == "XY"
    assert kept("<h2>Low sodium</h2>" + within("", lead) + TEXT, "Low sodium") == "XY"
    caption = within("", part("A", 20, "figcaption"), tag="figure")
    assert kept(HEAD + within("", caption) + TEXT, title) == "AXY"
    assert kept(HEAD + within("", lead, f"<div>{'B ' * 20}</div>") + within("", TEXT), title) == "AXY"
    aside = within(ASIDE, part("D", 90))
    assert kept(HEAD + within("", aside, lead) + TEXT, title) == "AXY"
    found = judged(HEAD + within("", aside, lead) + within("", part("E", 40), part("F", 40), TEXT), title)
    assert (found["E"], found["F"]) == ("outside", "outside")


def test_a_standfirst_in_furniture_is_left_out_with_it() -> None:
    title = "Low sodium and what helps"
    assert kept(within(ASIDE, HEAD, part("A", 80)) + TEXT, title) == "XY"
    two = within(ASIDE, HEAD, part("A", 80)) + within("", part("B", 80))
    assert kept(two + TEXT, title) == "BXY"


def test_the_headline_is_the_last_that_begins_as_the_title_does() -> None:
    leads = [within("", part(name, 80)) for name in "AB"]
    assert kept("<h1>Low sodium and so on</h1>" + leads[0] + "<h1>Low</h1>" + TEXT, "Low sodium") == "XY"
    twice = "<h1>Low sodium</h1>" + leads[0] + "<h1>Low sodium</h1>" + leads[1] + TEXT
    assert kept(twice, "Low sodium") == "BXY"
    long = "<h1>Low sodium and what helps a patient</h1>" + leads[0] + TEXT
    assert kept(long, "Site: low sodium and what helps you") == "AXY"
    short = "<h1>Low</h1>" + leads[0] + TEXT
    assert kept(short, "Low") == "XY"
    assert kept(HEAD + leads[0] + "<h1><img src=x></h1>" + TEXT, "Low sodium and what helps") == "AXY"
    assert kept(short.replace("Low", "Gout"), "Gout: all of it") == "AXY"


@pytest.mark.parametrize(("link", "stays"), [(23, True), (24, False)])
def test_a_standfirst_is_no_list_of_links(link: int, stays: bool) -> None:
    lead = within("", linked("A", 54, link))
    assert ("A" in kept(HEAD + lead + TEXT, "Low sodium and what helps")) is stays


@pytest.mark.parametrize(("most", "wanted"), [(12, 12), (13, 0)])
def test_more_than_twelve_standfirsts_are_a_text_of_their_own(most: int, wanted: int) -> None:
    leads = within("", *(part("A", 61 + number) for number in range(most)))
    long = within(BODY, part("X", 4000))
    title = "Low sodium, and all that a patient and those at home should know of it"
    page = f"<html><head><title>{title}</title></head><body><div></div><h1>{title}</h1>{leads}{long}</body></html>"
    assert article.parse(page).text.count("A salty") == wanted


@pytest.mark.parametrize("above", ["", "<div></div>"])
def test_the_container_is_not_judged_by_its_first_words(above: str) -> None:
    assert kept(above + "<div>Share this with B and salty water</div>") == "B"


@pytest.mark.parametrize(("plain", "stays"), [(19, False), (20, True), (21, True)])
@pytest.mark.parametrize("tag", ["ul", "ol", "div", "section", "table"])
def test_a_box_of_links_leads_elsewhere(plain: int, stays: bool, tag: str) -> None:
    inside = {"ul": "li", "ol": "li", "table": "td"}.get(tag, "p")
    box = f"<{tag}>{linked('B', plain, 80, inside)}</{tag}>"
    if tag == "table":
        box = box.replace("<table>", "<table><tr>")
    found = judged(part("A", 300) + box + part("C", 300))
    assert found["B"] == ("" if stays else "links")


def test_a_paragraph_of_links_stays() -> None:
    assert kept(part("A", 300) + linked("B", 2, 80) + part("C", 300)) == "ABC"


def text(words: str, size: int, link: int = 0, tag: str = "p") -> str:
    """A text of `size` characters that begins with `words`, of which the last `link` are a link."""
    plain = (words + " B salty water" * 99)[: size - link]
    return f"<{tag}>{plain}<a href=x>{'x' * link}</a></{tag}>" if link else f"<{tag}>{plain}</{tag}>"


@pytest.mark.parametrize(
    ("one", "rule"),
    [
        (text("Related topics", 99), "related"),
        (text("Related topics", 100), ""),
        (text("Related topics", 98) + ".", "related"),
        (text("Related topics", 90).replace("</p>", ".</p>"), ""),
        (text("Related topics", 90, tag="li"), ""),
        (text("Related topics", 299, 90), "related"),
        (text("Related topics", 300, 91), ""),
        (text("Related topics", 290, 87), ""),
        (text("Related topics", 290, 88), "related"),
        (text("Related topics", 90, 28, "li"), "related"),
        (text("Share this", 60, tag="h3"), "share"),
        (text("Related topics", 60, tag="h3"), ""),
        (text("Share this", 60, tag="td"), ""),
        (text("Copyright 2020", 60), "legal"),
        (text("Copyright 2020", 60, 40).replace("</a>", ".</a>"), ""),
    ],
)  # fmt: skip
def test_first_words_tell_furniture_in_short_or_linked_texts(one: str, rule: str) -> None:
    if "<td>" in one:
        one = f"<table><tr>{one}<td>D</td></tr></table>"
    body = part("A", 300) + one + part("C", 300)
    assert judged(body)["B"] == rule


@pytest.mark.parametrize(("size", "rule"), [(400, "advert"), (401, "")])
def test_a_telling_phrase_counts_up_to_four_hundred_characters(size: int, rule: str) -> None:
    words = "This page may contain affiliate links"
    for tag in ("p", "div"):
        body = part("A", 900) + text(words, size, tag=tag) + part("C", 900)
        assert bool(judged(body)["B"]) is bool(rule)
    assert kept(part("A", 900) + text(words, 200, tag="li") + part("C", 900)) == "ABC"


def test_headings_that_nothing_follows_are_left_out() -> None:
    body = part("A", 300) + "<h2>B of it</h2>" + part("C", 300) + "<h2>D of it</h2><h3>E of it</h3>"
    assert judged(body) == {"A": "", "B": "", "C": "", "D": "empty_heading", "E": "empty_heading"}
    aside = within(ASIDE, part("F", 60))
    assert judged(body + aside)["D"] == "empty_heading"
    assert kept(body + part("G", 60)) == "ABCDEG"
