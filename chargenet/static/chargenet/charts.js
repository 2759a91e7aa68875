// Draws each [data-chart] from the JSON beside it, in the colours of the theme.
/* global Plotly */
const SWEDISH = {
  moduleType: "locale",
  name: "sv",
  dictionary: { "Double-click to zoom back out": "Dubbelklicka för att zooma ut" },
  format: {
    days: ["söndag", "måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag"],
    shortDays: ["sön", "mån", "tis", "ons", "tor", "fre", "lör"],
    months: ["januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"],
    shortMonths: ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    decimal: ",",
    thousands: "\u202f",
    grouping: [3],
    currency: ["", " kr"],
    date: "%Y-%m-%d",
    year: "%Y",
    month: "%b %Y",
    dayMonth: "%-d %b",
    dayMonthYear: "%-d %b %Y",
  },
};
Plotly.register(SWEDISH);
const locale = document.documentElement.lang.startsWith("sv") ? "sv" : "en";
const SERIES = ["--cn-active", "--cn-ok", "--cn-wait", "--cn-held", "--cn-info", "--cn-muted"];

const draw = (element) => {
  const source = JSON.parse(document.getElementById(element.dataset.chart).textContent);
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const axis = {
    gridcolor: color("--cn-line"),
    linecolor: color("--cn-line"),
    zerolinecolor: color("--cn-field-line"),
    tickfont: { color: color("--cn-ink-3"), size: 12 },
    automargin: true,
    fixedrange: true,
    tickformat: ",~r",
  };
  const data = source.data.map((trace, index) => ({
    ...trace,
    marker: { color: color(SERIES[index % SERIES.length]), line: { width: 0 } },
    line: { color: color(SERIES[index % SERIES.length]), width: 2 },
  }));
  const layout = {
    ...source.layout,
    xaxis: { ...axis, ...(source.layout.xaxis.type === "date" ? { tickformat: undefined } : {}), ...source.layout.xaxis, showgrid: source.layout.xaxis.rangemode === "tozero" },
    yaxis: { ...axis, ...source.layout.yaxis, showgrid: source.layout.yaxis.rangemode === "tozero" },
    margin: { l: 8, r: 8, t: 8, b: 8 },
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    font: { family: getComputedStyle(document.body).fontFamily, color: color("--cn-ink-2"), size: 12 },
    hoverlabel: { bgcolor: color("--cn-surface"), bordercolor: color("--cn-field-line"), font: { color: color("--cn-ink") } },
    hovermode: "closest",
    bargap: 0.4,
    showlegend: data.length > 1,
    legend: { orientation: "h", y: 1.12, x: 0 },
    separators: locale === "sv" ? ",\u202f" : ".,",
  };
  Plotly.react(element, data, layout, { locale, responsive: true, displayModeBar: false });
};
const charts = document.querySelectorAll("[data-chart]");
for (const element of charts) draw(element);
document.addEventListener("themechange", () => charts.forEach(draw));
