// Where the page is: every view, article, cell and concept has its own #address, so that links and the back button work.
const VIEWS = ["overview", "heatmap", "articles", "article", "contradictions", "ranges", "search"];
let current = "";
const drawn = new Set();

function go(address) {
  if (location.hash === `#${address}`) route();
  else location.hash = address;
}

function show(view) {
  for (const name of VIEWS) byId(name).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a")) {
    const here = link.getAttribute("href") === `#${view}` || (view === "article" && link.getAttribute("href") === "#articles");
    if (here) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  current = view;
  if (!drawn.has(view)) {
    drawn.add(view);
    if (view === "heatmap") arrange();
    if (view === "articles") drawArticles();
    if (view === "search") search(byId("search-box").value);
  }
}

const whole = (text, list) => (/^\d+$/.test(text || "") && list[Number(text)] ? list[Number(text)] : null);

function route(first) {
  const [name, one, two] = location.hash.slice(1).split("-");
  hideTip();
  if (name === "concept" || name === "cell") {
    const concept = whole(one, concepts), article = whole(two, articles);
    if (!current) show("heatmap");
    if (concept && name === "concept") return showConcept(concept);
    if (concept && article) return showCell(concept, article);
  }
  closePanel(true);
  const article = name === "article" ? whole(one, articles) : null;
  if (article) {
    show("article");
    if (reading.number !== article.number) showArticle(article.number);
    return land(article.number, two);
  }
  const view = VIEWS.includes(name) && name !== "article" ? name : "overview";
  if (name === "main") return byId("main").focus();
  const changed = view !== current;
  show(view);
  if (changed) scrollTo(0, 0);
  if (changed && first !== true && document.activeElement !== byId("search-box")) byId(`${view}-title`).focus({ preventScroll: true });
}

// Come to a mention (m3), a block (b5) or a quantity (q2) of the article shown, or to its top.
function land(number, part) {
  const kind = (part || "")[0], at = (part || "").slice(1);
  for (const node of document.querySelectorAll(".landed")) node.classList.remove("landed");
  const node = /^[mbq]$/.test(kind || "") && /^\d+$/.test(at) ? byId(`${kind}-${number}-${at}`) : null;
  if (!node) {
    scrollTo(0, 0);
    return byId("article-title").focus({ preventScroll: true });
  }
  node.classList.add("landed");
  if (kind === "m") return focusMark(reading.marks.indexOf(node));
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: "center" });
}

const THEMES = ["auto", "light", "dark"];
function stored(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
  } catch { /* A page opened as a file may have no storage; then the choice lasts as long as the page. */ }
  return null;
}
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").setAttribute("aria-label", `Colours: ${theme}`);
  byId("theme").title = `Colours: ${theme} (d)`;
  stored("medtables-theme", theme);
}
const nextTheme = () => setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]);

function typing(event) {
  return event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
}

function startKeys() {
  const help = byId("help");
  const keys = {
    "/": () => { byId("search-box").focus(); byId("search-box").select(); },
    "?": () => help.showModal(), d: nextTheme,
    1: () => go("overview"), 2: () => go("heatmap"), 3: () => go("articles"), 4: () => go("contradictions"), 5: () => go("ranges"),
    n: () => current === "article" && stepMark(1), p: () => current === "article" && stepMark(-1),
    "]": () => current === "article" && byId("article-after").click(), "[": () => current === "article" && byId("article-before").click(),
  };
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !help.open && !byId("panel").hidden) return closePanel();
    if (typing(event) || help.open || !byId("single-keys").checked || !Object.hasOwn(keys, event.key)) return undefined;
    event.preventDefault();
    return keys[event.key]();
  });
  byId("single-keys").addEventListener("change", (event) => stored("medtables-keys", event.target.checked ? "on" : "off"));
  byId("single-keys").checked = stored("medtables-keys") !== "off";
  byId("help-open").addEventListener("click", () => help.showModal());
  byId("help-close").addEventListener("click", () => help.close());
}

document.documentElement.classList.add("js");
setTheme(THEMES.includes(stored("medtables-theme")) ? stored("medtables-theme") : "auto");
byId("theme").addEventListener("click", nextTheme);
byId("panel-close").addEventListener("click", () => closePanel());
startHeatmap();
startArticles();
startReader();
startSearch();
startClaims();
startKeys();
addEventListener("hashchange", route);
route(true);
document.documentElement.dataset.ready = "yes";
