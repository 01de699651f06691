// Which rig is shown follows the address, so that "back" and bookmarks work; a rig's charts are drawn when it is first seen.
const overview = document.getElementById("overview");
const articles = [...document.querySelectorAll("article.rig")];
const lists = new Map();

function openRig(article) {
  if (lists.has(article)) return;
  const data = read(`data-${article.id}`), chart = (name) => article.querySelector(`[data-chart="${name}"]`);
  let list, fall;
  const select = (sim, jump) => {
    fall(sim);
    list.mark(sim);
    if (jump) chart("waterfall").scrollIntoView({block: "nearest"});
  };
  drawTimeline(chart("timeline"), data, select);
  drawWeek(chart("week"), data);
  drawRigMap(chart("rigmap"), data);
  drawGraph(chart("graph"), data, select);
  fall = drawWaterfall(chart("waterfall"), data);
  list = drawMembers(article.querySelector(".members"), data, select);
  lists.set(article, list);
}

let left = null;

function follow() {
  const name = decodeURIComponent(location.hash.slice(1));
  const shown = overview ? articles.find((article) => article.id === name) : articles[0];
  for (const article of articles) article.hidden = article !== shown;
  if (overview) overview.hidden = Boolean(shown);
  if (shown) openRig(shown);
  if (overview) {
    document.title = shown ? shown.id : title;
    if (shown) scrollTo(0, 0);
    else document.getElementById(name)?.scrollIntoView();
    // Whoever works by keyboard goes on where the page does.
    const next = shown ?? (left && overview.querySelector(`table.rigs a[href="#${left.id}"]`));
    if (shown) shown.tabIndex = -1;
    next?.focus({preventScroll: Boolean(shown) || name === "map"});
    left = shown ?? null;
  }
}

function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
  const shown = articles.find((article) => !article.hidden), to = (link) => { if (link) location.hash = link.getAttribute("href"); };
  if (event.key === "Escape" && shown) location.hash = "#rigs";
  else if (event.key === "n") to(shown ? shown.querySelector("[rel=next]") : document.querySelector("table.rigs tr:not([hidden]) a"));
  else if (event.key === "p" && shown) to(shown.querySelector("[rel=prev]"));
  else if (event.key === "/" && !shown) document.querySelector(".filters input")?.focus();
  else return;
  event.preventDefault();
}

const title = document.title;
if (overview) {
  watchRigs();
  drawOverviewMap(document.querySelector('[data-chart="map"]'));
  addEventListener("keydown", onKey);
}
addEventListener("hashchange", follow);
for (const moment of ["beforeprint", "afterprint"]) {
  addEventListener(moment, () => { for (const [article, list] of lists) if (!article.hidden) list.print(moment === "beforeprint"); });
}
follow();
document.documentElement.dataset.ready = "yes";
