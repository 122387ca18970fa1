/** What happened when the server no longer knows the person of this page, and how to go on. */
import type { ApiProblem } from "../api/http";
import { getProfile } from "../api/profile";
import { button, element, emit, replaceContent } from "../dom";
import { gettext } from "../text";
import { OTHER_PERSON_EVENT, SIGNED_IN_AGAIN_EVENT, SIGNED_OUT_EVENT } from "./page-events";
import { getPagePerson } from "./page-person";

const CHANNEL = "fer.person";

/** `<signed-out>`: appears above the page; nothing that waits to be sent is lost meanwhile. */
class SignedOut extends HTMLElement {
  #status = element("p", { role: "status" });
  #channel: BroadcastChannel | null = null;
  #reason: string | null = null;
  #show = (event: Event): void => this.show((event as CustomEvent<ApiProblem>).detail.reason);

  connectedCallback(): void {
    this.hidden = true;
    document.addEventListener(SIGNED_OUT_EVENT, this.#show);
    this.#watchOtherTabs();
  }

  disconnectedCallback(): void {
    document.removeEventListener(SIGNED_OUT_EVENT, this.#show);
    this.#channel?.close();
  }

  /** A page of another person in this browser means that this one's session has ended. */
  #watchOtherTabs(): void {
    const person = getPagePerson();
    if (!person || typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(CHANNEL);
    this.#channel.addEventListener("message", ({ data }) => {
      if (data === person) return;
      this.show("other_person");
      emit(document, OTHER_PERSON_EVENT);
    });
    this.#channel.postMessage(person);
  }

  show(reason: string | null): void {
    if (!this.hidden && reason === this.#reason) return;
    const isOther = reason === "other_person";
    const isNew = this.hidden;
    this.#reason = reason;
    this.hidden = false;
    // A modal dialog would cover this notice; what is typed in it is kept as a draft.
    for (const dialog of document.querySelectorAll("dialog")) if (dialog.open) dialog.close();
    replaceContent(this.#status);
    replaceContent(
      this,
      element(
        "section",
        { class: "note signed-out", role: "alert", tabindex: "-1", "data-testid": "signed-out" },
        element("h2", {}, formatTitle(reason)),
        element("p", {}, formatAdvice(reason)),
        element(
          "div",
          { class: "row" },
          isOther
            ? button(gettext("Leave this page"), () => location.assign("/"))
            : button(gettext("Continue"), () => void this.#tryAgain(), {
                "data-testid": "signed-in-again",
              }),
          !isOther &&
            element(
              "a",
              { class: "button quiet", href: "/", target: "_blank", rel: "noopener" },
              gettext("Sign in in a new tab"),
            ),
        ),
        this.#status,
      ),
    );
    if (isNew) this.querySelector<HTMLElement>("section")?.focus();
  }

  async #tryAgain(): Promise<void> {
    try {
      await getProfile();
      this.hidden = true;
      replaceContent(this);
      emit(document, SIGNED_IN_AGAIN_EVENT);
    } catch {
      this.#status.textContent = gettext("You are not signed in yet.");
    }
  }
}

function formatTitle(reason: string | null): string {
  if (reason === "other_person") return gettext("Somebody else has signed in on this computer");
  if (reason === "platform_off") return gettext("Your learning platform is switched off here");
  return gettext("You are signed out");
}

function formatAdvice(reason: string | null): string {
  if (reason === "other_person")
    return gettext(
      "This page belongs to the person before. It sends nothing any more. What was not sent yet waits in this browser until that person signs in again.",
    );
  if (reason === "platform_off")
    return gettext(
      "What you wrote is kept in this browser. Ask your teacher. When the platform is on again, open the lesson there, then continue here.",
    );
  return gettext(
    "What you wrote is kept in this browser. Open the lesson again in your course, or sign in in a new tab. Then continue here.",
  );
}

customElements.define("signed-out", SignedOut);
