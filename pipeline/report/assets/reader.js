// The list of articles, and one article with its mentions marked.
const listing = { sort: "title", down: false, query: "" };
const ARTICLE_COLUMNS = [
  ["title", "Article"], ["site", "Site"], ["date", "Date"], ["words", "Words"], ["mentions", "Mentions"],
];
const reading = { number: -1, marks: [], at: -1 };

function composition(number) {
  const by = new Map(data.labels.map((label) => [label, 0]));
  for (const [concept, mentions] of conceptsIn(number)) by.set(concepts[concept].label, by.get(concepts[concept].label) + mentions);
  const all = [...by.values()].reduce((sum, mentions) => sum + mentions, 0) || 1;
  const parts = [];
  let x = 0;
  for (const [label, mentions] of by) {
    const share = (mentions / all) * 100;
    if (mentions) parts.push(el("rect", { class: hue(label), x: `${x}%`, y: 0, width: `${share}%`, height: 10 }));
    x += share;
  }
  const spoken = [...by].filter(([, mentions]) => mentions).map(([label, mentions]) => `${mentions} ${named(label).toLowerCase()}`).join(", ");
  return el("svg", { class: "composition", role: "img", "aria-label": spoken || "no mentions", width: "100%", height: 10 }, el("title", {}, spoken), parts);
}

let byArticle = null;
function conceptsIn(number) {
  if (!byArticle) {
    byArticle = articles.map(() => new Map());
    for (let at = 0; at < data.cells.length; at += 5) {
      const [article, concept, , , mentions] = data.cells.slice(at, at + 5);
      byArticle[article].set(concept, (byArticle[article].get(concept) || 0) + mentions);
    }
  }
  return byArticle[number];
}

function drawArticles() {
  const wanted = folded(listing.query.trim());
  const value = (article) => article[listing.sort] || "";
  const shown = articles
    .filter((article) => !wanted || folded(`${article.title} ${article.site} ${article.author} ${article.id}`).includes(wanted))
    .sort((one, other) => {
      const less = typeof value(one) === "number" || typeof value(other) === "number" ? (value(one) || 0) - (value(other) || 0) : byName(value(one), value(other));
      return (listing.down ? -less : less) || one.number - other.number;
    });
  const head = ARTICLE_COLUMNS.map(([name, title]) => {
    const active = listing.sort === name;
    const button = el("button", { type: "button", class: "sort", "data-sort": name }, title, el("span", { "aria-hidden": "true" }, active ? (listing.down ? " ▾" : " ▴") : ""));
    return el("th", { scope: "col", class: name, "aria-sort": active ? (listing.down ? "descending" : "ascending") : undefined }, button);
  });
  const rows = shown.map((article) =>
    el("tr", {},
      el("th", { scope: "row", class: "title", dir: "auto" }, el("a", { href: `#article-${article.number}` }, article.title),
        article.duplicateOf ? el("span", { class: "same" }, " repeats another") : ""),
      el("td", { class: "site", dir: "auto" }, article.site), el("td", { class: "date" }, article.date || "–"),
      el("td", { class: "words" }, article.words.toLocaleString("en")), el("td", { class: "mentions" }, article.mentions.toLocaleString("en")),
      el("td", { class: "parts" }, composition(article.number))));
  byId("articles-count").textContent = shown.length === articles.length ? count(shown.length, "article") : `${shown.length} of ${count(articles.length, "article")}`;
  byId("articles-table").replaceChildren(
    el("thead", {}, el("tr", {}, head, el("th", { scope: "col", class: "parts" }, "Labels"))), el("tbody", {}, rows));
}

function startArticles() {
  byId("articles-query").addEventListener("input", (event) => { listing.query = event.target.value; drawArticles(); });
  byId("articles-table").addEventListener("click", (event) => {
    const button = event.target.closest("button.sort");
    if (!button) return;
    const name = button.dataset.sort;
    listing.down = listing.sort === name ? !listing.down : ["words", "mentions", "date"].includes(name);
    listing.sort = name;
    drawArticles();
    byId("articles-table").querySelector(`button[data-sort=${name}]`).focus();
  });
}

function markedBlock(number, made, block, mentions, quantities) {
  const spans = [...mentions.map((mention) => ({ ...mention, mention: true })),
    ...quantities.filter((quantity) => !mentions.some((one) => one.start < quantity.end && quantity.start < one.end))]
    .sort((one, other) => one.start - other.start);
  return dressed(block.text, 0, block.text.length, spans, (span, text) => {
    if (!span.mention)
      return el("span", { class: "quantity", id: `q-${number}-${span.number}`, title: `${span.kind}: ${span.value}${span.concept >= 0 ? `, of ${concepts[span.concept].name}` : ""}` }, text);
    const concept = concepts[span.concept];
    const node = el("mark", { class: `${hue(concept.label)} a-${data.assertions[span.assertion]}`, id: `m-${number}-${span.index}`, role: "button", tabindex: -1 }, text);
    node.mention = span;
    return node;
  });
}

function blockNode(number, made, block, mentions, quantities) {
  const inside = markedBlock(number, made, block, mentions, quantities);
  const id = `b-${number}-${block.number}`;
  if (block.kind === "title" || block.kind === "heading")
    return el(`h${Math.min(block.level + 2, 6)}`, { id, dir: "auto", class: `level-${block.level}` }, inside);
  if (block.kind === "list_item") return el("li", { id, dir: "auto", class: `level-${Math.min(block.level, 4)}` }, inside);
  if (block.kind === "table_cell") {
    const heads = block.trail.split(" › ").slice(-2).join(" · ");
    return el("p", { id, dir: "auto", class: "table-cell" }, heads ? el("span", { class: "heads" }, heads) : "", el("span", {}, inside));
  }
  if (block.kind === "quote") return el("blockquote", { id, dir: "auto" }, inside);
  return el("p", { id, dir: "auto", class: block.kind }, inside);
}

function showArticle(number) {
  const article = articles[number], made = record(number);
  const facts = [article.site, article.author && `by ${article.author}`, article.published && `published ${article.published}`,
    article.modified && `changed ${article.modified}`, article.reviewed && `reviewed ${article.reviewed}`, count(article.words, "word")].filter(Boolean);
  byId("article-facts").replaceChildren(facts.join(" · "), article.url ? " · " : "", article.url ? outside(article.url, "Its web page") : "");
  byId("article-id").textContent = article.id;
  const byBlock = Map.groupBy ? Map.groupBy(made.mentions, (mention) => mention.block) : grouped(made.mentions);
  const quantities = grouped(made.quantities);
  const text = byId("article-text"), nodes = [];
  const heading = made.blocks.find((block) => block.kind === "title");
  byId("article-title").replaceChildren(...(heading ? markedBlock(number, made, heading, byBlock.get(heading.number) || [], []) : [article.title]));
  let list = null, before = -1;
  for (const block of made.blocks) {
    if (made.detail !== FULL && block.number > before + 1) nodes.push(el("p", { class: "gap" }, "Blocks without mentions are left out here."));
    before = block.number;
    if (block === heading) continue;
    const node = blockNode(number, made, block, byBlock.get(block.number) || [], quantities.get(block.number) || []);
    if (block.kind === "list_item") {
      if (!list) nodes.push((list = el("ul", {})));
      list.append(node);
    } else { list = null; nodes.push(node); }
  }
  if (made.detail === NOTHING) nodes.push(el("p", { class: "gap" }, "The text of this article was left out, so that the page stays small."));
  text.replaceChildren(...nodes);
  reading.number = number;
  reading.marks = [...byId("article-whole").querySelectorAll("mark[role]")];
  reading.at = -1;
  if (reading.marks.length) reading.marks[0].tabIndex = 0;
  drawConcepts(number);
  const last = articles.length - 1;
  byId("article-before").setAttribute("href", `#article-${number ? number - 1 : last}`);
  byId("article-after").setAttribute("href", `#article-${number < last ? number + 1 : 0}`);
  byId("article-at").textContent = count(reading.marks.length, "mention");
}

function grouped(rows) {
  const found = new Map();
  for (const row of rows) {
    if (!found.has(row.block)) found.set(row.block, []);
    found.get(row.block).push(row);
  }
  return found;
}

function drawConcepts(number) {
  const found = [...conceptsIn(number)].sort((one, other) => other[1] - one[1] || byName(concepts[one[0]].name, concepts[other[0]].name));
  byId("article-concepts").replaceChildren(...data.labels.map((label) => {
    const own = found.filter(([concept]) => concepts[concept].label === label);
    if (!own.length) return "";
    return el("section", { class: hue(label) }, el("h3", {}, named(label), el("span", { class: "tail" }, String(own.length))),
      el("ul", { class: "chips" }, own.map(([concept, mentions]) =>
        el("li", {}, el("button", { type: "button", class: "chip", "data-concept": concept }, concepts[concept].name, el("span", {}, String(mentions)))))));
  }).filter(Boolean));
}

// Focus the mark at a position among the marks of the article; one of them is always in the tab order.
function focusMark(position, quietly) {
  const { marks } = reading;
  if (!marks.length) return;
  if (reading.at >= 0) marks[reading.at].tabIndex = -1;
  else marks[0].tabIndex = -1;
  reading.at = (position + marks.length) % marks.length;
  const mark = marks[reading.at];
  mark.tabIndex = 0;
  byId("article-at").textContent = `${reading.at + 1} of ${count(marks.length, "mention")}`;
  if (quietly) return;
  mark.scrollIntoView({ block: "center" });
  mark.focus({ preventScroll: true });
}

const lit = (mark) => !document.body.classList.contains(`off-${mark.classList[0]}`);
function stepMark(by) {
  const { marks } = reading;
  let to = reading.at;
  for (let tries = 0; tries < marks.length; tries++) {
    to = to < 0 && by < 0 ? marks.length - 1 : (to + by + marks.length) % marks.length;
    if (lit(marks[to])) return focusMark(to);
  }
}

function showTip(mark) {
  const { mention } = mark, tip = byId("tip"), concept = concepts[mention.concept];
  const block = record(reading.number).block.get(mention.block);
  tip.className = hue(concept.label);
  tip.replaceChildren(
    el("strong", {}, concept.name), el("span", { class: "kind" }, named(concept.label)),
    el("span", { class: "line" }, assertionNote(mention)),
    block.section ? el("span", { class: "line" }, `section: ${words(block.section)}`) : "",
    block.trail ? el("span", { class: "line trail", dir: "auto" }, block.trail) : "",
    el("span", { class: "line term" }, mention.term));
  tip.hidden = false;
  mark.setAttribute("aria-describedby", "tip");
  placeTip(mark);
}
function placeTip(mark) {
  const tip = byId("tip");
  const box = mark.getClientRects()[0] || mark.getBoundingClientRect(), wide = document.documentElement.clientWidth;
  tip.style.left = `${Math.max(8, Math.min(box.left, wide - tip.offsetWidth - 8))}px`;
  const below = box.bottom + 8;
  tip.style.top = `${below + tip.offsetHeight > window.innerHeight ? Math.max(8, box.top - tip.offsetHeight - 8) : below}px`;
}
function hideTip(mark) { byId("tip").hidden = true; if (mark) mark.removeAttribute("aria-describedby"); }

function startReader() {
  const text = byId("article-whole");
  const marked = (event) => event.target.closest("mark[role]");
  for (const [on, off] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    text.addEventListener(on, (event) => {
      const mark = marked(event);
      if (!mark) return;
      if (on === "focusin" && reading.marks.indexOf(mark) !== reading.at) focusMark(reading.marks.indexOf(mark), true);
      showTip(mark);
    });
    text.addEventListener(off, (event) => hideTip(marked(event)));
  }
  addEventListener("scroll", () => {
    if (byId("tip").hidden) return;
    if (document.activeElement.tagName === "MARK") placeTip(document.activeElement); else hideTip();
  }, { passive: true });
  const open = (mark) => go(`concept-${mark.mention.concept}`);
  text.addEventListener("click", (event) => { const mark = marked(event); if (mark) open(mark); });
  text.addEventListener("keydown", (event) => {
    const mark = marked(event);
    if (!mark) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(mark); }
    else if (event.key === "ArrowRight" || event.key === "ArrowDown") { event.preventDefault(); stepMark(1); }
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") { event.preventDefault(); stepMark(-1); }
  });
  byId("mark-before").addEventListener("click", () => stepMark(-1));
  byId("mark-after").addEventListener("click", () => stepMark(1));
  for (const box of document.querySelectorAll("#article-labels input"))
    box.addEventListener("change", () => document.body.classList.toggle(`off-${hue(box.value)}`, !box.checked));
  byId("article-concepts").addEventListener("click", (event) => {
    const chip = event.target.closest("button.chip");
    if (!chip) return;
    const concept = Number(chip.dataset.concept);
    const places = reading.marks.flatMap((mark, position) => (mark.mention.concept === concept ? [position] : []));
    if (!places.length) go(`concept-${concept}`);
    else focusMark(places.find((position) => position > reading.at) ?? places[0]);
  });
}
