import type {
  Consent,
  ConsentTextForm,
  Controller,
  Grants,
  NamedSupporter,
  PermissionEnum,
} from "../../api/schema";
import type { CaptureMode } from "../../capture/frame-encoder";
import { element, emit, focusHeading, quietButton, replaceContent } from "../../dom";
import { icon, isIcon } from "../../icons";
import { isEasyRead } from "../../page/browser-settings";
import { buildEasyToggle } from "../../page/easy-toggle";
import { gettext, interpolate, pageLanguage } from "../../text";
import {
  formatNamedSupporters,
  formatPermission,
  getQuestion,
  listQuestions,
  PERMISSIONS,
} from "./consent-questions";
import { selectConsentLocale, selectConsentText } from "./consent-text";
import { listRequiredPermissions } from "./permissions";

/** Detail of "agree". */
export interface ConsentDecision {
  grants: Grants;
  read: { locale: string; form: "standard" | "easy"; supporters: string[] };
}

/**
 * `<consent-form>`: one question a screen with two equal buttons, the whole text one click away,
 * then the answers. Emits "agree" with {grants, read}, "decline" where the answer to a question
 * that the camera needs is no, and "back".
 */
export class ConsentFormElement extends HTMLElement {
  consent: Consent | null = null;
  mode: CaptureMode = "frames";
  research = false;
  #answers = new Map<PermissionEnum, boolean>();
  #position = 0;
  #isTextOpen = false;
  #problem = element("p", { class: "field-error", role: "alert" });

  connectedCallback(): void {
    this.#render(false);
  }

  showProblem(text: string): void {
    this.querySelector('[data-testid="consent-agree"]')?.removeAttribute("aria-busy");
    replaceContent(this.#problem, icon("notice"), element("span", {}, text));
  }

  get #questions(): PermissionEnum[] {
    const support = this.#supporters().length > 0;
    return listQuestions(this.mode, { research: this.research, support });
  }

  #render(moveFocus = true): void {
    this.#problem.replaceChildren();
    const grant = this.#questions[this.#position];
    replaceContent(this, ...(grant ? this.#buildQuestion(grant) : this.#buildAnswers()));
    if (!moveFocus) return;
    focusHeading(this);
    globalThis.scrollTo(0, 0);
  }

  #buildQuestion(grant: PermissionEnum): (Node | null)[] {
    const text = this.#text();
    const { symbol, heading, body } = getQuestion(text, grant);
    const sign = element("span", { class: "consent-sign" }, isIcon(symbol) ? icon(symbol) : null);
    const answers = element(
      "div",
      { class: "row equal" },
      quietButton(gettext("Yes"), () => this.#answer(grant, true), "consent-yes"),
      quietButton(gettext("No"), () => this.#answer(grant, false), "consent-no"),
    );
    const isFirst = this.#position === 0;
    return [
      element("p", { class: "soft", "data-testid": "consent-progress" }, this.#formatProgress()),
      element(
        "section",
        { class: "consent-question", "data-testid": `question-${grant}` },
        sign,
        element("h1", {}, heading),
        element("p", { class: "lead" }, body),
        grant === "support_view"
          ? element("p", {}, formatNamedSupporters(this.#supporters()))
          : null,
        isFirst && this.consent?.ask_again ? buildChangeNote() : null,
        isFirst ? element("p", {}, formatFreedom()) : null,
        answers,
        this.#problem,
      ),
      element(
        "div",
        { class: "row" },
        quietButton(gettext("Back"), () => this.#goBack(), "consent-back"),
        buildEasyToggle(() => {
          this.#render(false);
          this.querySelector<HTMLElement>('[data-testid="explain-simply"]')?.focus();
        }),
      ),
      this.#buildText(text),
    ];
  }

  /** "Read it all": open or closed as on the question before. */
  #buildText(text: ConsentTextForm | null): HTMLElement {
    const details = element("details", { class: "consent-text", open: this.#isTextOpen });
    details.append(
      element("summary", { "data-testid": "consent-read-all" }, gettext("Read it all")),
      element("h2", {}, text?.title ?? gettext("Your camera in this lesson")),
      ...(text ? [element("p", {}, text.intro)] : []),
      element("dl", { class: "points" }, ...buildPoints(text?.points ?? [])),
      ...(this.#supporters().length ? [] : [element("p", {}, formatNoSupporters())]),
    );
    const controller = buildControllerList(this.consent?.responsible);
    if (controller) details.append(controller);
    details.addEventListener("toggle", () => (this.#isTextOpen = details.open));
    return details;
  }

  #buildAnswers(): (Node | null)[] {
    const rows = this.#questions.map((grant) =>
      element(
        "div",
        {},
        element("dt", {}, formatPermission(grant)),
        element("dd", {}, this.#answers.get(grant) ? gettext("Yes") : gettext("No")),
      ),
    );
    return [
      element("h1", {}, gettext("Your answers")),
      element("p", { class: "lead" }, gettext("You can change your mind at any time.")),
      element("dl", { class: "stored" }, ...rows),
      this.#problem,
      element(
        "div",
        { class: "row" },
        quietButton(gettext("Save and show me the preview"), () => this.#submit(), "consent-agree"),
        quietButton(gettext("Back"), () => this.#goBack(), "consent-back"),
      ),
    ];
  }

  #answer(grant: PermissionEnum, isGranted: boolean): void {
    this.#answers.set(grant, isGranted);
    if (!isGranted && listRequiredPermissions(this.mode).includes(grant)) {
      emit(this, "decline");
      return;
    }
    this.#position++;
    this.#render();
  }

  #goBack(): void {
    if (this.#position === 0) {
      emit(this, "back");
      return;
    }
    this.#position--;
    this.#render();
  }

  #submit(): void {
    this.querySelector('[data-testid="consent-agree"]')?.setAttribute("aria-busy", "true");
    this.#problem.replaceChildren();
    const grants = Object.fromEntries(
      PERMISSIONS.map((grant) => [grant, this.#answers.get(grant) ?? false]),
    ) as Grants;
    const supporters = this.#supporters().map(({ id }) => id);
    const read = {
      locale: selectConsentLocale(this.consent?.text ?? {}, pageLanguage()),
      form: isEasyRead() ? "easy" : "standard",
      supporters,
    };
    emit(this, "agree", { grants, read });
  }

  #formatProgress(): string {
    return interpolate(gettext("Question %(n)s of %(all)s"), {
      n: this.#position + 1,
      all: this.#questions.length,
    });
  }

  #text(): ConsentTextForm | null {
    return this.consent && selectConsentText(this.consent.text, pageLanguage(), isEasyRead());
  }

  #supporters(): NamedSupporter[] {
    return this.consent?.supporters ?? [];
  }
}

function buildChangeNote(): HTMLElement {
  return element(
    "p",
    { class: "note", "data-testid": "consent-changed" },
    icon("notice"),
    " ",
    gettext("The text or the rules have changed since you agreed, so we ask you again."),
  );
}

function buildPoints(points: ConsentTextForm["points"]): HTMLElement[] {
  return points.map(({ heading, body, symbol }) => {
    const sign = symbol && isIcon(symbol) ? icon(symbol) : null;
    return element("div", {}, element("dt", {}, sign, heading), element("dd", {}, body));
  });
}

function formatFreedom(): string {
  return gettext("You choose. The lesson is the same with and without the camera.");
}

function formatNoSupporters(): string {
  return gettext(
    "You have no support person, so only you see your numbers. If you get one later, we ask you first.",
  );
}

function buildControllerList(responsible: Controller | undefined): HTMLElement | null {
  const lines = [
    [gettext("Purpose"), responsible?.purpose],
    [gettext("Who is responsible"), responsible?.controller],
    [gettext("Contact"), responsible?.contact],
  ].filter(([, text]) => text);
  if (lines.length === 0) return null;
  const nodes = lines.map(([name, text]) =>
    element("div", {}, element("dt", {}, name ?? ""), element("dd", {}, text ?? "")),
  );
  return element("dl", { class: "stored small", "data-testid": "responsible" }, ...nodes);
}

customElements.define("consent-form", ConsentFormElement);
