import type { Consent, MyReport } from "../api/schema";
import { SessionApi } from "../api/sessions";
import { element, focusHeading, replaceContent } from "../dom";
import { finishWithdrawal } from "../lesson/consent/pending-withdrawal";
import { canWithdraw } from "../lesson/consent/permissions";
import { buildErrorPanel } from "../page/error-panel";
import { formatDateTime, gettext, interpolate } from "../text";
import { buildLearnerCharts, formatModelLimits } from "./learner-charts";
import { buildActionsTable } from "./actions-table";
import { groupByMinute, type Minute } from "./minutes";
import { buildReportClock } from "./report-clock";
import "./learner-corrections";
import { formatFrameCounts } from "./frame-counts";
import { computeSeenTime, formatSeenTime } from "./seen-time";
import "./support-sharing";
import { formatViewers } from "./support-sharing";

/** `<my-page session="ID">`: a learner's camera data of one session, with withdrawal. */
class MyPage extends HTMLElement {
  #isDetailed = false;
  #api = new SessionApi(this.getAttribute("session") ?? "");

  connectedCallback(): void {
    this.addEventListener("erased", () => void this.#load(true));
    this.addEventListener("correction-changed", () => void this.#load(true));
    this.addEventListener("support-changed", () => void this.#load(false, "support-sharing h2"));
    void this.#load(false);
  }

  async #load(moveFocus: boolean, focusOn = ""): Promise<void> {
    try {
      await finishWithdrawal(this.#api);
      const [consent, report] = await Promise.all([
        this.#api.getConsent(),
        this.#api.getMyReport(),
      ]);
      replaceContent(this, ...this.#buildContent(consent, report));
    } catch (error) {
      replaceContent(
        this,
        buildErrorPanel(error, () => void this.#load(true)),
      );
    }
    if (moveFocus) focusHeading(this);
    if (focusOn) this.querySelector<HTMLElement>(focusOn)?.focus();
    if (location.hash === "#withdraw")
      this.querySelector("withdraw-consent button")?.scrollIntoView();
  }

  #buildContent(consent: Consent, report: MyReport): (Node | null)[] {
    const hasData = report.windows.length > 0;
    const clock = buildReportClock(report);
    const minutes = groupByMinute(report.windows, report.actions, clock);
    return [
      element("p", { class: "soft" }, report.lesson),
      element("h1", {}, gettext("My page of this lesson")),
      hasData ? this.#buildSummary(report, consent) : this.#buildEmpty(consent),
      report.actions.length
        ? element(
            "section",
            { class: "card" },
            element("h2", {}, gettext("What you did")),
            buildActionsTable(minutes),
          )
        : null,
      hasData ? this.#buildDetails(report, minutes, clock) : null,
      consent.supporters.length ? this.#buildSupport(consent) : null,
      hasData || canWithdraw(consent) ? this.#buildWithdraw() : null,
      this.#renderActions(),
    ];
  }

  #buildSummary(report: MyReport, consent: Consent): HTMLElement {
    const until = interpolate(gettext("These numbers are saved until %(when)s at the latest."), {
      when: report.kept_until ? formatDateTime(report.kept_until) : "–",
    });
    return element(
      "div",
      { class: "stack" },
      element("p", { class: "lead" }, formatSeenTime(computeSeenTime(report.windows))),
      element("p", {}, formatFrameCounts(report.windows)),
      element("p", {}, formatViewers(consent.supporters), " ", until),
    );
  }

  #buildEmpty(consent: Consent): HTMLElement {
    const text = consent.erased
      ? interpolate(gettext("Your data was deleted. Receipt: %(receipt)s"), {
          receipt: consent.receipt,
        })
      : gettext("Your camera was not used in this lesson.");
    return element("p", { class: "lead", "data-testid": "nothing-kept" }, text);
  }

  /** Names of expressions and the index, closed until the learner opens it. */
  #buildDetails(report: MyReport, minutes: Minute[], clock: (time: string) => number): HTMLElement {
    const corrections = element("learner-corrections");
    corrections.api = this.#api;
    corrections.show(minutes.filter(({ starts }) => starts.length > 0));
    const charts = buildLearnerCharts(report.windows, clock, {
      index: gettext("My engagement index over time"),
      expressions: gettext("My expressions as the computer guessed them"),
    });
    const details = element("details", { class: "card", open: this.#isDetailed });
    details.append(
      element(
        "summary",
        { "data-testid": "my-details" },
        gettext("Details: what the computer guessed about your face"),
      ),
      element("p", { class: "note" }, formatModelLimits()),
      corrections,
      charts,
    );
    details.addEventListener("toggle", () => (this.#isDetailed = details.open));
    return details;
  }

  #buildSupport(consent: Consent): HTMLElement {
    const choice = Object.assign(element("support-sharing"), { api: this.#api, consent });
    return element("section", { class: "card", id: "support" }, choice);
  }

  #buildWithdraw(): HTMLElement {
    const withdraw = element("withdraw-consent");
    withdraw.api = this.#api;
    return element(
      "section",
      { class: "way-out", id: "withdraw" },
      element("h2", {}, gettext("Withdraw consent")),
      element("p", {}, gettext("You can delete all this data now. You get a receipt.")),
      withdraw,
    );
  }

  /** A learner who left the course has no access to the lesson. */
  #renderActions(): HTMLElement {
    const href = `/sessions/${this.getAttribute("session") ?? ""}/`;
    const all = { href: "/my-data/", "data-testid": "my-data" };
    return element(
      "div",
      { class: "way-out" },
      element("p", {}, element("a", all, gettext("My data: download or delete it"))),
      this.hasAttribute("left")
        ? null
        : element("p", {}, element("a", { href }, gettext("Back to the lesson"))),
    );
  }
}

customElements.define("my-page", MyPage);
