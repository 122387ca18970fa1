import type { CameraStatus } from "../../capture/camera-status";
import type { Quality, Reading } from "../../capture/protocol";
import { element, emit, replaceContent } from "../../dom";
import { formatPercent, gettext } from "../../text";
import { formatLabel, formatQuality, LABELS } from "../../reading-text";

const ANNOUNCE_AFTER_MS = 2_500;
const STALE_AFTER_MS = 8_000;

interface Bar {
  row: HTMLElement;
  fill: HTMLElement;
  value: HTMLElement;
}

/**
 * `<live-reading>`: the learner's current reading with its limits. Emits "show-readings" with
 * {on}.
 */
export class LiveReading extends HTMLElement {
  #on = true;
  #quality: Quality | null = null;
  #announced: Quality | null = null;
  #announceTimer: ReturnType<typeof setTimeout> | undefined;
  #staleTimer: ReturnType<typeof setTimeout> | undefined;
  #words = element("p", { class: "reading-quality", "data-testid": "reading-quality" });
  #announcement = element("p", { class: "visually-hidden", role: "status" });
  #bars = new Map<string, Bar>();
  #index = bar(gettext("Engagement index"));
  #content = element("div", { class: "reading-content" });
  #toggle = element("button", { type: "button", class: "plain", "data-testid": "toggle-reading" });

  connectedCallback(): void {
    for (const label of LABELS) this.#bars.set(label, bar(formatLabel(label)));
    const list = element("div", { class: "bars" }, ...[...this.#bars.values()].map((b) => b.row));
    const index = element("div", { class: "bars index" }, this.#index.row);
    const doubt = gettext(
      "The computer guesses from one picture how a face looks. It is often wrong. It cannot know how you feel.",
    );
    replaceContent(
      this.#content,
      this.#words,
      list,
      index,
      element("p", { class: "doubt" }, doubt),
    );
    this.#toggle.addEventListener("click", () => this.#switch(!this.#on));
    const title = element("h2", { class: "aside-title" }, gettext("What the computer guesses"));
    replaceContent(this, title, this.#content, this.#toggle, this.#announcement);
    this.showPlaceholder("starting");
    this.#switch(true, false);
  }

  disconnectedCallback(): void {
    clearTimeout(this.#announceTimer);
    clearTimeout(this.#staleTimer);
  }

  show(reading: Reading): void {
    clearTimeout(this.#staleTimer);
    this.#staleTimer = setTimeout(() => this.showPlaceholder("on"), STALE_AFTER_MS);
    this.#words.textContent = formatQuality(reading.quality);
    this.#words.dataset["quality"] = reading.quality;
    this.#announceWhenStable(reading.quality);
    for (const [label, item] of this.#bars) fill(item, reading.scores?.[label] ?? null);
    fill(this.#index, reading.engagement);
    this.toggleAttribute("data-empty", reading.scores === null);
  }

  /** Clears the reading while the camera is not sending. */
  showPlaceholder(sign: CameraStatus): void {
    clearTimeout(this.#announceTimer);
    clearTimeout(this.#staleTimer);
    this.#quality = this.#announced = null;
    delete this.#words.dataset["quality"];
    this.#announcement.textContent = "";
    this.#words.textContent =
      sign === "starting" || sign === "on"
        ? gettext("Waiting for a result.")
        : gettext("The camera is not being analysed.");
    for (const item of [...this.#bars.values(), this.#index]) fill(item, null);
    this.setAttribute("data-empty", "");
  }

  #switch(on: boolean, tell = true): void {
    this.#on = on;
    this.#content.hidden = !on;
    this.#toggle.textContent = on ? gettext("Hide") : gettext("Show the computer's guesses");
    if (tell) emit(this, "show-readings", { on });
  }

  /** Announces only a quality that lasts, since readings arrive twice a second. */
  #announceWhenStable(quality: Quality): void {
    if (quality === this.#quality) return;
    this.#quality = quality;
    clearTimeout(this.#announceTimer);
    this.#announceTimer = setTimeout(() => {
      if (quality === this.#announced || !this.#on) return;
      this.#announced = quality;
      this.#announcement.textContent = formatQuality(quality);
    }, ANNOUNCE_AFTER_MS);
  }
}

function bar(text: string): Bar {
  const fillNode = element("span", { class: "bar-fill" });
  const value = element("span", { class: "bar-value" });
  const track = element("span", { class: "bar-track", "aria-hidden": "true" }, fillNode);
  const row = element("div", { class: "bar" }, element("span", {}, text), track, value);
  return { row, fill: fillNode, value };
}

function fill(item: Bar, share: number | null): void {
  item.fill.style.width = `${(share ?? 0) * 100}%`;
  item.value.textContent = share === null ? "–" : formatPercent(share);
}

customElements.define("live-reading", LiveReading);
