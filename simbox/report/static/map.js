// Masts, sectors, regions and rigs, drawn from the cells themselves: no tiles, nothing fetched.
const sectorWidth = 120;
const metresPerDegree = 111194.93;

function wedge([lat, lon, azimuth, range]) {
  const east = metresPerDegree * Math.cos(lat * Math.PI / 180);
  const at = (angle) => [lon + range * Math.sin(angle * Math.PI / 180) / east, lat + range * Math.cos(angle * Math.PI / 180) / metresPerDegree];
  if (azimuth === null) return d3.range(0, 360, 15).map(at);
  return [[lon, lat], ...d3.range(-sectorWidth / 2, sectorWidth / 2 + 1, 15).map((turn) => at(azimuth + turn))];
}

function bounds(shapes) {
  const points = shapes.flat();
  const [west, east] = d3.extent(points, (d) => d[0]);
  const [south, north] = d3.extent(points, (d) => d[1]);
  return {type: "MultiPoint", coordinates: [[west, south], [east, north]]};
}

// Where pins stand side by side that would cover one another: each takes the free spot nearest to its own.
const pinRoom = 18;
function sideBySide(points) {
  const taken = [];
  return points.map(([x, y]) => {
    const spots = [[x, y], ...d3.range(1, 14).flatMap((ring) => d3.range(0, 6 * ring).map((i) => {
      const angle = i * Math.PI / 3 / ring;
      return [x + ring * pinRoom * Math.cos(angle), y + ring * pinRoom * Math.sin(angle)];
    }))];
    const spot = spots.find(([a, b]) => taken.every(([c, d]) => (a - c) ** 2 + (b - d) ** 2 >= pinRoom ** 2 - 1)) ?? [x, y];
    taken.push(spot);
    return spot;
  });
}

function degreesOf(value, step, [plus, minus]) {
  const decimals = Math.max(0, Math.ceil(-Math.log10(step)));
  return `${Math.abs(value).toFixed(decimals)}° ${value < 0 ? minus : plus}`;
}

// `pins` are {lat, lon, label, title, href}; without an href Enter only says the title.
function drawMap(figure, {masts, sectors, regions, pins, title, tall}) {
  const plot = figure.querySelector(".plot"), readout = figure.querySelector(".readout");
  const hint = readout.textContent;
  const circles = regions.map(([rank, lat, lon, radius, share, live]) => ({live, ring: wedge([lat, lon, null, radius])}));
  const shapes = circles.length ? circles.map((d) => d.ring) : [masts.map(([lat, lon]) => [lon, lat])];
  if (!shapes[0].length) {
    plot.textContent = "No cell of the run can be located.";
    return;
  }
  let behaviour, svg;
  const zoomBy = (factor, around) => behaviour.scaleBy(svg, factor, around);
  const buttons = [["+", "Zoom in", () => zoomBy(1.6)], ["−", "Zoom out", () => zoomBy(1 / 1.6)], ["Whole", "Show the whole map", () => behaviour.transform(svg, d3.zoomIdentity)]];
  d3.select(figure.querySelector(".controls")).selectAll("button").data(buttons).join("button")
    .attr("type", "button").attr("aria-label", (d) => d[1]).text((d) => d[0]).on("click", (event, d) => d[2]());
  let held = d3.zoomIdentity;
  onWidth(plot, (width) => {
    const height = Math.round(Math.min(tall, Math.max(260, width * 0.62)));
    plot.replaceChildren();
    const room = Math.min(40, width / 10);
    const projection = d3.geoMercator().fitExtent([[room, room], [width - room, height - room]], bounds(shapes));
    const home = (d) => projection([d.lon, d.lat]);
    const ring = (points) => `M${points.map((d) => projection(d).map((n) => n.toFixed(2)).join(",")).join("L")}Z`;
    svg = d3.select(plot).append("svg").attr("viewBox", [0, 0, width, height]).attr("role", "application").attr("tabindex", 0)
      .attr("aria-label", `${title}. Arrow keys move it, plus and minus zoom, 0 shows all of it.`);
    const grid = svg.append("path").attr("class", "gridline"), gridNames = svg.append("g");
    const world = svg.append("g");
    const dots = masts.map(([lat, lon]) => projection([lon, lat]).map((n) => n.toFixed(2)).join(","));
    world.append("path").attr("class", "masts").attr("stroke-width", 3).attr("d", dots.map((d) => `M${d}h0`).join(""));
    world.selectAll(".sector").data(sectors).join("path").attr("class", (d) => (d[4] ? "sector served" : "sector"))
      .attr("d", (d) => ring(wedge(d[4] ? d : [d[0], d[1], d[2], Math.min(d[3], 350)])));
    world.selectAll(".region").data(circles).join("path").attr("class", (d) => (d.live ? "region" : "region past")).attr("d", (d) => ring(d.ring));
    const leaders = svg.append("path").attr("class", "leader");
    const marks = svg.append("g").selectAll("a").data(pins).join("a").attr("class", "pin")
      .attr("href", (d) => d.href ?? null).attr("role", (d) => (d.href ? "link" : "img")).attr("aria-label", (d) => d.title)
      .attr("tabindex", (d, i) => (i === 0 ? 0 : -1))
      .on("focus pointerenter", (event, d) => { readout.textContent = d.title; })
      .on("blur pointerleave", () => { readout.textContent = hint; })
      .on("keydown", (event) => {
        const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
        if (!step) return;
        const nodes = marks.nodes(), next = nodes[(nodes.indexOf(event.currentTarget) + step + nodes.length) % nodes.length];
        marks.attr("tabindex", -1);
        next.setAttribute("tabindex", 0);
        next.focus();
        event.preventDefault();
        event.stopPropagation();
      });
    marks.append("circle").attr("r", 9);
    marks.append("text").attr("text-anchor", "middle").attr("dy", "0.34em").attr("class", (d) => (d.label > 99 ? "narrow" : null)).text((d) => d.label);
    const scale = svg.append("g").attr("transform", `translate(12,${height - 12})`);
    const scaleLine = scale.append("path").attr("class", "scalebar"), scaleText = scale.append("text").attr("y", -8);
    behaviour = d3.zoom().scaleExtent([0.02, 400]).on("zoom", ({transform}) => {
      held = transform;
      world.attr("transform", transform);
      const homes = pins.map((d) => transform.apply(home(d))), spots = sideBySide(homes);
      marks.attr("transform", (d, i) => `translate(${spots[i]})`);
      leaders.attr("d", homes.map((home, i) => `M${home}L${spots[i]}`).join(""));
      const [[west, north], [east, south]] = [[0, 0], [width, height]].map((corner) => projection.invert(transform.invert(corner)));
      const meridians = d3.ticks(west, east, width / 160), parallels = d3.ticks(south, north, height / 130);
      const column = (lon) => transform.apply(projection([lon, north]))[0], line = (lat) => transform.apply(projection([west, lat]))[1];
      grid.attr("d", [...meridians.map((lon) => `M${column(lon)},0V${height}`), ...parallels.map((lat) => `M0,${line(lat)}H${width}`)].join(""));
      const names = [
        ...meridians.map((lon) => ({x: column(lon) + 3, y: 12, text: degreesOf(lon, d3.tickStep(west, east, width / 160), "EW")})),
        ...parallels.map((lat) => ({x: 4, y: line(lat) - 3, text: degreesOf(lat, d3.tickStep(south, north, height / 130), "NS")})),
      ].filter((d) => d.y === 12 || (d.y > 22 && d.y < height - 34));
      gridNames.selectAll("text").data(names).join("text").attr("class", "muted").attr("x", (d) => d.x).attr("y", (d) => d.y).text((d) => d.text);
      const middle = projection.invert(transform.invert([width / 2, height / 2]));
      const perPixel = Math.cos(middle[1] * Math.PI / 180) * metresPerDegree * 180 / Math.PI / projection.scale() / transform.k;
      const length = d3.tickStep(0, perPixel * width / 3, 1);
      scaleLine.attr("d", `M0,-5v5h${length / perPixel}v-5`);
      scaleText.text(length >= 1000 ? `${count(length / 1000)} km` : `${count(length)} m`);
    }).filter((event) => {
      if (event.type === "wheel") return event.ctrlKey || event.metaKey || document.activeElement === svg.node();
      return event.touches ? event.touches.length > 1 : !event.button;
    });
    svg.call(behaviour).call(behaviour.transform, held);
    svg.on("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      // With a rig in focus the map zooms on it.
      const pin = event.target.closest(".pin"), around = pin ? held.apply(home(d3.select(pin).datum())) : undefined;
      const step = 50 / held.k;
      const moves = {ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step]};
      if (event.key in moves) behaviour.translateBy(svg, ...moves[event.key]);
      else if (event.key === "+" || event.key === "=") zoomBy(1.6, around);
      else if (event.key === "-") zoomBy(1 / 1.6, around);
      else if (event.key === "0") behaviour.transform(svg, d3.zoomIdentity);
      else return;
      event.preventDefault();
    });
  });
}

function drawOverviewMap(figure) {
  const placed = page.rigs.filter((rig) => rig.places.length);
  drawMap(figure, {
    title: "Map of the rigs", tall: 560, masts: page.masts,
    sectors: placed.flatMap((rig) => rig.sectors), regions: placed.flatMap((rig) => rig.places),
    pins: placed.map((rig) => ({
      lat: rig.places[0][1], lon: rig.places[0][2], label: rig.rank, href: `#${rig.id}`,
      title: `No. ${rig.rank}, ${rig.id}, ${rig.kind.replace("_", " ")}: ${plural(rig.cards, "card")} to act on, radio within ${count(rig.places[0][3])} m of ${rig.places[0][1].toFixed(5)}, ${rig.places[0][2].toFixed(5)} (90 %)`,
    })),
  });
}

function drawRigMap(figure, {map}) {
  const spots = new Map(map.sectors.map((d) => [`${d[0]},${d[1]}`, [d[0], d[1]]]));
  drawMap(figure, {
    title: "Map of the rig's places", tall: 420, masts: [...spots.values()], sectors: map.sectors, regions: map.places,
    pins: map.places.map(([rank, lat, lon, radius, share, live]) => ({
      lat, lon, label: rank,
      title: `Place ${rank}: within ${count(radius)} m of ${lat.toFixed(5)}, ${lon.toFixed(5)} (90 %), ${share} % of its events${live ? ", live in the last night" : ""}`,
    })),
  });
}
