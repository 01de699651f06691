// Small things that all charts say alike.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const page = read("data");
const colours = 10;
const fill = (number) => (number < 0 ? "fnone" : `f${number % colours}`);
const stroke = (number) => `s${number % colours}`;
const count = (number) => number.toLocaleString("en-GB");
const two = (number) => String(number).padStart(2, "0");
const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;
const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const day = (first, days) => new Date(Date.parse(`${first}T00:00Z`) + days * 86400000);
const dayName = (date) => `${weekdays[(date.getUTCDay() + 6) % 7].slice(0, 3)} ${date.getUTCDate()} ${date.toLocaleString("en-GB", {month: "short", timeZone: "UTC"})}`;
const instants = new Intl.DateTimeFormat("sv-SE", {timeZone: page.zone, dateStyle: "short", timeStyle: "short"});
const instant = (begins, minutes) => (minutes < 0 ? "" : instants.format(new Date(Date.parse(begins) + minutes * 60000)));

// A chart fills the width it has; it is drawn again when that changes.
function onWidth(element, draw) {
  let width = 0;
  const redraw = () => {
    const now = Math.floor(element.clientWidth);
    if (now > 0 && now !== width) draw((width = now));
  };
  new ResizeObserver(() => requestAnimationFrame(redraw)).observe(element);
  redraw();
}

function choose(controls, title, options, chosen, change) {
  const label = d3.select(controls).append("label").text(`${title} `);
  const select = label.append("select").on("change", (event) => change(event.target.value));
  select.selectAll("option").data(options).join("option").attr("value", (d) => d[0]).text((d) => d[1])
    .property("selected", (d) => d[0] === chosen);
  return select.node();
}
