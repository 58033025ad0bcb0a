"""Which language an article is in, and that only English ones are read unless all are asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.batch import run
from pipeline.cli import main
from pipeline.compare import compare
from pipeline.errors import MedtablesError
from pipeline.explain import explain
from pipeline.extract import Engine, extract
from pipeline.language import text_language
from pipeline.model import Article, Block, Kind, Metadata, Page
from pipeline.runs import read_run
from pipeline.terminology import load

OTHERS = {
    "es": "Los calambres nocturnos despiertan a muchas personas mayores. Beber agua y estirar la pierna suele aliviar"
    " el dolor.",
    "fr": "Les crampes de la nuit réveillent beaucoup de gens. Il suffit souvent de boire et d'étirer la jambe pour"
    " que la douleur passe.",
    "de": "Wadenkrämpfe in der Nacht wecken viele ältere Menschen. Meist hilft es, das Bein zu strecken und etwas"
    " Wasser zu trinken.",
    "it": "I crampi notturni svegliano molte persone anziane. Di solito basta bere un po' d'acqua e distendere la"
    " gamba.",
    "pt": "As cãibras noturnas acordam muitas pessoas idosas. Em geral basta beber água e esticar a perna para a dor"
    " passar.",
    "nl": "Kramp in de kuiten maakt 's nachts veel oudere mensen wakker. Meestal helpt het om het been te strekken en"
    " water te drinken.",
    "pl": "Nocne skurcze łydek budzą wiele starszych osób. Zwykle pomaga wyprostowanie nogi i wypicie szklanki wody.",
    "ru": "Ночные судороги будят многих пожилых людей. Обычно помогает вытянуть ногу и выпить стакан воды.",
    "zh": "夜间小腿抽筋会让许多老年人醒来。通常伸直腿并喝一杯水就能缓解疼痛。",
    "ar": "توقظ تشنجات الساق الليلية كثيرا من كبار السن. عادة يساعد شد الساق وشرب كوب من الماء على تخفيف الألم.",
    "tr": "Gece gelen bacak krampları birçok yaşlıyı uykusundan uyandırır. Bacağı germek ve bir bardak su içmek çoğu"
    " zaman iyi gelir.",
    "vi": "Chuột rút ban đêm làm nhiều người lớn tuổi thức giấc. Duỗi thẳng chân và uống một cốc nước thường làm dịu"
    " cơn đau.",
}
ENGLISH = "Low potassium causes muscle cramps. Drink water and rest when your legs hurt at night."
DRUGS = "Lisinopril 10 mg\n\nAtorvastatin calcium 40 mg\n\nMetoprolol succinate 25 mg\n\nSertraline 50 mg"
SPECIES = (
    "Staphylococcus aureus, Escherichia coli, Hypericum perforatum, Ginkgo biloba, Curcuma longa, Candida"
)
NUMBERS = "Na 135 145 mmol/L\n\nK 3.5 5.0 mmol/L\n\nCa 2.1 2.6 mmol/L\n\n12 %\n\n37.2"
SPANISH_PAGE = (
    "<html lang=en><head><title>Calambres</title></head><body><article><h1>Calambres nocturnos</h1>"
    f"<p>{OTHERS['es']}</p><p>Con diabetes es mejor el paracetamol que otras pastillas. Consulte con su doctora si el"
    " dolor no cede en dos días o si nota debilidad en la pierna.</p></article></body></html>"
)


def article(text: str, stated: str = "", kind: Kind = Kind.PARAGRAPH) -> Article:
    return Article(text, (Block(0, len(text), kind),) if text else (), Metadata(language=stated))


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "es.html").write_text(SPANISH_PAGE, encoding="utf-8")
    (folder / "en.txt").write_text(ENGLISH, encoding="utf-8")
    return folder


# --- detection


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("stated", ["", "en", "en-US"])
def test_two_sentences_tell_the_language_whatever_the_template_says(language: str, stated: str) -> None:
    assert text_language(article(OTHERS[language], stated)) == language


@pytest.mark.parametrize("stated", ["", "en", "es", "de-DE"])
def test_english_is_english_whatever_the_template_says(stated: str) -> None:
    assert text_language(article(ENGLISH, stated)) == "en"


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("text", [DRUGS, SPECIES, NUMBERS, "Hypokalemia", "PDF 2019", "", "* * *"])
def test_names_and_numbers_are_no_other_language(text: str, kind: Kind) -> None:
    assert text_language(article(text, "en", kind)) in ("", "en")
    assert text_language(article(text, "", kind)) in ("", "en")


def test_lists_of_the_vocabularys_names_are_no_other_language() -> None:
    by_label: dict[str, list[str]] = {}
    for term in load().terms:
        by_label.setdefault(term.label, []).append(term.text)
    for names in by_label.values():
        step = max(1, len(names) // 10)
        for first in range(step):
            if first % max(1, step // 12) == 0:
                found = text_language(article("\n\n".join(names[first::step])))
                assert found in ("", "en"), names[first::step]


def test_a_statement_is_believed_where_the_text_leaves_doubt() -> None:
    doubtful = "Kolesterol 5,2 mmol/L. Vitamin D 50 nmol/L."
    assert text_language(article(doubtful, "nb-NO")) in ("", "nb", "no")
    sentence = "Hoved, mave, ben. Ondt."
    assert text_language(article(sentence)) == ""
    assert text_language(article(sentence, "da-DK")) == "da"


def test_prose_decides_before_tables_and_headings() -> None:
    table = "\n\n".join(["Kalium", "Natrium", "Magnesium", "Normalwert", "erhöht", "erniedrigt"] * 60)
    text = f"{table}\n\n{ENGLISH}"
    cut = len(table)
    blocks = (Block(0, cut, Kind.TABLE_CELL), Block(cut + 2, len(text), Kind.PARAGRAPH))
    assert text_language(Article(text, blocks)) == "en"


def test_english_with_a_sentence_of_another_language_is_english() -> None:
    assert text_language(article(f"{OTHERS['es']} {ENGLISH} {ENGLISH}")) == "en"


@given(st.text(max_size=300), st.sampled_from(["", "en", "es-MX", "xx", "zh-Hant"]))
def test_any_text_has_an_answer_and_always_the_same(text: str, stated: str) -> None:
    found = text_language(article(text, stated))
    assert found == text_language(article(text, stated))
    assert found == "" or (found.isascii() and found.islower() and 2 <= len(found) <= 3)


@settings(max_examples=30)
@given(st.lists(st.sampled_from([ENGLISH, DRUGS, SPECIES, NUMBERS]), min_size=1, max_size=6))
def test_english_with_names_and_numbers_in_any_order_is_no_other_language(parts: list[str]) -> None:
    assert text_language(article("\n\n".join(parts))) in ("", "en")


# --- reading


def test_nothing_is_sought_in_another_language_and_the_article_stays(engine: Engine) -> None:
    page = Page("es.html", SPANISH_PAGE.encode(), "es.html")
    found = extract(page, engine)
    assert found.problem is None and found.article.blocks and found.language == "es"
    assert (found.mentions, found.quantities, found.relations) == ((), (), ())
    assert "es" in found.unread and "--language any" in found.unread
    every = extract(page, engine, language="any")
    assert every.mentions and not every.unread and every.language == "es"


def test_english_is_read_alike_with_either_choice(engine: Engine) -> None:
    page = Page("en.txt", ENGLISH.encode(), "en.txt", "text/plain")
    chosen, every = extract(page, engine), extract(page, engine, language="any")
    assert chosen.mentions == every.mentions != ()
    assert chosen.language == "en" and not chosen.unread


def test_another_choice_is_refused(engine: Engine, pages: Path, tmp_path: Path) -> None:
    with pytest.raises(MedtablesError, match="'es' cannot be chosen"):
        extract(Page("a", b"", "a"), engine, language="es")
    with pytest.raises(MedtablesError, match="'es' cannot be chosen"):
        run([pages], tmp_path / "out", language="es", workers=1)


def test_a_run_counts_what_it_did_not_read(pages: Path, tmp_path: Path) -> None:
    summary = run([pages], tmp_path / "out", workers=1)
    assert summary.statuses == {"ok": 2} and summary.unread == 1
    [(status, reason, count)] = summary.reasons
    assert (status, count) == ("ok", 1) and "written in es" in reason
    found = read_run(tmp_path / "out")
    rows = found.articles.set_index("article_id")
    assert rows.loc["es.html", ["language", "text_language", "status"]].tolist() == ["en", "es", "ok"]
    assert rows.loc["en.txt", ["text_language", "reason"]].tolist() == ["en", ""]
    assert set(found.mentions["article_id"]) == {"en.txt"} and "es.html" in set(found.blocks["article_id"])
    told = json.loads((tmp_path / "out" / "run.json").read_text())
    assert told["unread"] == 1 and told["options"]["language"] == "en"

    compared = compare(found)
    assert compared["compared"]["article_id"].tolist() == ["en.txt"]
    assert any("not in English" in note and note.endswith(": 1") for note in compared.notes)

    every = run([pages], tmp_path / "any", workers=1, language="any")
    assert every.unread == 0 and every.reasons == ()
    assert set(read_run(tmp_path / "any").mentions["article_id"]) == {"en.txt", "es.html"}


def test_the_command_says_what_was_not_read(pages: Path, tmp_path: Path) -> None:
    def medtables(*arguments: object) -> str:
        return CliRunner().invoke(main, [str(one) for one in arguments]).output

    said = medtables("run", pages, "-o", tmp_path / "out", "--workers", 1)
    assert "2 ok (1 not in English)" in said and "written in es" in said
    assert "not in English" not in medtables(
        "run", pages, "-o", tmp_path / "any", "--workers", 1, "--language", "any"
    )
    assert "--language any" in medtables("show", pages / "es.html")
    assert "condition:diabetes" in medtables("show", pages / "es.html", "--language", "any")
    assert "language" in medtables("explain", pages / "es.html", "debilidad")


def test_explain_tells_the_language_as_the_reason(engine: Engine) -> None:
    page = Page("es.html", SPANISH_PAGE.encode(), "es.html")
    [why] = explain(page, engine, "debilidad").unmatched
    assert why.reason == "language" and "--language any" in why.detail
    assert explain(page, engine, "debilidad", language="any").unmatched[0].reason != "language"


def test_a_run_over_english_pages_never_loads_the_detector(pages: Path) -> None:
    script = (
        "import sys\nfrom pipeline.extract import extract, load_engine\nfrom pipeline.sources import read\n"
        f"[page] = read([{str(pages / 'en.txt')!r}])\nassert extract(page, load_engine()).mentions\n"
        "assert 'py3langid' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parent.parent)
