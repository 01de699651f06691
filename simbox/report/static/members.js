// Every card of the rig, a screenful at a time; all that match on paper.
const cardsAtOnce = 50, cardsOnPaper = 5000;

function drawMembers(section, {members}, select) {
  const controls = section.querySelector(".controls"), plot = d3.select(section.querySelector(".plot"));
  const order = d3.sort(d3.range(members.sim.length), (i) => (members.rank[i] < 0 ? Infinity : members.rank[i]), (i) => i);
  let decision = "", text = "", first = 0, chosen = -1;
  const decisions = page.decisions.map((name, i) => [String(i), name]).filter(([i]) => members.decision.includes(Number(i)));
  choose(controls, "Decision", [["", "all"], ...decisions], "", (value) => { decision = value; first = 0; fillRows(); });
  const find = d3.select(controls).append("label").text("Find ").append("input").attr("type", "search").attr("placeholder", "digits, operator")
    .on("input", (event) => { text = event.target.value.trim().toLowerCase(); first = 0; fillRows(); });
  find.attr("autocomplete", "off");
  const step = (label, by) => d3.select(controls).append("button").attr("type", "button").text(label).on("click", () => { first += by * cardsAtOnce; fillRows(); });
  const before = step("Previous", -1), after = step("Next", 1), state = d3.select(controls).append("output").attr("aria-live", "polite");
  const columns = [
    ["No.", (i) => (members.rank[i] < 0 ? "" : members.rank[i]), "number"], ["SIM", (i) => members.sim[i], "simname"],
    ["Number", (i) => members.msisdn[i], "nowrap"], ["Operator", (i) => members.operators[members.operator[i]]],
    ["Registration", (i) => page.registrations[members.registration[i]]], ["Decision", (i) => page.decisions[members.decision[i]]],
    ["State", (i) => page.states[members.state[i]]], ["Sure", (i) => `${(members.per_mille[i] / 10).toFixed(1)} %`, "number nowrap"],
    ["Evidence", (i) => members.evidence[i], "number"], ["Role", (i) => page.roles[members.role[i]]],
    ["Joined", (i) => instant(members.begins, members.joined[i]), "nowrap"], ["Silent since", (i) => instant(members.begins, members.left[i]), "nowrap"],
    ["Replaces", (i) => (members.replaces[i] < 0 ? "" : members.sim[members.replaces[i]]), "nowrap"],
  ].filter(([name]) => name !== "Replaces" || members.replaces.some((d) => d >= 0));
  const table = plot.append("table");
  table.append("thead").append("tr").selectAll("th").data(columns).join("th").attr("class", (d) => d[2] ?? null).attr("scope", "col").text((d) => d[0]);
  const body = table.append("tbody");
  function fillRows(all = false) {
    const matching = order.filter((i) => (!decision || members.decision[i] === Number(decision)) &&
      (!text || [members.sim[i], members.msisdn[i], members.operators[members.operator[i]]].some((d) => d.toLowerCase().includes(text))));
    first = Math.max(0, Math.min(first, Math.floor((matching.length - 1) / cardsAtOnce) * cardsAtOnce));
    const shown = all ? matching.slice(0, cardsOnPaper) : matching.slice(first, first + cardsAtOnce);
    body.selectAll("tr").data(shown, (i) => i).join("tr").order().attr("aria-selected", (i) => i === chosen).each(function (i) {
      const cells = d3.select(this).selectAll("td").data(columns).join("td").attr("class", (d) => d[2] ?? null);
      cells.filter((d) => d[0] !== "SIM").text((d) => d[1](i));
      cells.filter((d) => d[0] === "SIM").selectAll("button").data([i]).join("button").attr("type", "button").attr("class", "simname")
        .attr("title", "Show its evidence").text(members.sim[i]).on("click", () => select(i, true));
    });
    before.property("disabled", first === 0);
    after.property("disabled", first + cardsAtOnce >= matching.length);
    state.text(matching.length ? `${count(first + 1)}–${count(first + shown.length)} of ${plural(matching.length, "card")}` : "no card matches");
  }
  fillRows();
  return {
    mark: (sim) => { chosen = sim; body.selectAll("tr").attr("aria-selected", (i) => i === chosen); },
    print: (all) => fillRows(all),
  };
}
