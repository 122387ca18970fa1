import { ApiProblem } from "../api/http";
import type { Consent, NamedSupporter } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import { element, emit, quietButton, replaceContent } from "../dom";
import { formatNameList, gettext, interpolate } from "../text";

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
    const viewers = supporters.filter(({ sees }) => sees);
    const others = supporters.filter(({ sees }) => !sees);
    replaceContent(
      this,
      element("h2", { tabindex: "-1" }, gettext("Support persons")),
      viewers.length
        ? element("p", { "data-testid": "support-sees" }, formatSeeing(viewers))
        : null,
      others.length
        ? element("p", { "data-testid": "support-sees-not" }, formatNotSeeing(others))
        : null,
      element(
        "div",
        { class: "row" },
        this.#buildShareButton(others),
        this.#buildStopButton(viewers),
      ),
      this.#problem,
    );
  }

  #buildShareButton(others: NamedSupporter[]): HTMLElement | null {
    const canGrant = ["granted", "pending_guardian"].includes(this.consent?.state ?? "");
    if (!canGrant || others.length === 0) return null;
    const text = interpolate(gettext("Share with %(names)s"), { names: formatSupporters(others) });
    return quietButton(text, () => void this.#answer(true), "support-yes");
  }

  #buildStopButton(viewers: NamedSupporter[]): HTMLElement | null {
    if (viewers.length === 0) return null;
    return quietButton(gettext("Stop sharing"), () => void this.#answer(false), "support-no");
  }

  async #answer(granted: boolean): Promise<void> {
    const supporters = (this.consent?.supporters ?? []).map(({ id }) => id);
    try {
      const consent = await this.api?.setSupportView(granted, this.consent, supporters);
      if (granted && consent && !consent.supporters.some(({ sees }) => sees))
        this.#showProblem(formatNotYet(consent));
      else emit(this, "support-changed");
    } catch (error) {
      this.#showProblem(formatProblem(error));
    }
  }

  #showProblem(text: string): void {
    this.#problem.textContent = text;
  }
}

export function formatViewers(supporters: NamedSupporter[]): string {
  const viewers = supporters.filter(({ sees }) => sees);
  if (viewers.length === 0) return gettext("Only you can see this page. Your teacher cannot.");
  return interpolate(gettext("You and %(names)s can see these numbers. Your teacher cannot."), {
    names: formatSupporters(viewers),
  });
}

function formatSeeing(viewers: NamedSupporter[]): string {
  return interpolate(
    gettext(
      "%(names)s can see these numbers, your steps and hints, and your corrections, because you said yes.",
    ),
    { names: formatSupporters(viewers) },
  );
}

function formatNotSeeing(others: NamedSupporter[]): string {
  return interpolate(
    gettext("%(names)s: your support person in this course. They see nothing unless you say yes."),
    { names: formatSupporters(others) },
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

function formatSupporters(supporters: NamedSupporter[]): string {
  return formatNameList(supporters.map(({ name }) => name));
}

customElements.define("support-sharing", SupportSharing);
