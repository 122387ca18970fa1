import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import { gettext } from "../text";
import { chooseKeys, chooseLetters, keysOn, letters, type Letters } from "./choices";

/** `<display-settings>`: letters and shortcut keys, kept in this browser. */
class DisplaySettings extends HTMLElement {
  connectedCallback(): void {
    chooseLetters(letters());
    const summary = element("summary", {}, icon("letters"), gettext("Display"));
    const panel = element("div", { class: "panel" }, this.#letters(), this.#keys());
    replaceContent(this, element("details", {}, summary, panel));
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget as Node | null) && event.relatedTarget) this.#close();
    });
  }

  #letters(): HTMLElement {
    return element(
      "fieldset",
      {},
      element("legend", {}, gettext("Letters")),
      this.#choice("atkinson", gettext("Atkinson Hyperlegible")),
      this.#choice("open-dyslexic", gettext("OpenDyslexic")),
    );
  }

  #choice(value: Letters, label: string): HTMLElement {
    const input = element("input", {
      type: "radio",
      name: "letters",
      checked: letters() === value,
      onchange: () => chooseLetters(value),
    });
    return element("label", { class: "tick" }, input, element("span", {}, label));
  }

  #keys(): HTMLElement {
    const input = element("input", {
      type: "checkbox",
      checked: keysOn(),
      onchange: () => chooseKeys(input.checked),
    });
    const words = gettext("Shortcut keys (single letters such as P)");
    return element("label", { class: "tick" }, input, element("span", {}, words));
  }

  #close(): void {
    const details = this.querySelector("details");
    if (!details?.open) return;
    details.open = false;
    if (this.contains(document.activeElement)) this.querySelector("summary")?.focus();
  }
}

customElements.define("display-settings", DisplaySettings);
