import { SessionApi } from "../api/sessions";
import type { ConsentInfo, MyReport, SessionInfo } from "../api/types";
import { element, focusHeading, replaceContent } from "../dom";
import { canWithdraw } from "../lesson/stages";
import { errorPanel } from "../page/error-panel";
import { dayAndTime, gettext, interpolate } from "../text";
import { learnerFigures, modelLimits } from "./figures";
import { minutesOf } from "./minutes";
import "./own-words";
import { picturesSentence } from "./pictures";
import { seenSentence, seenTime } from "./seen-time";
import "./support-choice";
import { whoSeesWords } from "./support-choice";

/** `<my-page session="…">`: all that is kept of one learner's face, and how to be rid of it. */
class MyPage extends HTMLElement {
  #api = new SessionApi(this.getAttribute("session") ?? "");

  connectedCallback(): void {
    this.addEventListener("erased", () => void this.#load(true));
    this.addEventListener("own-word", () => void this.#load(true));
    this.addEventListener("support-changed", () => void this.#load(false, "support-choice h2"));
    void this.#load(false);
  }

  async #load(moveFocus: boolean, focusOn = ""): Promise<void> {
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
    if (focusOn) this.querySelector<HTMLElement>(focusOn)?.focus();
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
      any ? this.#summary(report, consent) : this.#empty(consent),
      any ? this.#figures(session, report) : null,
      any ? this.#ownWords(session, report) : null,
      consent.supporters.length ? this.#support(consent) : null,
      any || canWithdraw(consent) ? this.#withdraw() : null,
      this.#ways(session),
    ];
  }

  #summary(report: MyReport, consent: ConsentInfo): HTMLElement {
    const until = interpolate(gettext("These numbers are deleted on %(when)s at the latest."), {
      when: report.kept_until ? dayAndTime(report.kept_until) : "–",
    });
    return element(
      "div",
      { class: "stack" },
      element("p", { class: "lead" }, seenSentence(seenTime(report.windows))),
      element("p", {}, picturesSentence(report.windows)),
      element("p", {}, whoSeesWords(consent.supporters), " ", until),
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
    return learnerFigures(report.windows, session.started_at, {
      index: gettext("Your engagement index over time"),
      expressions: gettext("What your expressions looked like to the computer"),
    });
  }

  #ownWords(session: SessionInfo, report: MyReport): HTMLElement {
    const words = element("own-words");
    words.api = this.#api;
    words.show(minutesOf(report.windows, session.started_at));
    return element("section", { class: "card" }, words);
  }

  #support(consent: ConsentInfo): HTMLElement {
    const choice = Object.assign(element("support-choice"), { api: this.#api, consent });
    return element("section", { class: "card", id: "support" }, choice);
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

customElements.define("my-page", MyPage);
