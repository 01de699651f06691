// The ranked table of rigs: filtered by form, sorted by its heads.
function watchRigs() {
  const form = document.querySelector(".filters"), table = document.querySelector("table.rigs");
  if (!form) return;
  const rows = [...table.tBodies[0].rows], said = form.querySelector("output");
  const filter = () => {
    const wanted = new FormData(form), text = wanted.get("text").trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const {kind, status, operators, sure, act} = row.dataset;
      row.hidden = !((!text || row.textContent.toLowerCase().includes(text)) && (!wanted.get("kind") || kind === wanted.get("kind")) &&
        (!wanted.get("status") || status === wanted.get("status")) && (!wanted.get("operator") || operators.split(" ").includes(wanted.get("operator"))) &&
        Number(sure) >= Number(wanted.get("sure")) && (!wanted.get("act") || Number(act) > 0));
      shown += !row.hidden;
    }
    said.textContent = shown === rows.length ? plural(rows.length, "rig") : `${count(shown)} of ${plural(rows.length, "rig")}`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  const value = (row, column, kind) => {
    const text = row.cells[column].textContent.trim();
    return kind === "number" ? parseFloat(text) || 0 : text;
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      // What is more of comes first, but for ranks and words.
      const first = head.dataset.sort === "number" && column > 0 ? "descending" : "ascending";
      const turned = first === "descending" ? "ascending" : "descending";
      const way = head.getAttribute("aria-sort") === first ? turned : first;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", way);
      const sorted = d3.sort(rows, (row) => value(row, 0, "number"));
      const by = way === "ascending" ? d3.ascending : d3.descending;
      sorted.sort((a, b) => by(value(a, column, head.dataset.sort), value(b, column, head.dataset.sort)));
      table.tBodies[0].append(...sorted);
    });
  });
  table.tHead.rows[0].cells[0].setAttribute("aria-sort", "ascending");
  filter();
}
