// Figures: the trend as a line over the table that is there without it.

const table = document.querySelector("#trend");
const place = document.querySelector("#trend-chart");

function read() {
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
  return { heads: heads.slice(1), labels: rows.map((row) => row[0]), rows };
}

function draw() {
  const { heads, labels, rows } = read();
  const dashes = ["solid", "dashed", "dotted"];
  const colours = ["#0b5d57", "#8a4b00", "#b3261e"];
  place.hidden = false;
  const chart = window.echarts.init(place);
  chart.setOption({
    animation: false,
    aria: { enabled: true },
    color: colours,
    grid: { left: 44, right: 16, top: 36, bottom: 28 },
    legend: { top: 0 },
    tooltip: { trigger: "axis" },
    xAxis: { type: "category", data: labels },
    yAxis: { type: "value", minInterval: 1 },
    series: heads.map((name, at) => ({
      name,
      type: "line",
      lineStyle: { type: dashes[at] },
      data: rows.map((row) => Number(row[at + 1].replaceAll(",", ""))),
    })),
  });
  new ResizeObserver(() => chart.resize()).observe(place);
}

if (table && place && table.tBodies[0].rows.length > 2 && window.echarts) draw();
