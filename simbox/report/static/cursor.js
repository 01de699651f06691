// One focusable picture with a cursor: arrow keys move it, the line below says what is there.
function withCursor(svg, title, move) {
  svg.attr("tabindex", 0).attr("role", "application").attr("aria-label", `${title}. Arrow keys move, Enter chooses.`)
    .on("keydown", (event) => {
      const steps = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key in steps) move(...steps[event.key], false);
      else if (event.key === "Enter" || event.key === " ") move(0, 0, true);
      else return;
      event.preventDefault();
    });
}
