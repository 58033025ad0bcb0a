// The heat map: a grid of which only the visible part is in the document, so that its size does not matter.
const ROW = 26, HEAD = 168, SPARE = 6;
const heat = { labels: new Set(data.labels), section: -1, assertion: -1, query: "", sort: "prevalence", columns: "cluster", hits: false };
const grid = { rows: [], columns: [], row: 0, column: 0, width: 26, side: 240, shown: false };
const rank = (order) => order.reduce((ranks, number, position) => ((ranks[number] = position), ranks), []);
const HINT = "A cell shows its sentences, a name its concept or article. Arrow keys and Enter do the same.";
const conceptRank = rank(data.conceptOrder), articleRank = rank(data.articleOrder);
const PRESENT = data.assertions.indexOf("present"), ABSENT = data.assertions.indexOf("absent");

function tally() {
  const found = new Map();
  for (let at = 0; at < data.cells.length; at += 5) {
    const [article, concept, section, assertion, mentions] = data.cells.slice(at, at + 5);
    if (heat.section >= 0 && section !== heat.section) continue;
    if (heat.assertion >= 0 && assertion !== heat.assertion) continue;
    if (!heat.labels.has(concepts[concept].label)) continue;
    let row = found.get(concept);
    if (!row) found.set(concept, (row = new Map()));
    let cell = row.get(article);
    if (!cell) row.set(article, (cell = { all: 0, by: new Array(data.assertions.length).fill(0) }));
    cell.all += mentions;
    cell.by[assertion] += mentions;
  }
  return found;
}

const total = (row) => [...row.cells.values()].reduce((sum, cell) => sum + cell.all, 0);
const byName = (one, other) => one.localeCompare(other, "en", { sensitivity: "base" });
const ROW_ORDERS = {
  prevalence: (one, other) => other.cells.size - one.cells.size || other.total - one.total || byName(one.concept.name, other.concept.name),
  mentions: (one, other) => other.total - one.total || byName(one.concept.name, other.concept.name),
  name: (one, other) => byName(one.concept.name, other.concept.name),
  cluster: (one, other) => conceptRank[one.concept.number] - conceptRank[other.concept.number],
};
const COLUMN_ORDERS = {
  cluster: (one, other) => articleRank[one.number] - articleRank[other.number],
  title: (one, other) => byName(one.title, other.title),
  site: (one, other) => byName(one.site, other.site) || byName(one.title, other.title),
  date: (one, other) => (other.date || "").localeCompare(one.date || "") || byName(one.title, other.title),
  mentions: (one, other) => other.mentions - one.mentions,
};

function arrange() {
  const wanted = heat.query.split(",").map((part) => folded(part.trim())).filter(Boolean);
  grid.rows = [];
  for (const [number, cells] of tally()) {
    const concept = concepts[number];
    if (wanted.length && !wanted.some((part) => folded(concept.name).includes(part))) continue;
    const row = { concept, cells };
    row.total = total(row);
    grid.rows.push(row);
  }
  grid.rows.sort(ROW_ORDERS[heat.sort]);
  const hit = new Set(grid.rows.flatMap((row) => [...row.cells.keys()]));
  grid.columns = articles.filter((article) => !heat.hits || hit.has(article.number)).sort(COLUMN_ORDERS[heat.columns]);
  grid.row = Math.min(grid.row, Math.max(grid.rows.length - 1, 0));
  grid.column = Math.min(grid.column, Math.max(grid.columns.length - 1, 0));
  byId("heat-count").textContent = grid.rows.length
    ? `${count(grid.rows.length, "concept")} in ${count(hit.size, "article")}`
    : "No concept passes these filters.";
  measure();
  byId("heat-grid").scrollTop = 0;
  draw();
  tell(-1, -1);
}

function measure() {
  const box = byId("heat-grid"), wide = box.clientWidth;
  grid.side = Math.round(Math.min(250, Math.max(132, wide * 0.32)));
  const fitting = Math.floor((wide - grid.side - 4) / Math.max(grid.columns.length, 1));
  grid.width = Math.min(54, Math.max(26, fitting));
  box.classList.toggle("roomy", grid.width >= 40);
  const sizer = byId("heat-sizer");
  sizer.style.width = `${grid.side + grid.columns.length * grid.width}px`;
  sizer.style.height = `${HEAD + grid.rows.length * ROW}px`;
  box.style.setProperty("--column", `${grid.width}px`);
  box.style.setProperty("--side", `${grid.side}px`);
  box.setAttribute("aria-rowcount", grid.rows.length + 1);
  box.setAttribute("aria-colcount", grid.columns.length + 1);
}

const place = (node, left) => { node.style.left = `${left}px`; return node; };
const left = (column) => grid.side + column * grid.width;
const stance = (cell) =>
  cell.by[ABSENT] === cell.all ? "absent" : cell.by[ABSENT] ? "mixed" : cell.by[PRESENT] ? "" : "hedged";

function said(row, article) {
  const cell = row.cells.get(article.number);
  const of = `${row.concept.name}, ${article.title}`;
  if (!cell) return `${of}: not mentioned`;
  const by = data.assertions.map((name, at) => (cell.by[at] ? `${cell.by[at]} ${name}` : "")).filter(Boolean).join(", ");
  return `${of}: ${count(cell.all, "mention")} (${by})`;
}

function drawRow(position, first, last) {
  const row = grid.rows[position];
  const node = el("div", { role: "row", class: `row ${hue(row.concept.label)}`, "aria-rowindex": position + 2 });
  node.style.top = `${HEAD + position * ROW}px`;
  const share = row.cells.size / articles.length;
  const bar = el("span", { class: "bar", "aria-hidden": "true" });
  bar.style.width = `${Math.max(share * 100, 2)}%`;
  node.append(
    el("div", { role: "rowheader", id: `h-${position}--1`, "aria-colindex": 1, class: "side", title: row.concept.name },
      el("span", { class: "name" }, row.concept.name), el("span", { class: "tail" }, String(row.cells.size)), bar),
  );
  for (let column = first; column < last; column++) {
    const article = grid.columns[column], cell = row.cells.get(article.number);
    const active = position === grid.row && column === grid.column;
    if (!cell && !active) continue;
    const kind = cell ? `cell step-${6 - step(cell.all)} ${stance(cell)}` : "cell void";
    node.append(
      place(el("div", { role: "gridcell", id: `h-${position}-${column}`, "aria-colindex": column + 2, class: kind, "aria-label": said(row, article) },
        cell ? String(cell.all) : ""), left(column)),
    );
  }
  return node;
}

function draw() {
  const box = byId("heat-grid"), sizer = byId("heat-sizer");
  const first = Math.max(Math.floor((box.scrollLeft - SPARE * grid.width) / grid.width), 0);
  const last = Math.min(Math.ceil((box.scrollLeft + box.clientWidth) / grid.width) + SPARE, grid.columns.length);
  const top = Math.max(Math.floor(box.scrollTop / ROW) - SPARE, 0);
  const bottom = Math.min(Math.ceil((box.scrollTop + box.clientHeight) / ROW) + SPARE, grid.rows.length);
  const head = el("div", { role: "row", class: "row head", "aria-rowindex": 1 },
    el("div", { role: "columnheader", id: "h--1--1", "aria-colindex": 1, class: "side corner" },
      el("span", { class: "name" }, "Concept"), el("span", { class: "tail" }, "articles")));
  for (let column = first; column < last; column++) {
    const article = grid.columns[column];
    head.append(
      place(el("div", { role: "columnheader", id: `h--1-${column}`, "aria-colindex": column + 2, class: "top", title: article.title },
        el("span", { dir: "auto" }, article.title)), left(column)),
    );
  }
  const drawn = [head];
  for (let position = top; position < bottom; position++) drawn.push(drawRow(position, first, last));
  if (grid.rows.length && (grid.row < top || grid.row >= bottom)) drawn.push(drawRow(grid.row, first, last));
  sizer.replaceChildren(...drawn);
  const active = byId(`h-${grid.row}-${grid.column}`);
  if (active && grid.rows.length) {
    active.classList.add("active");
    box.setAttribute("aria-activedescendant", active.id);
  } else box.removeAttribute("aria-activedescendant");
}

function move(row, column) {
  const box = byId("heat-grid");
  grid.row = Math.min(Math.max(row, -1), grid.rows.length - 1);
  grid.column = Math.min(Math.max(column, -1), grid.columns.length - 1);
  const y = HEAD + grid.row * ROW, x = left(grid.column);
  if (grid.row >= 0) {
    if (y - HEAD < box.scrollTop) box.scrollTop = y - HEAD;
    else if (y + ROW > box.scrollTop + box.clientHeight) box.scrollTop = y + ROW - box.clientHeight;
  }
  if (grid.column >= 0) {
    if (x - grid.side < box.scrollLeft) box.scrollLeft = x - grid.side;
    else if (x + grid.width > box.scrollLeft + box.clientWidth) box.scrollLeft = x + grid.width - box.clientWidth;
  }
  draw();
  tell(grid.row, grid.column);
}

function tell(row, column) {
  const line = grid.rows[row], article = grid.columns[column];
  byId("heat-said").textContent =
    line && article ? said(line, article)
    : line ? `${line.concept.name} (${named(line.concept.label)}): ${line.cells.size} of ${count(articles.length, "article")}, ${count(line.total, "mention")}`
    : article ? `${article.title}${article.site ? `, ${article.site}` : ""}${article.date ? `, ${article.date}` : ""}` : HINT;
}

function enter(row, column) {
  const line = grid.rows[row], article = grid.columns[column];
  if (line && article) go(`cell-${line.concept.number}-${article.number}`);
  else if (line) go(`concept-${line.concept.number}`);
  else if (article) go(`article-${article.number}`);
}

function at(event) {
  const box = byId("heat-grid"), frame = box.getBoundingClientRect();
  const x = event.clientX - frame.left, y = event.clientY - frame.top;
  return {
    row: y < HEAD ? -1 : Math.floor((y - HEAD + box.scrollTop) / ROW),
    column: x < grid.side ? -1 : Math.floor((x - grid.side + box.scrollLeft) / grid.width),
  };
}

function startHeatmap() {
  const box = byId("heat-grid");
  let waiting = false;
  const redraw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  };
  box.addEventListener("scroll", redraw, { passive: true });
  new ResizeObserver(() => { if (box.clientWidth) { measure(); redraw(); } }).observe(box);
  box.addEventListener("mousemove", (event) => { const { row, column } = at(event); tell(row, column); });
  box.addEventListener("mouseleave", () => tell(-1, -1));
  box.addEventListener("click", (event) => {
    const { row, column } = at(event);
    if (row >= grid.rows.length || column >= grid.columns.length) return;
    if (row >= 0 && column >= 0) move(row, column);
    enter(row, column);
  });
  box.addEventListener("focus", () => tell(grid.row, grid.column));
  box.addEventListener("keydown", (event) => {
    const page = Math.max(Math.floor((box.clientHeight - HEAD) / ROW) - 1, 1);
    const { row, column } = grid;
    const to = {
      ArrowDown: [row + 1, column], ArrowUp: [row - 1, column], ArrowRight: [row, column + 1], ArrowLeft: [row, column - 1],
      PageDown: [row + page, column], PageUp: [Math.max(row - page, 0), column],
      Home: [event.ctrlKey ? 0 : row, event.ctrlKey ? 0 : -1],
      End: [event.ctrlKey ? grid.rows.length - 1 : row, grid.columns.length - 1],
    }[event.key];
    if (to && !event.altKey && !event.metaKey) { event.preventDefault(); move(...to); }
    else if (event.key === "Enter" || event.key === " ") { event.preventDefault(); enter(row, column); }
  });
  for (const box of document.querySelectorAll("#heat-labels input"))
    box.addEventListener("change", () => {
      if (box.checked) heat.labels.add(box.value); else heat.labels.delete(box.value);
      arrange();
    });
  for (const [id, name, change] of [
    ["heat-section", "section", Number], ["heat-assertion", "assertion", Number], ["heat-sort", "sort", String], ["heat-columns", "columns", String],
  ]) byId(id).addEventListener("change", (event) => { heat[name] = change(event.target.value); arrange(); });
  byId("heat-query").addEventListener("input", (event) => { heat.query = event.target.value; arrange(); });
  byId("heat-hits").addEventListener("change", (event) => { heat.hits = event.target.checked; arrange(); });
}
