import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { element, replaceContent } from "../dom";
import { labelWords, LABELS, type Label } from "../lesson/reading-words";
import { gettext, interpolate, percent } from "../text";
import { type Columns, rangeOf, wholeMinutes } from "./columns";
import { onThemeChange, type Theme, themeOf } from "./theme";

const HEIGHT = 72;
const PAPER_WIDTH = 310;

interface Small {
  label: Label;
  root: HTMLElement;
  host: HTMLElement;
  mean: HTMLElement;
  chart: uPlot | null;
}

/** `<expression-lines>`: eight small pictures on the same scale, each with its own name. */
export class ExpressionLines extends HTMLElement {
  #columns: Columns | null = null;
  #small: Small[] = [];
  #ending: AbortController | null = null;

  connectedCallback(): void {
    this.#small = LABELS.map(smallPicture);
    replaceContent(this, ...this.#small.map(({ root }) => root));
    this.#ending = new AbortController();
    onThemeChange(() => this.#build(), this.#ending.signal);
    const watcher = new ResizeObserver(() => this.#fit());
    watcher.observe(this);
    this.#ending.signal.addEventListener("abort", () => watcher.disconnect());
    this.#build();
  }

  disconnectedCallback(): void {
    this.#ending?.abort();
    for (const each of this.#small) each.chart?.destroy();
  }

  update(columns: Columns): void {
    this.#columns = columns;
    if (!this.isConnected) return;
    if (!this.#small[0]?.chart) this.#build();
    for (const each of this.#small) {
      each.chart?.setData(dataOf(columns, each.label));
      this.#describe(each, columns);
    }
  }

  #build(): void {
    const columns = this.#columns;
    if (!columns || this.clientWidth === 0) return;
    const theme = themeOf(this);
    for (const each of this.#small) {
      each.chart?.destroy();
      const options = optionsFor(this.#width(each), theme);
      each.chart = new uPlot(options, dataOf(columns, each.label), each.host);
      this.#describe(each, columns);
    }
  }

  #describe({ label, host, mean }: Small, columns: Columns): void {
    const range = rangeOf(columns.expressions[label]);
    mean.textContent = rangeWords(range);
    host.setAttribute("aria-label", `${labelWords(label)}: ${mean.textContent}`);
  }

  #fit(): void {
    for (const each of this.#small) {
      const width = this.#width(each);
      if (each.chart && each.chart.width !== width) each.chart.setSize({ width, height: HEIGHT });
    }
    if (!this.#small[0]?.chart) this.#build();
  }

  #width({ host }: Small): number {
    return matchMedia("print").matches ? PAPER_WIDTH : host.clientWidth;
  }
}

function smallPicture(label: Label): Small {
  const host = element("div", { class: "plot", role: "img" });
  const mean = element("span", { class: "soft" });
  const title = element("p", { class: "small-title" }, labelWords(label), mean);
  const root = element("div", { class: "small-picture" }, title, host);
  return { label, root, host, mean, chart: null };
}

function dataOf(columns: Columns, label: Label): uPlot.AlignedData {
  return [columns.minutes, columns.expressions[label]];
}

function optionsFor(width: number, theme: Theme): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    padding: [4, 0, 4, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: wholeMinutes },
      y: { range: [0, 1] },
    },
    axes: [
      { show: false },
      {
        show: true,
        size: 0,
        ticks: { show: false },
        values: () => [],
        splits: () => [0, 0.5, 1],
        grid: { stroke: theme.line, width: 1 },
      },
    ],
    series: [{}, { stroke: theme.accent, fill: theme.fill, width: 2, points: { show: false } }],
  };
}

function rangeWords(range: ReturnType<typeof rangeOf>): string {
  if (!range) return gettext("unknown");
  const [low, high] = [percent(range.low), percent(range.high)];
  return low === high ? low : interpolate(gettext("%(low)s to %(high)s"), { low, high });
}

customElements.define("expression-lines", ExpressionLines);

declare global {
  interface HTMLElementTagNameMap {
    "expression-lines": ExpressionLines;
  }
}
