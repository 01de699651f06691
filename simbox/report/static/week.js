// Cards live by weekday and hour, and the hours named for a raid.
function drawWeek(figure, {week}) {
  const plot = figure.querySelector(".plot"), readout = figure.querySelector(".readout");
  const most = d3.max(week.live.flatMap((row) => row ?? [])) || 1;
  const shown = d3.range(7).filter((d) => week.live[d]);
  let at = [shown[0] ?? 0, week.raid[0]?.[0] ?? 0];
  onWidth(plot, (width) => {
    const left = width > 430 ? 84 : 34, top = 20, side = (width - left - 6) / 24, tall = Math.max(18, Math.min(30, side));
    const height = top + 7 * tall + 6;
    plot.replaceChildren();
    const svg = d3.select(plot).append("svg").attr("viewBox", [0, 0, width, height]);
    const each = side > 22 ? 2 : 4;
    svg.append("g").selectAll("text").data(d3.range(0, 24, each)).join("text").attr("class", "muted").attr("y", 13)
      .attr("x", (d) => left + d * side + 1).text(two);
    svg.append("g").selectAll("text").data(weekdays).join("text").attr("x", 5).attr("y", (d, i) => top + i * tall + tall / 2 + 4)
      .attr("class", (d, i) => (week.live[i] ? "" : "muted")).text((d) => (left > 40 ? d : d.slice(0, 3)));
    const cells = d3.cross(d3.range(7), d3.range(24)).map(([d, h]) => ({d, h, live: week.live[d]?.[h]}));
    const box = (selection) => selection.attr("x", ({h}) => left + h * side).attr("y", ({d}) => top + d * tall).attr("width", side - 1).attr("height", tall - 1);
    svg.append("g").selectAll("rect").data(cells.filter((d) => d.live !== undefined)).join("rect").attr("class", "cell").call(box);
    svg.append("g").selectAll("rect").data(cells.filter((d) => d.live)).join("rect").attr("class", "heat").call(box)
      .attr("fill-opacity", ({live}) => (0.12 + 0.88 * live / most).toFixed(3));
    if (side >= 19) {
      svg.append("g").selectAll("text").data(cells.filter((d) => d.live)).join("text").attr("text-anchor", "middle")
        .attr("class", ({live}) => (live / most > 0.55 ? "onheat" : "offheat")).attr("x", ({h}) => left + (h + 0.5) * side - 0.5)
        .attr("y", ({d}) => top + d * tall + tall / 2 + 4).text(({live}) => (live < 9.95 && live % 1 ? live.toFixed(1) : Math.round(live)));
    }
    svg.append("g").selectAll("text").data(d3.range(7).filter((d) => !week.live[d])).join("text").attr("class", "muted")
      .attr("x", left + 6).attr("y", (d) => top + d * tall + tall / 2 + 4).text("no such night seen");
    svg.append("g").selectAll("rect").data(joined(week.raid)).join("rect").attr("class", "frame").attr("x", ([from]) => left + from * side - 1)
      .attr("y", top - 2).attr("width", ([from, to]) => (to - from) * side + 1).attr("height", 7 * tall + 3);
    const cursor = svg.append("rect").attr("class", "cursor").attr("width", side).attr("height", tall).attr("visibility", "hidden");
    const tell = () => {
      const [d, h] = at, live = week.live[d]?.[h];
      cursor.attr("visibility", "visible").attr("x", left + h * side - 0.5).attr("y", top + d * tall - 0.5);
      const raid = week.raid.some(([from, to]) => h >= from && h < to) ? ", in a raid window" : "";
      readout.textContent = `${weekdays[d]} ${two(h)}:00–${two(h + 1)}:00: ` +
        (live === undefined ? "no such night seen" : `${live} cards live on average over ${plural(week.nights[d], "night")}${raid}`);
    };
    withCursor(svg, "Hours of the week", (right, down) => {
      at = [Math.max(0, Math.min(6, at[0] + down)), Math.max(0, Math.min(23, at[1] + right))];
      tell();
    });
    svg.on("pointermove", (event) => {
      const [px, py] = d3.pointer(event);
      at = [Math.max(0, Math.min(6, Math.floor((py - top) / tall))), Math.max(0, Math.min(23, Math.floor((px - left) / side)))];
      tell();
    }).on("focus", tell);
  });
}

function joined(windows) {
  const whole = [];
  for (const [from, to] of d3.sort(windows, (d) => d[0])) {
    if (whole.length && whole.at(-1)[1] >= from) whole.at(-1)[1] = Math.max(to, whole.at(-1)[1]);
    else whole.push([from, to]);
  }
  return whole;
}
