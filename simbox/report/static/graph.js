// Cards and the strongest links between them, laid out by forces: the same picture each time.
function drawGraph(figure, {graph, timeline, members}, select) {
  const plot = figure.querySelector(".plot"), readout = figure.querySelector(".readout");
  if (!graph.nodes.length) {
    plot.textContent = "Its cards have no links of their own.";
    return;
  }
  if (graph.nodes.length < members.sim.length || graph.edges.length < graph.pairs) {
    figure.querySelector(".sampled").textContent = `Drawn: ${count(graph.nodes.length)} of ${plural(members.sim.length, "card")}, the strongest ${count(graph.edges.length)} of their ties.`;
  }
  const handset = new Map(timeline.sims.map((sim, i) => {
    const hours = d3.rollups(readRuns(timeline.runs[i], sim), (held) => d3.sum(held, (run) => run[1]), (run) => run[2]);
    return [sim, d3.least(hours, (a, b) => b[1] - a[1] || a[0] - b[0])?.[0] ?? -1];
  }));
  const nodes = graph.nodes.map((sim) => ({sim, ties: []}));
  const links = graph.edges.map(([source, target, kind, points, events, agree]) => ({source, target, kind, points, events, agree}));
  for (const link of links) for (const end of [link.source, link.target]) nodes[end].ties.push(link);
  const most = d3.max(links, (d) => d.points) || 1;
  const size = 460;
  const forces = d3.forceSimulation(nodes).force("charge", d3.forceManyBody().strength(-60).distanceMax(260))
    .force("link", d3.forceLink(links).distance((d) => 60 - 35 * d.points / most).strength((d) => 0.08 + 0.25 * d.points / most))
    .force("x", d3.forceX().strength(0.06)).force("y", d3.forceY().strength(0.09)).force("apart", d3.forceCollide(8)).stop();
  forces.tick(260);
  const legend = d3.select(plot.parentNode).insert("ul", ".readout").attr("class", "legend").selectAll("li").data(graph.kinds).join("li");
  legend.append("svg").attr("viewBox", "0 0 24 12").attr("aria-hidden", "true").append("path").attr("d", "M1,6H23").attr("class", (d, i) => stroke(i)).attr("stroke-width", 3);
  legend.append("span").text((d) => ` ${d}`);
  let chosen = -1;
  onWidth(plot, (width) => {
    const height = Math.min(size, Math.max(280, width * 0.8)), room = 16;
    const [west, east] = d3.extent(nodes, (d) => d.x), [north, south] = d3.extent(nodes, (d) => d.y);
    const scale = Math.min(2.2, (width - 2 * room) / (east - west || 1), (height - 2 * room) / (south - north || 1));
    const x = (d) => width / 2 + (d.x - (west + east) / 2) * scale, y = (d) => height / 2 + (d.y - (north + south) / 2) * scale;
    plot.replaceChildren();
    const svg = d3.select(plot).append("svg").attr("viewBox", [0, 0, width, height]);
    const lines = svg.append("g").selectAll("path").data(links).join("path").attr("class", (d) => `link ${stroke(d.kind)}`)
      .attr("stroke-width", (d) => 0.7 + 1.4 * d.points / most).attr("d", (d) => `M${x(d.source)},${y(d.source)}L${x(d.target)},${y(d.target)}`);
    const dots = svg.append("g").selectAll("circle").data(nodes).join("circle").attr("class", (d) => `dot ${fill(handset.get(d.sim) ?? -1)}`)
      .attr("cx", x).attr("cy", y).attr("r", (d) => 4.5 + Math.min(4, Math.sqrt(d.ties.length) / 2));
    const tell = (index) => {
      chosen = index;
      const node = nodes[index], near = new Set(node.ties.flatMap((d) => [d.source, d.target]));
      dots.classed("chosen", (d) => d === node).classed("faint", (d) => d !== node && !near.has(d));
      lines.classed("strong", (d) => node.ties.includes(d)).classed("faint", (d) => !node.ties.includes(d));
      const best = d3.greatest(node.ties, (d) => d.points), other = best && (best.source === node ? best.target : best.source);
      readout.textContent = `${members.sim[node.sim]}: ${plural(node.ties.length, "tie")} drawn` +
        (best ? `; the strongest with ${members.sim[other.sim]}: ${graph.kinds[best.kind]}, ${best.points} points, ${plural(best.events, "time")}` +
          (best.agree > 1 ? `, and ${plural(best.agree - 1, "other comparison")}` : "") : "");
    };
    withCursor(svg, "Links of the cards", (right, down, pick) => {
      if (pick && chosen >= 0) select(nodes[chosen].sim);
      else tell((Math.max(chosen, right + down < 0 ? 0 : -1) + (right + down || 1) + nodes.length) % nodes.length);
    });
    dots.on("pointerenter", (event, d) => tell(nodes.indexOf(d))).on("click", (event, d) => select(d.sim));
    svg.on("pointerleave", () => {
      dots.classed("chosen", false).classed("faint", false);
      lines.classed("strong", false).classed("faint", false);
    });
  });
}
