import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import { gettext } from "../text";
import { areShortcutsOn, type Font, getFont, setFont, setShortcuts } from "./browser-settings";

/** `<display-settings>`: font and shortcut keys. */
class DisplaySettings extends HTMLElement {
  connectedCallback(): void {
    setFont(getFont());
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
      element("legend", {}, gettext("Font")),
      this.#choice("atkinson", gettext("Atkinson Hyperlegible")),
      this.#choice("open-dyslexic", gettext("OpenDyslexic")),
    );
  }

  #choice(value: Font, label: string): HTMLElement {
    const input = element("input", {
      type: "radio",
      name: "letters",
      checked: getFont() === value,
      onchange: () => setFont(value),
    });
    return element("label", { class: "tick" }, input, element("span", {}, label));
  }

  #keys(): HTMLElement {
    const input = element("input", {
      type: "checkbox",
      checked: areShortcutsOn(),
      onchange: () => setShortcuts(input.checked),
    });
    const text = gettext("Shortcut keys (single letters such as P)");
    return element("label", { class: "tick" }, input, element("span", {}, text));
  }

  #close(): void {
    const details = this.querySelector("details");
    if (!details?.open) return;
    details.open = false;
    if (this.contains(document.activeElement)) this.querySelector("summary")?.focus();
  }
}

customElements.define("display-settings", DisplaySettings);
