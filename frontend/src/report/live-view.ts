import type { Live, LiveStep, Report } from "../api/schema";
import { SessionApi } from "../api/sessions";
import { element, focusHeading, replaceContent } from "../dom";
import { icon } from "../icons";
import { buildErrorPanel } from "../page/error-panel";
import { formatTime, gettext, interpolate } from "../text";
import { formatStepLabel } from "./live-panel";
import { formatAsked, formatOnStep, formatPlace, formatReleasedAt, formatStuck } from "./live-text";

const POLL_INTERVAL_MS = 10_000;

/** `<live-view session="ID">`: the class now, readable from across a room; no names. */
class LiveView extends HTMLElement {
  #api = new SessionApi(this.getAttribute("session") ?? "");
  #timer: ReturnType<typeof setTimeout> | undefined;
  #shown: Report | null = null;
  #stale = element("p", { role: "status", class: "soft" });

  connectedCallback(): void {
    void this.#load();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
  }

  async #load(): Promise<void> {
    try {
      const report = await this.#api.getReport();
      this.#stale.textContent = "";
      this.#show(report);
    } catch (error) {
      if (this.#shown === null) {
        const panel = buildErrorPanel(error, () => void this.#load());
        replaceContent(this, panel);
        focusHeading(this);
        return;
      }
      this.#stale.textContent = interpolate(
        gettext("No connection to the server since %(time)s."),
        { time: formatTime(new Date().toISOString()) },
      );
    }
    if (this.#shown?.live) this.#timer = setTimeout(() => void this.#load(), POLL_INTERVAL_MS);
  }

  #show(report: Report): void {
    const isSame = JSON.stringify(report.live) === JSON.stringify(this.#shown?.live);
    this.#shown = report;
    if (isSame && this.contains(this.#stale)) return;
    document.title = `${report.title} – fer-lms`;
    const { live } = report;
    replaceContent(
      this,
      element("p", { class: "soft live-lesson" }, report.title),
      ...(live ? buildLive(live, report.live_seconds) : [buildClosed()]),
      this.#stale,
      element(
        "p",
        { class: "no-print" },
        element(
          "a",
          { href: `/sessions/${this.#api.sessionId}/report/` },
          gettext("Back to the report"),
        ),
      ),
    );
  }
}

function buildClosed(): HTMLElement {
  return element("h1", { "data-testid": "live-place" }, gettext("This lesson is closed."));
}

function buildLive(live: Live, seconds: number): HTMLElement[] {
  const stuck = live.steps.filter(({ may_be_stuck }) => may_be_stuck);
  return [
    element(
      "div",
      { role: "status" },
      element("h1", { "data-testid": "live-place" }, formatPlace(live)),
      ...stuck.map((step) =>
        element(
          "p",
          { class: "live-stuck" },
          icon("notice"),
          element("span", {}, formatStuck(step)),
        ),
      ),
    ),
    element("ol", { class: "live-steps" }, ...live.steps.map(buildStep)),
    element("p", { class: "small soft" }, formatReleasedAt(live, seconds)),
  ];
}

function buildStep(step: LiveStep): HTMLElement {
  const onStep = formatOnStep(step.on_step);
  const asked = formatAsked(step.asked_for_hint);
  return element(
    "li",
    { class: `live-step ${step.on_step ? `on-${step.on_step}` : ""}` },
    element("h2", {}, formatStepLabel(step)),
    element("p", {}, step.title),
    onStep ? buildNote("person", onStep) : null,
    asked
      ? buildNote("ask", interpolate(gettext("asked for a hint: %(who)s"), { who: asked }))
      : null,
    step.may_be_stuck ? buildNote("notice", gettext("several may be stuck")) : null,
  );
}

function buildNote(name: "person" | "ask" | "notice", text: string): HTMLElement {
  return element("p", { class: "live-note" }, icon(name), element("span", {}, text));
}

customElements.define("live-view", LiveView);
