// One row for each card, one column for each hour, in the colour of its handset, port, place or operator.
function drawTimeline(figure, {timeline, members, week}, select) {
  const plot = figure.querySelector(".plot"), readout = figure.querySelector(".readout");
  const rows = timeline.sims.map((sim, index) => ({sim, index, runs: readRuns(timeline.runs[index])}));
  const drawn = rows.filter((row) => row.runs.length);
  if (drawn.length < members.sim.length) {
    figure.querySelector(".sampled").textContent = `Drawn: ${count(drawn.length)} of ${count(members.sim.length)} cards` +
      (timeline.sims.length < members.sim.length ? ", those of the busiest handsets." : "; the others were silent in these nights.");
  }
  if (!drawn.length) {
    plot.textContent = "No event of its cards lies in the nights looked back on.";
    return;
  }
  const numbers = (values) => { const known = [...new Set(values)]; return new Map(known.map((value, i) => [value, i])); };
  const ports = numbers(timeline.chains);
  const ways = {
    imei: {name: "IMEI", of: (row, run) => run[2], label: (key) => timeline.imeis[key] ?? "no IMEI"},
    port: {name: "port (who replaced whom)", of: (row) => ports.get(timeline.chains[row.index]), label: (key) => `port ${key + 1}`},
    place: {name: "place", of: (row, run) => (run[3] < 0 ? -1 : run[3] - 1), label: (key) => (key < 0 ? "no place" : `place ${key + 1}`)},
    operator: {name: "operator", of: (row) => members.operator[row.sim], label: (key) => members.operators[key]},
  };
  if (!timeline.chains.length) delete ways.port;
  let way = timeline.imeis.length ? "imei" : timeline.chains.length ? "port" : "place";
  let draw = () => {};
  choose(figure.querySelector(".controls"), "Coloured and grouped by", Object.entries(ways).map(([key, d]) => [key, d.name]), way, (value) => {
    way = value;
    draw();
  });
  let chosen = 0, hour = 0, width = 0;
  onWidth(plot, (now) => { width = now; draw(); });
  draw = () => {
    if (!width) return;
    const {of, label} = ways[way];
    const groups = d3.groups(drawn, (row) => mainKey(row, of)).map(([key, held]) => ({key, held: d3.sort(held, (row) => row.runs[0][0], (row) => row.index)}));
    groups.sort((a, b) => (a.key < 0) - (b.key < 0) || a.held[0].runs[0][0] - b.held[0].runs[0][0] || a.key - b.key);
    const ordered = groups.flatMap((group) => group.held);
    const rowHeight = Math.max(5, Math.min(14, Math.floor(900 / ordered.length)));
    const left = width > 560 ? 122 : 8, top = 22, right = 8;
    const height = top + ordered.length * rowHeight + 8;
    const x = d3.scaleLinear([0, timeline.hours], [left, width - right]);
    plot.replaceChildren();
    const svg = d3.select(plot).append("svg").attr("viewBox", [0, 0, width, height]);
    const days = d3.range(0, timeline.hours / 24);
    const bands = days.flatMap((d) => week.raid.map(([from, to]) => [d * 24 + from, d * 24 + to]));
    svg.append("path").attr("class", "raidband").attr("d", bands.map(([a, b]) => `M${x(a)},${top}H${x(b)}V${height - 8}H${x(a)}Z`).join(""));
    svg.append("path").attr("class", "gridline").attr("d", [...days, days.length].map((d) => `M${x(d * 24)},${top - 4}V${height - 8}`).join(""));
    const each = Math.ceil(58 / (x(24) - x(0)));
    svg.append("g").selectAll("text").data(days.filter((d) => d % each === 0)).join("text").attr("class", "muted").attr("y", 13)
      .attr("x", (d) => x(d * 24) + 3).text((d) => dayName(day(timeline.from, d)));
    const paths = new Map();
    let y = top;
    const names = svg.append("g"), lines = [];
    for (const group of groups) {
      lines.push(`M${left > 20 ? 4 : left},${y - 0.25}H${width - right}`);
      if (left > 20 && group.held.length * rowHeight >= 11) {
        names.append("text").attr("class", "muted").attr("x", 4).attr("y", y + Math.min(11, group.held.length * rowHeight - 1)).text(short(label(group.key)));
      }
      for (const row of group.held) {
        row.y = y;
        for (const run of row.runs) {
          const key = fill(of(row, run)), width = Math.max(1.2, x(run[0] + run[1]) - x(run[0]));
          paths.set(key, (paths.get(key) ?? "") + `M${x(run[0]).toFixed(1)},${y + 0.5}h${width.toFixed(1)}v${rowHeight - 1}h-${width.toFixed(1)}z`);
        }
        y += rowHeight;
      }
    }
    svg.append("path").attr("class", "gridline").attr("d", lines.join(""));
    for (const [key, d] of d3.sort(paths)) svg.append("path").attr("class", key).attr("d", d);
    const rowMark = svg.append("rect").attr("class", "rowmark").attr("x", 2).attr("width", width - 4).attr("height", rowHeight).attr("visibility", "hidden");
    const cursor = svg.append("rect").attr("class", "cursor").attr("height", rowHeight).attr("visibility", "hidden");
    const tell = () => {
      const row = ordered[chosen], run = row.runs.find((d) => hour >= d[0] && hour < d[0] + d[1]);
      const [from, length] = run ?? [hour, 1];
      rowMark.attr("visibility", "visible").attr("y", row.y);
      cursor.attr("visibility", "visible").attr("x", x(from)).attr("y", row.y).attr("width", x(from + length) - x(from));
      const at = `${dayName(day(timeline.from, Math.floor(from / 24)))} ${two(from % 24)}:00–${two((from + length - 1) % 24 + 1)}:00`;
      const what = run ? [run[2] < 0 ? "no IMEI" : `IMEI ${timeline.imeis[run[2]].replace("IMEI ", "")}`, run[3] < 0 ? "no place" : `place ${run[3]}`].join(", ") : "silent";
      readout.textContent = `${members.sim[row.sim]} (${members.operators[members.operator[row.sim]]}, ${page.decisions[members.decision[row.sim]]}), ${at}: ${what}`;
    };
    withCursor(svg, "Timeline of the cards", (right, down, pick) => {
      if (down) chosen = Math.max(0, Math.min(ordered.length - 1, chosen + down));
      const runs = ordered[chosen].runs, here = runs.findIndex((d) => hour < d[0] + d[1]);
      if (right > 0) hour = (runs.find((d) => d[0] > hour) ?? runs.at(-1))[0];
      else if (right < 0) hour = (runs.findLast((d) => d[0] + d[1] <= hour) ?? runs[0])[0];
      else if (down) hour = runs[here < 0 ? runs.length - 1 : here][0];
      if (pick) select(ordered[chosen].sim);
      tell();
    });
    const place = (event) => {
      const [px, py] = d3.pointer(event);
      chosen = Math.max(0, Math.min(ordered.length - 1, Math.floor((py - top) / rowHeight)));
      hour = Math.max(0, Math.min(timeline.hours - 1, Math.floor(x.invert(px))));
      tell();
    };
    svg.on("pointermove", place).on("click", (event) => { place(event); select(ordered[chosen].sim); });
    svg.on("focus", tell);
  };
  draw();
}

function readRuns(flat) {
  const runs = [];
  let end = 0;
  for (let i = 0; i < flat.length; i += 4) {
    const from = end + flat[i];
    runs.push([from, flat[i + 1], flat[i + 2], flat[i + 3]]);
    end = from + flat[i + 1];
  }
  return runs;
}

function mainKey(row, of) {
  const hours = d3.rollups(row.runs, (held) => d3.sum(held, (run) => run[1]), (run) => of(row, run));
  return d3.least(hours, (a, b) => b[1] - a[1] || a[0] - b[0])[0];
}

const short = (text) => (text.length > 20 ? `${text.slice(0, 19)}…` : text);
