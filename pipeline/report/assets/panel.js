// The panel at the side: the sentences behind a cell or a concept, each with a way to its article and web page.
const MOST_SENTENCES = 60;
let opener = null;

// Sentences of an article that name the concept: [{block, start, end, mentions}]; null when its text was left out.
function sentencesOf(number, concept) {
  const made = record(number);
  if (made.detail === NOTHING) return null;
  const found = new Map();
  for (const mention of made.mentions) {
    if (mention.concept !== concept) continue;
    if (heat.section >= 0 && made.block.get(mention.block).section !== data.sections[heat.section]) continue;
    if (heat.assertion >= 0 && mention.assertion !== heat.assertion) continue;
    const key = `${mention.block} ${mention.sentenceStart}`;
    if (!found.has(key)) found.set(key, { block: made.block.get(mention.block), start: mention.sentenceStart, end: mention.sentenceEnd, mentions: [] });
    found.get(key).mentions.push(mention);
  }
  return [...found.values()];
}

function assertionNote(mention) {
  const name = data.assertions[mention.assertion];
  return el("span", { class: `said a-${name}` }, name, mention.cue ? el("span", { class: "cue" }, ` “${mention.cue}”`) : "");
}

function sentenceItem(article, sentence, concept) {
  const first = sentence.mentions[0];
  const where = sentence.block.trail || words(sentence.block.kind);
  const link = webLink(article, first);
  return el("li", { class: "sentence" },
    el("p", { class: "where", dir: "auto" }, where),
    el("blockquote", { dir: "auto" }, dressed(sentence.block.text, sentence.start, sentence.end, sentence.mentions, (mention, text) =>
      el("mark", { class: `${hue(concept.label)} a-${data.assertions[mention.assertion]}` }, text))),
    el("p", { class: "notes" },
      sentence.mentions.map(assertionNote),
      sentence.block.section ? el("span", { class: "section" }, words(sentence.block.section)) : "",
      el("a", { href: `#article-${article.number}-m${first.index}` }, "In its article"),
      link ? outside(link, "On the page") : ""));
}

function filtersNote() {
  const parts = [];
  if (heat.section >= 0) parts.push(`section ${words(data.sections[heat.section]) || "unknown"}`);
  if (heat.assertion >= 0) parts.push(data.assertions[heat.assertion]);
  return parts.length ? el("p", { class: "notes" }, `Filtered as the heat map: ${parts.join(", ")}.`) : "";
}

function openPanel(title, label, ...content) {
  const panel = byId("panel");
  if (panel.hidden) opener = document.activeElement;
  panel.className = hue(label);
  byId("panel-title").replaceChildren(title);
  byId("panel-body").replaceChildren(...content.flat().filter(Boolean));
  panel.hidden = false;
  document.body.classList.add("with-panel");
  panel.scrollTop = 0;
  byId("panel-title").focus();
}

function closePanel(quietly) {
  const panel = byId("panel");
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("with-panel");
  if (quietly) return;
  history.replaceState(null, "", `#${current}`);
  const back = opener && opener !== document.body && opener.isConnected ? opener : byId("heat-grid");
  back.focus({ preventScroll: true });
}

function showCell(concept, article) {
  const sentences = sentencesOf(article.number, concept.number);
  openPanel(concept.name, concept.label,
    el("p", { class: "of", dir: "auto" }, "in ", el("a", { href: `#article-${article.number}` }, article.title)),
    filtersNote(),
    sentences === null
      ? el("p", { class: "notes" }, "The text of this article was left out, so that the page stays small. ", article.url ? outside(article.url, "Open its page") : "")
      : sentences.length ? el("ol", { class: "sentences" }, sentences.map((sentence) => sentenceItem(article, sentence, concept)))
      : el("p", {}, "This article does not mention it."),
    el("p", { class: "more" }, el("a", { href: `#concept-${concept.number}` }, `All articles on ${concept.name}`)));
}

function showConcept(concept) {
  const groups = articles
    .filter((article) => cellsOf(concept.number).has(article.number))
    .sort((one, other) => (other.date || "").localeCompare(one.date || "") || byName(one.title, other.title));
  const by = new Array(data.assertions.length).fill(0);
  for (const counts of cellsOf(concept.number).values()) counts.forEach((number, at) => { by[at] += number; });
  const list = el("div", {});
  const more = el("button", { type: "button", class: "more" });
  let next = 0;
  const grow = () => {
    let shown = 0;
    while (next < groups.length && shown < MOST_SENTENCES) {
      const article = groups[next++], sentences = sentencesOf(article.number, concept.number);
      if (sentences && !sentences.length) continue;
      list.append(el("h3", { dir: "auto" }, el("a", { href: `#article-${article.number}` }, article.title)),
        el("p", { class: "of" }, [article.site, article.date].filter(Boolean).join(", ")),
        sentences ? el("ol", { class: "sentences" }, sentences.map((sentence) => sentenceItem(article, sentence, concept)))
          : el("p", { class: "notes" }, "Its text was left out, so that the page stays small."));
      shown += sentences ? sentences.length : 1;
    }
    more.textContent = `Show ${groups.length - next} more articles`;
    more.hidden = next >= groups.length;
  };
  more.addEventListener("click", grow);
  grow();
  openPanel(concept.name, concept.label,
    el("p", { class: "of" }, `${named(concept.label)}, in ${groups.length} of ${count(articles.length, "article")}`),
    el("p", { class: "notes" }, data.assertions.map((name, at) => (by[at] ? el("span", { class: `said a-${name}` }, `${by[at]} ${name}`) : ""))),
    el("p", { class: "notes" }, el("code", {}, concept.id)),
    filtersNote(), list, more);
}

let allCells = null;
function cellsOf(concept) {
  if (!allCells) {
    allCells = new Map();
    for (let at = 0; at < data.cells.length; at += 5) {
      const [article, number, , assertion, mentions] = data.cells.slice(at, at + 5);
      if (!allCells.has(number)) allCells.set(number, new Map());
      const row = allCells.get(number);
      if (!row.has(article)) row.set(article, new Array(data.assertions.length).fill(0));
      row.get(article)[assertion] += mentions;
    }
  }
  return allCells.get(concept) || new Map();
}
