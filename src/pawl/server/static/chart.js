// Draws each figure's chart from the table it names: one stack of bars a day.
"use strict";
(() => {
  const probe = document.createElement("span");
  const css = (name) => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
  document.body.append(probe);
  const dollars = (micros) => {
    const size = micros / 1e6;
    return "$" + size.toLocaleString("en", { minimumFractionDigits: size >= 1 || size === 0 ? 2 : 4, maximumFractionDigits: size >= 1 ? 2 : 4 });
  };
  const day = (x) => new Date(x * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

  const read = (table) => {
    const rows = [...table.tBodies[0].rows].map((row) => ({
      x: Number(row.cells[0].dataset.x),
      values: [...row.cells].filter((cell) => "v" in cell.dataset).map((cell) => Number(cell.dataset.v)),
    })).sort((a, b) => a.x - b.x);
    const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
    return { rows, names };
  };

  const draw = (figure) => {
    const { rows, names } = read(document.getElementById(figure.dataset.table));
    const plot = figure.querySelector(".plot");
    const count = rows.length ? rows[0].values.length : 0;
    if (!count) return null;
    figure.hidden = false;
    const sums = rows.map((row) => { let sum = 0; return row.values.map((value) => (sum += value)); });
    // The tallest stack is drawn first, so that each shorter one covers its foot.
    const order = [...Array(count).keys()].reverse();
    const data = [rows.map((row) => row.x), ...order.map((n) => sums.map((sum) => sum[n]))];
    const bars = uPlot.paths.bars({ size: [0.72, 56], radius: 0 });
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    const describe = (u) => {
      const at = u.cursor.idx;
      const row = at == null ? null : rows[at];
      tip.hidden = !row || !u.cursor.left || u.cursor.left < 0;
      if (tip.hidden) return;
      const line = (text, value, series) => {
        const item = document.createElement("div");
        if (series !== undefined) { item.className = `s${series}`; item.append(document.createElement("i")); }
        const label = document.createElement("span");
        label.textContent = text;
        const amount = document.createElement("b");
        amount.textContent = value;
        item.append(label, amount);
        return item;
      };
      const parts = row.values.map((value, n) => ({ value, n })).filter((part) => part.value > 0).reverse();
      tip.replaceChildren(line(day(row.x), dollars(row.values.reduce((a, b) => a + b, 0))));
      if (count > 1) tip.append(...parts.map((part) => line(names[part.n], dollars(part.value), part.n)));
      const left = u.valToPos(row.x, "x");
      const right = left > u.over.clientWidth / 2;
      tip.style.left = right ? "" : `${left + 14}px`;
      tip.style.right = right ? `${u.over.clientWidth - left + 14}px` : "";
    };
    const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const options = {
      width: plot.clientWidth, height: 230,
      tzDate: (x) => uPlot.tzDate(new Date(x * 1000), "Etc/UTC"),
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false, x: false, y: false }, points: { show: false } },
      scales: { x: { time: true, range: (_, low, high) => [low - 43200, high + 43200] }, y: { range: (_, __, high) => [0, Math.max(high * 1.08, 100)] } },
      axes: [
        { ...axis, grid: { show: false }, values: (_, xs) => xs.map(day), incrs: [1, 2, 7, 14, 28, 56, 91].map((n) => n * 86400), space: 64, size: 30 },
        { ...axis, size: 56, values: (_, ys) => ys.map((y) => { const v = y / 1e6; return "$" + (v >= 1 || v === 0 ? v.toLocaleString("en") : v.toPrecision(2).replace(/0+$/, "")); }) },
      ],
      series: [{}, ...order.map((n) => ({ fill: css(n === 5 ? "--soft" : `--s${n}`), width: 0, paths: bars, points: { show: false } }))],
      hooks: { setCursor: [describe], ready: [(u) => u.over.append(tip)] },
    };
    const made = new uPlot(options, data, plot);
    figure.dataset.drawn = String(count);
    return made;
  };

  const figures = [...document.querySelectorAll("figure.chart")];
  let drawn = figures.map(draw);
  const again = () => { drawn.forEach((chart) => chart?.destroy()); drawn = figures.map(draw); };
  document.addEventListener("pawl:theme", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => drawn.forEach((chart, n) => chart?.setSize({ width: figures[n].querySelector(".plot").clientWidth, height: 230 })), 120);
  });
})();
