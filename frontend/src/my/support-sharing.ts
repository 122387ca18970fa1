import { ApiProblem } from "../api/http";
import type { Consent, NamedSupporter } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import { emit, element, replaceContent } from "../dom";
import { gettext, interpolate, formatNameList } from "../text";

/**
 * `<support-sharing>`: the learner's support persons and whether they have access. Emits "support-
 * changed".
 */
export class SupportSharing extends HTMLElement {
  api: SessionApi | null = null;
  consent: Consent | null = null;
  #problem = element("p", { class: "field-error", role: "alert" });

  connectedCallback(): void {
    if (!this.consent) return;
    const { supporters } = this.consent;
    const see = supporters.filter(({ sees }) => sees);
    const not = supporters.filter(({ sees }) => !sees);
    replaceContent(
      this,
      element("h2", { tabindex: "-1" }, gettext("Support persons")),
      see.length ? element("p", { "data-testid": "support-sees" }, formatSeeing(see)) : null,
      not.length ? element("p", { "data-testid": "support-sees-not" }, formatNotSeeing(not)) : null,
      element("div", { class: "row" }, this.#yes(not), this.#no(see)),
      this.#problem,
    );
  }

  #yes(not: NamedSupporter[]): HTMLElement | null {
    const may = ["granted", "pending_guardian"].includes(this.consent?.state ?? "");
    if (!may || not.length === 0) return null;
    const words = interpolate(gettext("Share with %(names)s"), { names: names(not) });
    return this.#button(words, "support-yes", true);
  }

  #no(see: NamedSupporter[]): HTMLElement | null {
    return see.length ? this.#button(gettext("Stop sharing"), "support-no", false) : null;
  }

  #button(words: string, hook: string, yes: boolean): HTMLElement {
    const onclick = (): void => void this.#answer(yes);
    const attributes = { type: "button", class: "quiet", "data-testid": hook, onclick };
    return element("button", attributes, words);
  }

  async #answer(yes: boolean): Promise<void> {
    const supporters = (this.consent?.supporters ?? []).map(({ id }) => id);
    try {
      const toEventRequest = await this.api?.setSupportView(yes, this.consent, supporters);
      if (yes && toEventRequest && !toEventRequest.supporters.some(({ sees }) => sees))
        this.#post(formatNotYet(toEventRequest));
      else emit(this, "support-changed");
    } catch (error) {
      this.#post(formatProblem(error));
    }
  }

  #post(words: string): void {
    this.#problem.textContent = words;
  }
}

export function formatViewers(supporters: NamedSupporter[]): string {
  const see = supporters.filter(({ sees }) => sees);
  if (see.length === 0) return gettext("Only you can see this page. Your teacher cannot.");
  return interpolate(gettext("You and %(names)s can see these numbers. Your teacher cannot."), {
    names: names(see),
  });
}

function formatSeeing(see: NamedSupporter[]): string {
  return interpolate(
    gettext("%(names)s can see these numbers and your corrections, because you said yes."),
    { names: names(see) },
  );
}

function formatNotSeeing(not: NamedSupporter[]): string {
  return interpolate(
    gettext("%(names)s: your support person in this course. They see nothing unless you say yes."),
    { names: names(not) },
  );
}

function formatNotYet({ guardian }: Consent): string {
  return guardian
    ? gettext("Not shared yet: your guardian has to agree too.")
    : gettext("Your answer is saved. Nothing can be shared at the moment.");
}

function formatProblem(error: unknown): string {
  return error instanceof ApiProblem && error.status === 409
    ? gettext("This page has changed. Please reload it.")
    : gettext("That did not work. Please try again.");
}

function names(supporters: NamedSupporter[]): string {
  return formatNameList(supporters.map(({ name }) => name));
}

customElements.define("support-sharing", SupportSharing);

declare global {
  interface HTMLElementTagNameMap {
    "support-sharing": SupportSharing;
  }
}
