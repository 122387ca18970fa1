import type { Consent } from "../../api/schema";
import type { SessionApi } from "../../api/sessions";
import { button, element, emit, focusHeading, quietButton, replaceContent } from "../../dom";
import { gettext, interpolate } from "../../text";
import { withdraw } from "./pending-withdrawal";

const POLL_INTERVAL_MS = 1_000;
const MAX_POLLS = 60;

/**
 * `<withdraw-consent>`: withdrawal with confirmation and receipt. Emits "withdrawing" before the
 * request, so that the camera stops first, and "erased" with {consent}.
 */
export class WithdrawConsent extends HTMLElement {
  api: SessionApi | null = null;
  #dialog = element("dialog", { "aria-labelledby": "withdraw-title" });
  #erased: Consent | null = null;

  connectedCallback(): void {
    const open = (): void => this.open();
    replaceContent(
      this,
      quietButton(gettext("Withdraw consent and delete my data"), open, "withdraw"),
      this.#dialog,
    );
    // Also emitted when the dialog is closed by Escape.
    this.#dialog.addEventListener("close", () => {
      if (this.#erased) emit(this, "erased", { consent: this.#erased });
      this.#erased = null;
    });
  }

  open(): void {
    this.#show(
      gettext("Withdraw consent?"),
      [
        gettext("The camera stops now, and you withdraw everything you agreed to."),
        gettext("All your camera data from this lesson is deleted. This cannot be undone."),
        gettext(
          "Results of the whole class stay or are withdrawn completely, depending on your school's policy.",
        ),
        gettext("You can continue the lesson without the camera."),
      ],
      button(gettext("Withdraw and delete"), () => void this.#withdraw(), {
        "data-testid": "withdraw-confirm",
      }),
      quietButton(gettext("Cancel"), () => this.#dialog.close(), "withdraw-keep"),
    );
    this.#dialog.showModal();
  }

  async #withdraw(): Promise<void> {
    emit(this, "withdrawing");
    this.#show(gettext("Deleting"), [
      gettext("The camera has stopped. Your data is being deleted."),
    ]);
    try {
      const consent = this.api && (await withdraw(this.api));
      await this.#waitForErasure(consent);
    } catch {
      this.#showPending();
    }
  }

  async #waitForErasure(first: Consent | null): Promise<void> {
    let consent = first;
    for (let polls = 0; consent && !consent.erased && polls < MAX_POLLS; polls++) {
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
      consent = (await this.api?.getConsent()) ?? null;
    }
    if (consent?.erased) this.#showReceipt(consent);
    else this.#showPending();
  }

  #showReceipt(consent: Consent): void {
    this.#erased = consent;
    this.#show(
      gettext("Deleted"),
      [gettext("All your camera data from this lesson has been deleted.")],
      button(gettext("Close"), () => this.#dialog.close(), { "data-testid": "withdraw-done" }),
    );
    const text = interpolate(gettext("Receipt: %(receipt)s"), { receipt: consent.receipt });
    const receipt = element("p", { class: "receipt", "data-testid": "erased-receipt" }, text);
    this.#dialog.querySelector(".row")?.before(receipt);
  }

  #showPending(): void {
    this.#show(
      gettext("Not finished yet"),
      [
        gettext("The camera is off. The deletion is not confirmed yet."),
        gettext("Please try again in a moment, or tell your teacher."),
      ],
      button(gettext("Try again"), () => void this.#withdraw(), {
        "data-testid": "withdraw-again",
      }),
      quietButton(gettext("Close"), () => this.#dialog.close(), "withdraw-close"),
    );
  }

  #show(title: string, paragraphs: string[], ...buttons: HTMLElement[]): void {
    replaceContent(
      this.#dialog,
      element("h2", { id: "withdraw-title" }, title),
      ...paragraphs.map((text) => element("p", {}, text)),
      element("div", { class: "row" }, ...buttons),
    );
    if (this.#dialog.open) focusHeading(this.#dialog);
  }
}

customElements.define("withdraw-consent", WithdrawConsent);
