import type { Consent } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import { emit, element, focusHeading, replaceContent } from "../dom";
import { gettext, interpolate } from "../text";

const POLL_INTERVAL_MS = 1_000;
const MAX_POLLS = 60;

/**
 * `<withdraw-consent>`: the button, what it means, and the receipt.
 * Tells "withdrawing" before anything is asked of the server, so that the camera stops first,
 * and "erased" when the receipt is there.
 */
export class WithdrawConsent extends HTMLElement {
  api: SessionApi | null = null;
  #dialog = element("dialog", { "aria-labelledby": "withdraw-title" });
  #erased: Consent | null = null;

  connectedCallback(): void {
    const open = (): void => this.open();
    replaceContent(
      this,
      element(
        "button",
        { type: "button", class: "quiet", onclick: open, "data-testid": "withdraw" },
        gettext("Stop and delete what was kept"),
      ),
      this.#dialog,
    );
    // However the receipt is put away, by its button or by Escape, the page learns of it.
    this.#dialog.addEventListener("close", () => {
      if (this.#erased) emit(this, "erased", { consent: this.#erased });
      this.#erased = null;
    });
  }

  open(): void {
    this.#show(
      gettext("Stop and delete what was kept?"),
      [
        gettext("The camera stops now, and you take back all you agreed to."),
        gettext("Everything read from your camera in this lesson is deleted for good."),
        gettext(
          "Class figures speak of groups only. They stay, or are withdrawn whole, as this place has decided.",
        ),
        gettext("The lesson stays open for you, without the camera."),
      ],
      this.#button(gettext("Stop and delete"), "withdraw-confirm", () => void this.#withdraw()),
      this.#button(gettext("Keep it"), "withdraw-keep", () => this.#dialog.close(), "quiet"),
    );
    this.#dialog.showModal();
  }

  async #withdraw(): Promise<void> {
    emit(this, "withdrawing");
    this.#show(gettext("Deleting"), [
      gettext("The camera has stopped. What was kept is being deleted."),
    ]);
    try {
      const consent = (await this.api?.withdrawConsent()) ?? null;
      await this.#waitForErasure(consent);
    } catch {
      this.#showPending();
    }
  }

  async #waitForErasure(first: Consent | null): Promise<void> {
    let consent = first;
    for (let asked = 0; consent && !consent.erased && asked < MAX_POLLS; asked++) {
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
      consent = (await this.api?.getConsent()) ?? null;
    }
    if (consent?.erased) this.#showReceipt(consent);
    else this.#showPending();
  }

  #showReceipt(consent: Consent): void {
    this.#erased = consent;
    this.#show(
      gettext("It is deleted"),
      [gettext("Everything read from your camera in this lesson is gone.")],
      this.#button(gettext("Close"), "withdraw-done", () => this.#dialog.close()),
    );
    const words = interpolate(gettext("Receipt: %(receipt)s"), { receipt: consent.receipt });
    const receipt = element("p", { class: "receipt", "data-testid": "erased-receipt" }, words);
    this.#dialog.querySelector(".row")?.before(receipt);
  }

  #showPending(): void {
    this.#show(
      gettext("Not finished yet"),
      [
        gettext("The camera is off. We could not see yet that everything else is deleted."),
        gettext("Please try again in a moment, or tell your teacher."),
      ],
      this.#button(gettext("Try again"), "withdraw-again", () => void this.#withdraw()),
      this.#button(gettext("Close"), "withdraw-close", () => this.#dialog.close(), "quiet"),
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

  #button(words: string, hook: string, then: () => void, look = ""): HTMLElement {
    const attributes = { type: "button", class: look, "data-testid": hook, onclick: then };
    return element("button", attributes, words);
  }
}

customElements.define("withdraw-consent", WithdrawConsent);

declare global {
  interface HTMLElementTagNameMap {
    "withdraw-consent": WithdrawConsent;
  }
}
