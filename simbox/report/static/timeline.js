// Cards by hour in the colour of their handset, port, place or operator; or handsets by hour in the colour of their card.
function drawTimeline(figure, {timeline, members, week}, select) {
  const plot = figure.querySelector(".plot"), readout = figure.querySelector(".readout");
  const cards = timeline.sims.map((sim, index) => ({sim, index, runs: readRuns(timeline.runs[index], sim)})).filter((row) => row.runs.length);
  if (cards.length < members.sim.length) {
    figure.querySelector(".sampled").textContent = `Drawn: ${count(cards.length)} of ${count(members.sim.length)} cards` +
      (timeline.sims.length < members.sim.length ? ", those of the busiest handsets." : "; the others were silent in these nights.");
  }
  if (!cards.length) {
    plot.textContent = "No event of its cards lies in the nights looked back on.";
    return;
  }
  const ways = waysToSee(timeline, members, cards);
  let way = Object.keys(ways)[0], chosen = 0, hour = 0, width = 0, draw = () => {};
  choose(figure.querySelector(".controls"), "Rows and colours", Object.entries(ways).map(([key, d]) => [key, d.name]), way, (value) => {
    way = value;
    chosen = 0;
    draw();
  });
  onWidth(plot, (now) => { width = now; draw(); });
  draw = () => {
    if (!width) return;
    const {rows, of, key, label} = ways[way];
    const groups = d3.groups(rows, key).map(([name, held]) => ({name, held: d3.sort(held, (row) => row.runs[0][0], (row) => row.index)}));
    groups.sort((a, b) => (a.name < 0) - (b.name < 0) || a.held[0].runs[0][0] - b.held[0].runs[0][0] || a.name - b.name);
    const ordered = groups.flatMap((group) => group.held);
    const rowHeight = Math.max(5, Math.min(14, Math.floor(900 / ordered.length)));
    const left = width > 560 ? 122 : 8, top = 22, right = 8, bottom = top + ordered.length * rowHeight;
    const x = d3.scaleLinear([0, timeline.hours], [left, width - right]);
    plot.replaceChildren();
    const svg = d3.select(plot).append("svg").attr("viewBox", [0, 0, width, bottom + 8]);
    drawDays(svg, x, timeline, week, top, bottom);
    const paths = new Map(), names = svg.append("g"), lines = [];
    let y = top;
    for (const group of groups) {
      lines.push(`M${left > 20 ? 4 : left},${y - 0.25}H${width - right}`);
      if (left > 20 && group.held.length * rowHeight >= 11) {
        names.append("text").attr("class", "muted").attr("x", 4).attr("y", y + Math.min(11, group.held.length * rowHeight - 1)).text(short(label(group.name)));
      }
      for (const row of group.held) {
        row.y = y;
        row.group = label(group.name);
        for (const run of row.runs) {
          const colour = fill(of(row, run)), wide = Math.max(1.2, x(run[0] + run[1]) - x(run[0])).toFixed(1);
          paths.set(colour, (paths.get(colour) ?? "") + `M${x(run[0]).toFixed(1)},${y + 0.5}h${wide}v${rowHeight - 1}h-${wide}z`);
        }
        y += rowHeight;
      }
    }
    svg.append("path").attr("class", "gridline").attr("d", lines.join(""));
    for (const [colour, d] of d3.sort(paths)) svg.append("path").attr("class", colour).attr("d", d);
    const rowMark = svg.append("rect").attr("class", "rowmark").attr("x", 2).attr("width", width - 4).attr("height", rowHeight).attr("visibility", "hidden");
    const cursor = svg.append("rect").attr("class", "cursor").attr("height", rowHeight).attr("visibility", "hidden");
    const here = () => ordered[chosen].runs.find((d) => hour >= d[0] && hour < d[0] + d[1]);
    const tell = () => {
      const row = ordered[chosen], run = here(), [from, length] = run ?? [hour, 1], sim = run?.[4] ?? row.sim;
      rowMark.attr("visibility", "visible").attr("y", row.y);
      cursor.attr("visibility", "visible").attr("x", x(from)).attr("y", row.y).attr("width", x(from + length) - x(from));
      const at = `${dayName(day(timeline.from, Math.floor(from / 24)))} ${two(from % 24)}:00–${two((from + length - 1) % 24 + 1)}:00`;
      const who = sim === undefined ? row.group : `${members.sim[sim]} (${members.operators[members.operator[sim]]}, ${page.decisions[members.decision[sim]]})`;
      const what = run ? `${run[2] < 0 ? "no IMEI" : `IMEI ${timeline.imeis[run[2]].replace("IMEI ", "")}`}, ${run[3] < 0 ? "no place" : `place ${run[3]}`}` : "silent";
      readout.textContent = `${who}, ${at}: ${what}`;
    };
    const pick = () => { const sim = here()?.[4] ?? ordered[chosen].sim; if (sim !== undefined) select(sim); };
    withCursor(svg, "Timeline of the cards", (sideways, down, picked) => {
      if (down) chosen = Math.max(0, Math.min(ordered.length - 1, chosen + down));
      const runs = ordered[chosen].runs;
      if (sideways > 0) hour = (runs.find((d) => d[0] > hour) ?? runs.at(-1))[0];
      else if (sideways < 0) hour = (runs.findLast((d) => d[0] + d[1] <= hour) ?? runs[0])[0];
      else if (down) hour = (runs.find((d) => hour < d[0] + d[1]) ?? runs.at(-1))[0];
      if (picked) pick();
      tell();
    });
    const place = (event) => {
      const [px, py] = d3.pointer(event);
      chosen = Math.max(0, Math.min(ordered.length - 1, Math.floor((py - top) / rowHeight)));
      hour = Math.max(0, Math.min(timeline.hours - 1, Math.floor(x.invert(px))));
      tell();
    };
    svg.on("pointermove", place).on("click", (event) => { place(event); pick(); }).on("focus", tell);
  };
  draw();
}

// What is a row, what gives it its group and each run its colour, and how a group is called.
function waysToSee(timeline, members, cards) {
  const imei = (key) => (key < 0 ? "no IMEI" : timeline.imeis[key]);
  const ports = new Map([...new Set(timeline.chains)].map((chain, i) => [chain, i]));
  const byMost = (of) => (row) => d3.least(d3.rollups(row.runs, (held) => d3.sum(held, (run) => run[1]), (run) => of(row, run)), (a, b) => b[1] - a[1] || a[0] - b[0])[0];
  const ofCards = (name, of, label) => ({name: `cards, coloured by ${name}`, rows: cards, of, key: byMost(of), label});
  const ways = {};
  if (timeline.imeis.length) ways.imei = ofCards("IMEI", (row, run) => run[2], imei);
  if (timeline.chains.length) ways.port = ofCards("port (who replaced whom)", (row) => ports.get(timeline.chains[row.index]), (key) => `port ${key + 1}`);
  ways.place = ofCards("place", (row, run) => (run[3] < 0 ? -1 : run[3] - 1), (key) => (key < 0 ? "no place" : `place ${key + 1}`));
  ways.operator = ofCards("operator", (row) => members.operator[row.sim], (key) => members.operators[key]);
  if (timeline.imeis.length) {
    ways.handset = {name: "IMEIs, coloured by card", rows: handsetRows(cards), of: (row, run) => run[4], key: (row) => row.handset, label: imei};
  }
  return ways;
}

// Each handset's runs, one after the other in a row; a second row where two cards showed it in one hour.
function handsetRows(cards) {
  const rows = [];
  for (const [handset, runs] of d3.group(cards.flatMap((row) => row.runs), (run) => run[2])) {
    const lanes = [];
    for (const run of d3.sort(runs, (d) => d[0], (d) => d[4])) {
      const lane = lanes.find((held) => held.at(-1)[0] + held.at(-1)[1] <= run[0]);
      if (lane) lane.push(run);
      else lanes.push([run]);
    }
    for (const lane of lanes) rows.push({handset, index: rows.length, runs: lane});
  }
  return rows;
}

function drawDays(svg, x, timeline, week, top, bottom) {
  const days = d3.range(0, timeline.hours / 24), each = Math.ceil(58 / (x(24) - x(0)));
  const bands = days.flatMap((d) => week.raid.map(([from, to]) => [d * 24 + from, d * 24 + to]));
  svg.append("path").attr("class", "raidband").attr("d", bands.map(([a, b]) => `M${x(a)},${top}H${x(b)}V${bottom}H${x(a)}Z`).join(""));
  svg.append("path").attr("class", "gridline").attr("d", [...days, days.length].map((d) => `M${x(d * 24)},${top - 4}V${bottom}`).join(""));
  svg.append("g").selectAll("text").data(days.filter((d) => d % each === 0)).join("text").attr("class", "muted").attr("y", 13)
    .attr("x", (d) => x(d * 24) + 3).text((d) => dayName(day(timeline.from, d)));
}

// (first hour, hours, IMEI, place, card) of each run.
function readRuns(flat, sim) {
  const runs = [];
  let end = 0;
  for (let i = 0; i < flat.length; i += 4) {
    const from = end + flat[i];
    runs.push([from, flat[i + 1], flat[i + 2], flat[i + 3], sim]);
    end = from + flat[i + 1];
  }
  return runs;
}

const short = (text) => (text.length > 18 ? `${text.slice(0, 17)}…` : text);
