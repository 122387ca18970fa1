import { SessionApi } from "../api/sessions";
import type { ConsentInfo, MyReport, SessionInfo } from "../api/types";
import { columnsOf } from "../charts/columns";
import { expressionTable, timelineTable } from "../charts/timeline-table";
import { element, focusHeading, replaceContent } from "../dom";
import { canWithdraw } from "../lesson/stages";
import { errorPanel } from "../page/error-panel";
import { dayAndTime, gettext, interpolate } from "../text";
import { minutesOf } from "./minutes";
import "./own-words";
import { picturesSentence, picturesTable } from "./pictures";
import { seenSentence, seenTime } from "./seen-time";

/** `<my-page session="…">`: all that is kept of one learner's face, and how to be rid of it. */
class MyPage extends HTMLElement {
  #api = new SessionApi(this.getAttribute("session") ?? "");

  connectedCallback(): void {
    this.addEventListener("erased", () => void this.#load(true));
    this.addEventListener("own-word", () => void this.#load(true));
    void this.#load(false);
  }

  async #load(moveFocus: boolean): Promise<void> {
    try {
      const [session, consent, report] = await Promise.all([
        this.#api.session(),
        this.#api.consent(),
        this.#api.myReport(),
      ]);
      replaceContent(this, ...this.#content(session, consent, report));
    } catch (error) {
      replaceContent(
        this,
        errorPanel(error, () => void this.#load(true)),
      );
    }
    if (moveFocus) focusHeading(this);
    if (location.hash === "#withdraw")
      this.querySelector("withdraw-consent button")?.scrollIntoView();
  }

  #content(session: SessionInfo, consent: ConsentInfo, report: MyReport): (Node | null)[] {
    const any = report.windows.length > 0;
    return [
      element("p", { class: "soft" }, session.lesson.title),
      element(
        "h1",
        {},
        any ? gettext("What was seen, and how little") : gettext("Nothing is kept"),
      ),
      any ? this.#summary(report) : this.#empty(consent),
      any ? this.#figures(session, report) : null,
      any ? this.#ownWords(session, report) : null,
      any || canWithdraw(consent) ? this.#withdraw() : null,
      this.#ways(session),
    ];
  }

  #summary(report: MyReport): HTMLElement {
    const until = interpolate(gettext("These numbers are deleted on %(when)s at the latest."), {
      when: report.kept_until ? dayAndTime(report.kept_until) : "–",
    });
    return element(
      "div",
      { class: "stack" },
      element("p", { class: "lead" }, seenSentence(seenTime(report.windows))),
      element("p", {}, picturesSentence(report.windows)),
      element("p", {}, gettext("Only you see this page. Your teacher does not."), " ", until),
      element("p", { class: "note" }, modelLimits()),
    );
  }

  #empty(consent: ConsentInfo): HTMLElement {
    const gone = consent.erased
      ? interpolate(gettext("It was deleted. Receipt: %(receipt)s"), { receipt: consent.receipt })
      : gettext("Nothing was read from your camera in this lesson.");
    return element("p", { class: "lead", "data-testid": "nothing-kept" }, gone);
  }

  #figures(session: SessionInfo, report: MyReport): HTMLElement {
    const columns = columnsOf(report.windows, session.started_at);
    const timeline = element("timeline-chart");
    const lines = element("expression-lines");
    timeline.update(columns, gettext("Your engagement index over lesson time."));
    lines.update(columns);
    const over = element("figure-with-table");
    const expressions = element("figure-with-table");
    const pictures = element("section", { class: "card" }, picturesTable(report.windows));
    over.describe(
      gettext("Your engagement index over time"),
      gettext("The line is the index; the band is how much could be seen."),
    );
    expressions.describe(
      gettext("What your expressions looked like to the computer"),
      gettext("Shares in each ten seconds, on the same scale from 0 to 100%."),
    );
    over.show(timeline, timelineTable(report.windows, session.started_at));
    expressions.show(lines, expressionTable(report.windows, session.started_at));
    return element("div", { class: "figures" }, over, expressions, pictures);
  }

  #ownWords(session: SessionInfo, report: MyReport): HTMLElement {
    const words = element("own-words");
    words.api = this.#api;
    words.show(minutesOf(report.windows, session.started_at));
    return element("section", { class: "card" }, words);
  }

  #withdraw(): HTMLElement {
    const withdraw = element("withdraw-consent");
    withdraw.api = this.#api;
    return element(
      "section",
      { class: "way-out", id: "withdraw" },
      element("h2", {}, gettext("Take it back")),
      element("p", {}, gettext("You can delete all of this now. You get a receipt.")),
      withdraw,
    );
  }

  #ways(session: SessionInfo): HTMLElement {
    const href = `/sessions/${session.id}/`;
    const all = { href: "/my-data/", "data-testid": "my-data" };
    return element(
      "div",
      { class: "way-out" },
      element("p", {}, element("a", all, gettext("Everything held on you: save or delete it"))),
      element("p", {}, element("a", { href }, gettext("To the lesson"))),
    );
  }
}

function modelLimits(): string {
  return gettext(
    "The computer guesses from pictures how a face looks. It is often wrong, and it cannot tell what you felt or thought. It learned from pictures of adults and is wrong more often with children and with people who move their faces differently.",
  );
}

customElements.define("my-page", MyPage);
