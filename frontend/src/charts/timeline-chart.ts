import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { element, replaceContent } from "../dom";
import { formatPercent, gettext, interpolate } from "../text";
import { type Change, type Columns, findIsolated, toWholeRows } from "./columns";
import { drawEndLabel, drawWithheld } from "./draw";
import { formatMinuteSpan } from "./lesson-time";
import { formatChange, formatWithheld } from "./withheld-text";
import { onThemeChange, readTheme, type Theme } from "./theme";

const HEIGHT = 280;
const PRINT_WIDTH_PX = 660;

/** `<timeline-chart>`: engagement index, and a learner's coverage, over lesson time. */
export class TimelineChart extends HTMLElement {
  #columns: Columns | null = null;
  #chart: uPlot | null = null;
  #host = element("div", { class: "plot", role: "img" });
  #readout = element("p", { class: "readout small soft" });
  #abort: AbortController | null = null;

  connectedCallback(): void {
    replaceContent(this, this.#host, this.#readout);
    this.#abort = new AbortController();
    onThemeChange(() => this.#build(), this.#abort.signal);
    const watcher = new ResizeObserver(() => this.#fit());
    watcher.observe(this);
    this.#abort.signal.addEventListener("abort", () => watcher.disconnect());
    this.#build();
  }

  disconnectedCallback(): void {
    this.#abort?.abort();
    this.#chart?.destroy();
    this.#chart = null;
  }

  update(columns: Columns, summary: string): void {
    const before = this.#columns;
    this.#columns = columns;
    this.#host.setAttribute("aria-label", summary);
    if (this.#chart && !hasOtherSeries(columns, before)) {
      this.#chart.setData(toPlotData(columns));
      this.#showStatus(formatLegend(columns));
    } else if (this.isConnected) this.#build();
  }

  #build(): void {
    this.#chart?.destroy();
    this.#chart = null;
    if (!this.#columns || this.clientWidth === 0) return;
    const options = buildOptions(this.#columns, this.#width(), readTheme(this), {
      columns: () => this.#columns,
      hovered: (text) => this.#showStatus(text),
    });
    this.#chart = new uPlot(options, toPlotData(this.#columns), this.#host);
    this.#showStatus(formatLegend(this.#columns));
  }

  #fit(): void {
    if (!this.#chart) this.#build();
    else if (this.#chart.width !== this.#width())
      this.#chart.setSize({ width: this.#width(), height: HEIGHT });
  }

  #width(): number {
    return matchMedia("print").matches ? PRINT_WIDTH_PX : this.clientWidth;
  }

  #showStatus(text: string): void {
    this.#readout.textContent = text;
  }
}

function hasOtherSeries(columns: Columns, before: Columns | null): boolean {
  const describe = ({ change, coverage, rowMinutes }: Columns): string =>
    [change !== null, coverage !== null, rowMinutes >= MIN_POINT_MINUTES].join();
  return before === null || describe(columns) !== describe(before);
}

interface Hooks {
  columns: () => Columns | null;
  hovered: (text: string) => void;
}

/** Heights of the changes where levels are withheld. */
const CHANGE_HEIGHTS: Record<Change, number> = { lower: 0.25, similar: 0.5, higher: 0.75 };
/** Rows from this length on are marked by points. */
const MIN_POINT_MINUTES = 1;

/** Minutes, of a learner the coverage, and the index (or change), which is drawn on top. */
function toPlotData({ minutes, engagement, change, coverage }: Columns): uPlot.AlignedData {
  const heights = change?.map((value) => (value === null ? null : CHANGE_HEIGHTS[value]));
  return [minutes, ...(coverage ? [coverage] : []), heights ?? engagement];
}

function buildOptions(columns: Columns, width: number, theme: Theme, hooks: Hooks): uPlot.Options {
  const isRelative = columns.change !== null;
  return {
    width,
    height: HEIGHT,
    padding: [12, 30, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false },
    scales: {
      x: { time: false, range: () => toWholeRows(hooks.columns() ?? columns) },
      y: { range: isRelative ? [0, 1] : [0, 1.15] },
    },
    axes: [buildMinuteAxis(theme), buildValueAxis(theme, isRelative)],
    series: buildSeries(columns, theme),
    hooks: {
      drawClear: [(plot) => drawWithheld(plot, hooks.columns()?.withheld ?? [], theme)],
      draw: [(plot) => drawLabels(plot, columns, theme)],
      setCursor: [(plot) => hooks.hovered(formatCursor(plot, hooks.columns()))],
    },
  };
}

function buildSeries(columns: Columns, theme: Theme): uPlot.Series[] {
  const points: uPlot.Series.Points =
    columns.rowMinutes >= MIN_POINT_MINUTES
      ? { show: true, size: 8, fill: theme.accent }
      : { show: false, filter: listIsolatedPoints, size: 8 };
  return [
    {},
    ...(columns.coverage ? [buildCoverageSeries(theme)] : []),
    { stroke: theme.accent, width: 3, points },
  ];
}

function buildCoverageSeries(theme: Theme): uPlot.Series {
  const points = { show: false, filter: listIsolatedPoints, size: 8 };
  return { stroke: theme.soft, width: 1, dash: [2, 3], fill: theme.band, points };
}

function buildMinuteAxis(theme: Theme): uPlot.Axis {
  return {
    ...buildAxis(theme),
    space: 70,
    incrs: [1, 2, 5, 10, 15, 30, 60, 120],
    grid: { show: false },
    values: (_, splits) =>
      splits.map((at) =>
        Number.isInteger(at) ? interpolate(gettext("%(n)s min"), { n: at }) : "",
      ),
  };
}

function buildValueAxis(theme: Theme, isRelative: boolean): uPlot.Axis {
  const words = [gettext("lower"), gettext("same"), gettext("higher")];
  return {
    ...buildAxis(theme),
    size: 58,
    splits: () => (isRelative ? Object.values(CHANGE_HEIGHTS) : [0, 0.25, 0.5, 0.75, 1]),
    grid: { stroke: theme.line, width: 1 },
    values: (_, splits) => (isRelative ? words : splits.map(formatPercent)),
  };
}

function buildAxis(theme: Theme): uPlot.Axis {
  return { stroke: theme.soft, font: `15px ${theme.font}`, ticks: { stroke: theme.line } };
}

/** Points are drawn only for isolated values. */
function listIsolatedPoints(plot: uPlot, seriesIndex: number): number[] | null {
  const alone = findIsolated(plot.data[seriesIndex] as (number | null)[]);
  return alone.length ? alone : null;
}

/** Names the lines of a learner's chart; a class's has one. */
function drawLabels(plot: uPlot, columns: Columns, theme: Theme): void {
  if (!columns.coverage) return;
  const top = drawEndLabel(plot, 2, gettext("Engagement index"), theme.accent, theme, "above");
  drawEndLabel(plot, 1, gettext("Visible time"), theme.soft, theme, "below", top);
}

function formatCursor(plot: uPlot, columns: Columns | null): string {
  const at = plot.cursor.idx;
  if (!columns || at === null || at === undefined) return formatLegend(columns);
  if (columns.coverage)
    return interpolate(gettext("Minute %(minute)s: engagement index %(index)s, visible %(seen)s"), {
      minute: Math.floor(columns.minutes[at] ?? 0),
      index: formatShare(columns.engagement[at]),
      seen: formatShare(columns.coverage[at]),
    });
  const value = columns.change
    ? formatChange(columns.change[at])
    : formatShare(columns.engagement[at]);
  const middle = (columns.minutes[at] ?? 0) * 60;
  const span = formatMinuteSpan(middle - columns.rowMinutes * 30, columns.rowMinutes * 60);
  return interpolate(gettext("Minutes %(span)s: %(value)s"), { span, value });
}

function formatLegend(columns: Columns | null): string {
  if (!columns) return "";
  if (columns.coverage) return gettext("A gap means: not enough was visible.");
  const reasons = [...new Set(columns.withheld.map(({ reason }) => formatWithheld(reason)))];
  const why = reasons.join("; ");
  return why && interpolate(gettext("Hatched means: %(why)s."), { why });
}

function formatShare(share: number | null | undefined): string {
  return share === null || share === undefined ? gettext("unknown") : formatPercent(share);
}

customElements.define("timeline-chart", TimelineChart);
