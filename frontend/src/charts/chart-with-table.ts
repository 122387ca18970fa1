import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import { areShortcutsOn } from "../page/browser-settings";
import { addShortcut } from "../page/shortcuts";
import { gettext, interpolate } from "../text";

/**
 * `<chart-with-table>`: a chart with its table. The button switches this one, the key T all of the
 * page.
 */
export class ChartWithTable extends HTMLElement {
  #showsTable = false;
  #title = element("h2");
  #about = element("p", { class: "soft" });
  #summary = element("p", { class: "figure-summary" });
  #button = element("button", { type: "button", class: "quiet no-print" });
  #chart = element("div", { class: "picture" });
  #table = element("div", { class: "picture-table" });
  #removeShortcut: (() => void) | undefined;

  connectedCallback(): void {
    const head = element("div", { class: "figure-head" }, this.#title, this.#button);
    replaceContent(
      this,
      element("figure", {}, head, this.#about, this.#summary, this.#chart, this.#table),
    );
    this.#button.addEventListener("click", this.#toggle);
    this.#removeShortcut = addShortcut("t", this.#toggle);
    document.addEventListener("keys-changed", this.#render);
    this.#render();
  }

  disconnectedCallback(): void {
    this.#button.removeEventListener("click", this.#toggle);
    this.#removeShortcut?.();
    document.removeEventListener("keys-changed", this.#render);
  }

  describe(title: string, about: string): void {
    if (this.#title.textContent !== title) {
      this.#title.textContent = title;
      this.#render();
    }
    if (this.#about.textContent !== about) this.#about.textContent = about;
  }

  /** Replaces the table and the sentence; keeps the chart's node where it is the same. */
  show(picture: HTMLElement, table: HTMLElement, summary = ""): void {
    if (this.#summary.textContent !== summary) this.#summary.textContent = summary;
    this.#summary.hidden = summary === "";
    if (this.#chart.firstChild !== picture) replaceContent(this.#chart, picture);
    const scrollTop = this.#table.firstElementChild?.scrollTop ?? 0;
    replaceContent(this.#table, table);
    table.scrollTop = scrollTop;
    this.#button.hidden = false;
  }

  /** Shows why the data is withheld in place of the chart. */
  showWithheld(text: string): void {
    replaceContent(this.#chart, buildWithheldNote(text));
    replaceContent(this.#table);
    this.#summary.hidden = true;
    this.#button.hidden = true;
    this.#chart.hidden = false;
  }

  #toggle = (): void => {
    if (this.#button.hidden) return;
    this.#showsTable = !this.#showsTable;
    this.#render();
  };

  #render = (): void => {
    this.#chart.hidden = this.#showsTable;
    this.#table.hidden = !this.#showsTable;
    const title = this.#title.textContent;
    const text = interpolate(
      this.#showsTable ? gettext("Chart: %(title)s") : gettext("Table: %(title)s"),
      { title },
    );
    const key = areShortcutsOn() ? element("kbd", { "aria-hidden": "true" }, "T") : null;
    if (areShortcutsOn()) this.#button.setAttribute("aria-keyshortcuts", "T");
    else this.#button.removeAttribute("aria-keyshortcuts");
    replaceContent(this.#button, icon(this.#showsTable ? "chart" : "table"), text, key);
  };
}

export function buildWithheldNote(text: string): HTMLElement {
  return element("p", { class: "withheld" }, icon("notice"), element("span", {}, text));
}

customElements.define("chart-with-table", ChartWithTable);
