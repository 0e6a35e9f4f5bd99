// Draws each dimension's levels over time as steps, from the table it names.
"use strict";
(() => {
  const holder = document.querySelector(".charts");
  if (!holder) return;
  const probe = document.createElement("span");
  document.body.append(probe);
  const css = (name) => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
  const day = (x) => new Date(x * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const number = (text) => (text === undefined ? null : Number(text));
  const HEIGHT = 150;

  const draw = (figure) => {
    const column = Number(figure.dataset.column);
    const top = Number(figure.dataset.top);
    const rows = [...document.getElementById(figure.dataset.table).tBodies[0].rows].map((row) => ({
      x: Number(row.cells[0].dataset.x),
      measured: number(row.cells[column].dataset.v),
      confirmed: number(row.cells[column].dataset.c),
    })).sort((a, b) => a.x - b.x);
    const plot = figure.querySelector(".plot");
    const steps = uPlot.paths.stepped({ align: 1 });
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const options = {
      width: plot.clientWidth, height: HEIGHT,
      tzDate: (x) => uPlot.tzDate(new Date(x * 1000), "Etc/UTC"),
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: true, range: (_, low, high) => [low - 86400, high] }, y: { range: () => [0, top + 0.3] } },
      axes: [
        { ...axis, grid: { show: false }, values: (_, xs) => xs.map(day), space: 70, size: 26 },
        { ...axis, size: 34, splits: () => [...Array(top + 1).keys()].slice(1), values: (_, ys) => ys.map((y) => `L${y}`) },
      ],
      series: [
        {},
        { stroke: css("--s1"), fill: css("--heat"), width: 2.5, paths: steps, points: { show: true, size: 6, fill: css("--s1"), filter: () => rows.map((_, n) => n) } },
        { stroke: css("--s0"), width: 2, dash: [6, 5], paths: steps, points: { show: false } },
      ],
    };
    // What holds last is drawn on for a little, so that the newest step is seen.
    const last = rows[rows.length - 1];
    const on = [...rows, { ...last, x: last.x + Math.max(86400, (last.x - rows[0].x) * 0.05) }];
    const data = [on.map((row) => row.x), on.map((row) => row.measured), on.map((row) => row.confirmed)];
    const made = new uPlot(options, data, plot);
    figure.dataset.drawn = String(rows.length);
    return made;
  };

  holder.hidden = false;
  const figures = [...holder.querySelectorAll("figure")];
  let drawn = figures.map(draw);
  const again = () => { drawn.forEach((chart) => chart.destroy()); drawn = figures.map(draw); };
  document.addEventListener("pawl:theme", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => drawn.forEach((chart, n) => chart.setSize({ width: figures[n].querySelector(".plot").clientWidth, height: HEIGHT })), 120); });
})();
