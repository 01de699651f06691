// The points of one card, each beginning where the last ended.
function drawWaterfall(figure, {timeline, waterfalls, members}) {
  const plot = figure.querySelector(".plot"), readout = figure.querySelector(".readout"), hint = readout.textContent;
  const falls = new Map(timeline.sims.map((sim, i) => [sim, waterfalls[i]]));
  const ranked = d3.sort(timeline.sims, (sim) => (members.rank[sim] < 0 ? Infinity : members.rank[sim]), (sim) => sim);
  let sim = ranked[0], width = 0, draw = () => {};
  const select = choose(figure.querySelector(".controls"), "Card",
    ranked.map((d) => [String(d), members.sim[d] + (members.rank[d] < 0 ? "" : ` (no. ${members.rank[d]} of the list)`)]), String(sim), (value) => {
      sim = Number(value);
      draw();
    });
  draw = () => {
    if (!width) return;
    const flat = falls.get(sim) ?? [], steps = [];
    let sum = 0;
    for (let i = 0; i < flat.length; i += 3) {
      steps.push({text: page.words[flat[i]], points: flat[i + 1], below: flat[i + 2], from: sum, to: (sum += flat[i + 1])});
    }
    plot.replaceChildren();
    figure.querySelector(".sampled").textContent = `Card ${members.sim[sim]}.`;
    if (!steps.length) {
      plot.textContent = `Its reasons are not in this page; see: simbox explain. Evidence: ${members.evidence[sim] ?? "not known"} points.`;
      return;
    }
    const rows = [...steps, {text: "evidence", points: sum, below: -1, from: 0, to: sum, total: true}];
    const tall = 34, room = 54, height = rows.length * tall + 22;
    const x = d3.scaleLinear([Math.min(0, ...rows.map((d) => d.to)), Math.max(0, ...rows.map((d) => d.to))], [10, width - room]).nice();
    const svg = d3.select(plot).append("svg").attr("viewBox", [0, 0, width, height]).attr("role", "img")
      .attr("aria-label", rows.map((d) => `${d.text}: ${d.points} points`).join("; "));
    svg.append("path").attr("class", "gridline").attr("d", x.ticks(5).map((d) => `M${x(d)},4V${height - 18}`).join(""));
    svg.append("g").selectAll("text").data(x.ticks(5)).join("text").attr("class", "muted").attr("text-anchor", "middle").attr("x", x).attr("y", height - 5).text((d) => d);
    const row = svg.selectAll(".step").data(rows).join("g").attr("class", "step").attr("transform", (d, i) => `translate(0,${i * tall + 4})`);
    row.append("text").attr("x", 8).attr("y", 12).text((d) => fitted(d.text, width));
    row.append("rect").attr("y", 17).attr("height", 11).attr("x", (d) => x(Math.min(d.from, d.to))).attr("width", (d) => Math.max(1, Math.abs(x(d.to) - x(d.from))))
      .attr("class", (d, i) => (d.total ? "sum" : i === 0 ? "given" : d.points < 0 ? "against" : "for"));
    row.append("text").attr("y", 27).attr("text-anchor", "end").attr("x", width - 6).text((d) => (d.total ? d.points : d3.format("+d")(d.points)));
    row.on("pointerenter", (event, d) => {
      readout.textContent = `${d.text}: ${d.points} points` + (d.below < 0 ? "" : `; ${d.below} % of its peers have less`);
    }).on("pointerleave", () => { readout.textContent = hint; });
  };
  onWidth(plot, (now) => { width = now; draw(); });
  return (picked) => {
    sim = picked;
    select.value = falls.has(sim) ? String(sim) : "";
    draw();
  };
}

const fitted = (text, width) => { const most = Math.floor(width / 5.6); return text.length > most ? `${text.slice(0, most - 1)}…` : text; };
