// The data, and the only ways in which this page makes elements: text is always text, links are always web pages or
// places in this page.
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data-index").textContent);

const concepts = data.concepts.map(([name, label, id], number) => ({ number, name, label: data.labels[label], id }));
const articles = data.articles.map(
  ([title, id, url, site, author, published, modified, reviewed, words, mentions, duplicateOf], number) => ({
    number, title, id, url, site, author, published, modified, reviewed, words, mentions, duplicateOf,
    date: [published, modified, reviewed].sort().at(-1),
  }),
);
const ATTRIBUTE = /^(id|role|tabindex|type|value|for|title|dir|lang|scope|colspan|width|height|x|y|rx|target|rel|aria-[a-z]+|data-[a-z]+)$/;
const SVG = new Set(["svg", "rect", "title"]);
const KNOWN = new Set(["symptom", "condition", "electrolyte", "medication"]);

function el(tag, attributes, ...children) {
  const node = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.setAttribute("class", value);
    else if (name === "href") { if (isLink(value)) node.setAttribute("href", value); }
    else if (ATTRIBUTE.test(name)) node.setAttribute(name, value === true ? "" : value);
    else throw new Error(`no attribute ${name}`);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== ""));
  return node;
}

const isLink = (href) => /^#[\w-]*$/.test(href) || /^https?:\/\//i.test(href);
const outside = (href, ...children) =>
  el("a", { href, class: "outside", target: "_blank", rel: "noopener noreferrer" }, ...children);
const hue = (label) => (KNOWN.has(label.toLowerCase()) ? label.toLowerCase() : "other");
const words = (name) => name.replaceAll("_", " ");
const named = (label) => words(label).charAt(0) + words(label).slice(1).toLowerCase();
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
const step = (mentions) => [10, 5, 3, 2, 1].findIndex((least) => mentions >= least) + 1;
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const FULL = 0, NOTHING = 2;
const records = new Map();
const MENTION = ["block", "start", "end", "concept", "assertion", "sentenceStart", "sentenceEnd", "cue", "term", "fragment"];
const QUANTITY = ["block", "start", "end", "number", "kind", "value", "concept"];
const STRINGS = new Set(["cue", "term", "fragment", "kind", "value"]);

function unflat(flat, names, strings) {
  const rows = [];
  for (let at = 0; at < flat.length; at += names.length) {
    const row = { index: rows.length };
    names.forEach((name, offset) => {
      const cell = flat[at + offset];
      row[name] = STRINGS.has(name) ? strings[cell] : cell;
    });
    rows.push(row);
  }
  return rows;
}

// What stands in an article; parsed when it is first asked for.
function record(number) {
  if (records.has(number)) return records.get(number);
  const raw = JSON.parse(byId(`data-article-${number}`).textContent);
  const made = { detail: raw.detail, base: raw.base || "", blocks: [], mentions: [], quantities: [] };
  if (raw.detail !== NOTHING) {
    made.blocks = raw.blocks.map(([block, kind, level, section, trail, text]) => ({
      number: block, kind: data.kinds[kind], level, section: data.sections[section], trail: raw.strings[trail], text,
    }));
    made.mentions = unflat(raw.mentions, MENTION, raw.strings);
    made.quantities = unflat(raw.quantities, QUANTITY, raw.strings);
  }
  made.block = new Map(made.blocks.map((block) => [block.number, block]));
  records.set(number, made);
  return made;
}

function webLink(article, mention) {
  const made = record(article.number);
  return mention.fragment && made.base ? made.base + mention.fragment : article.url;
}

// The text of a block from `start` to `end`, with what `dress` makes of each of the spans (sorted, disjoint).
function dressed(text, start, end, spans, dress) {
  const parts = [];
  let at = start;
  for (const span of spans) {
    if (span.start < at || span.end > end) continue;
    parts.push(text.slice(at, span.start), dress(span, text.slice(span.start, span.end)));
    at = span.end;
  }
  parts.push(text.slice(at, end));
  return parts;
}
