import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import { areShortcutsOn } from "../page/browser-settings";
import { addShortcut } from "../page/shortcuts";
import { gettext } from "../text";

/**
 * `<chart-with-table>`: a chart with its table. The button switches this one, the key T all of the
 * page.
 */
export class ChartWithTable extends HTMLElement {
  #asTable = false;
  #title = element("h2");
  #about = element("p", { class: "soft" });
  #button = element("button", { type: "button", class: "quiet no-print" });
  #picture = element("div", { class: "picture" });
  #table = element("div", { class: "picture-table" });
  #removeShortcut: (() => void) | undefined;

  connectedCallback(): void {
    const head = element("div", { class: "figure-head" }, this.#title, this.#button);
    replaceContent(this, element("figure", {}, head, this.#about, this.#picture, this.#table));
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
    if (this.#title.textContent !== title) this.#title.textContent = title;
    if (this.#about.textContent !== about) this.#about.textContent = about;
  }

  /** Replaces the table; keeps the chart's node where it is the same. */
  show(picture: HTMLElement, table: HTMLElement): void {
    if (this.#picture.firstChild !== picture) replaceContent(this.#picture, picture);
    const scrolled = this.#table.firstElementChild?.scrollTop ?? 0;
    replaceContent(this.#table, table);
    table.scrollTop = scrolled;
    this.#button.hidden = false;
  }

  /** Shows why the data is withheld in place of the chart. */
  showWithheld(words: string): void {
    replaceContent(this.#picture, buildWithheldNote(words));
    replaceContent(this.#table);
    this.#button.hidden = true;
    this.#picture.hidden = false;
  }

  #toggle = (): void => {
    if (this.#button.hidden) return;
    this.#asTable = !this.#asTable;
    this.#render();
  };

  #render = (): void => {
    this.#picture.hidden = this.#asTable;
    this.#table.hidden = !this.#asTable;
    const words = this.#asTable ? gettext("Show the chart") : gettext("Show the table");
    const key = areShortcutsOn() ? element("kbd", { "aria-hidden": "true" }, "T") : null;
    if (areShortcutsOn()) this.#button.setAttribute("aria-keyshortcuts", "T");
    else this.#button.removeAttribute("aria-keyshortcuts");
    replaceContent(this.#button, icon(this.#asTable ? "chart" : "table"), words, key);
  };
}

export function buildWithheldNote(words: string): HTMLElement {
  return element("p", { class: "withheld" }, icon("notice"), element("span", {}, words));
}

customElements.define("chart-with-table", ChartWithTable);

declare global {
  interface HTMLElementTagNameMap {
    "chart-with-table": ChartWithTable;
  }
}
