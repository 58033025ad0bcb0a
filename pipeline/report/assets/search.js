// Search in names of concepts, in titles and in the text of every article.
const MOST_HITS = 100, MOST_NAMES = 24, AROUND = 90;

function pattern(query) {
  const source = query.trim().split(/\s+/u).map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")).join("\\s+");
  return new RegExp(source, "giu");
}

function snippet(text, match) {
  const from = Math.max(match.index - AROUND, 0), to = Math.min(match.index + match[0].length + AROUND, text.length);
  return [from ? "…" : "", text.slice(from, match.index), el("mark", { class: "hit" }, match[0]), text.slice(match.index + match[0].length, to), to < text.length ? "…" : ""];
}

function found(title, items, rest) {
  if (!items.length) return "";
  return el("section", {}, el("h3", {}, title), el("ul", {}, items), rest > 0 ? el("p", { class: "notes" }, `${rest.toLocaleString("en")} more are not listed; a longer search finds fewer.`) : "");
}

function search(query) {
  const wanted = folded(query.trim()), out = byId("search-found");
  byId("search-title").textContent = wanted ? `Search: ${query.trim()}` : "Search";
  if (wanted.length < 2) {
    out.replaceChildren(el("p", {}, "Type two letters or more in the search box above: names of concepts, titles, sites, authors and all text are searched."));
    return;
  }
  const names = concepts.filter((concept) => folded(concept.name).includes(wanted));
  const titles = articles.filter((article) => folded(`${article.title} ${article.site} ${article.author}`).includes(wanted));
  const expression = pattern(query), hits = [];
  let all = 0, unread = 0;
  for (const article of articles) {
    const made = record(article.number);
    if (made.detail !== FULL) unread += 1;
    for (const block of made.blocks) {
      expression.lastIndex = 0;
      const match = expression.exec(block.text);
      if (!match) continue;
      all += 1;
      if (hits.length < MOST_HITS) hits.push([article, block, match]);
    }
  }
  const nothing = !names.length && !titles.length && !hits.length;
  out.replaceChildren(...[
    nothing ? el("p", {}, "Nothing was found.") : "",
    found("Concepts", names.slice(0, MOST_NAMES).map((concept) => el("li", { class: hue(concept.label) },
      el("a", { class: "chip", href: `#concept-${concept.number}` }, concept.name, el("span", {}, String(cellsOf(concept.number).size))))), names.length - MOST_NAMES),
    found("Articles", titles.slice(0, MOST_NAMES).map((article) => el("li", { dir: "auto" },
      el("a", { href: `#article-${article.number}` }, article.title), article.site ? ` ${article.site}` : "")), titles.length - MOST_NAMES),
    found(`Text: ${count(all, "paragraph")}`, hits.map(([article, block, match]) => el("li", { class: "text", dir: "auto" },
      el("a", { href: `#article-${article.number}-b${block.number}` }, article.title), el("p", {}, snippet(block.text, match)))), all - hits.length),
    unread ? el("p", { class: "notes" }, `${count(unread, "article")} held only in part were searched only in part.`) : "",
  ].filter(Boolean));
  byId("search-count").textContent = nothing ? "Nothing found" : `${count(names.length, "concept")}, ${count(titles.length, "article")}, ${count(all, "paragraph")} found`;
}

function startSearch() {
  const box = byId("search-box");
  let timer = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (current !== "search") show("search");
      history.replaceState(null, "", "#search");
      search(box.value);
    }, 120);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { box.value = ""; box.blur(); }
    if (event.key === "Enter") { const first = byId("search-found").querySelector("a"); if (first && current === "search") first.focus(); }
  });
}
