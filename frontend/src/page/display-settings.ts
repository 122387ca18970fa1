import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import { gettext, pageLanguage } from "../text";
import { areShortcutsOn, type Font, getFont, setFont, setShortcuts } from "./browser-settings";

/** Names that each language gives itself; not translated. */
const LANGUAGES: Record<string, string> = {
  en: "English",
  de: "Deutsch",
  id: "Bahasa Indonesia",
  ar: "العربية",
};

/** `<display-settings>`: language, font and shortcut keys. */
class DisplaySettings extends HTMLElement {
  #status: HTMLElement = element("span");

  connectedCallback(): void {
    setFont(getFont());
    const summary = element("summary", {}, icon("letters"), gettext("Display"));
    const panel = element(
      "div",
      { class: "panel" },
      this.#languages(),
      this.#letters(),
      this.#keys(),
    );
    replaceContent(this, element("details", {}, summary, panel));
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget as Node | null) && event.relatedTarget) this.#close();
    });
  }

  #languages(): HTMLElement {
    const select = element(
      "select",
      { onchange: () => void this.#chooseLanguage(select) },
      ...Object.entries(LANGUAGES).map(([code, name]) =>
        element("option", { value: code, lang: code, selected: code === pageLanguage() }, name),
      ),
    );
    this.#status = element("span", { role: "status" });
    return element("label", {}, gettext("Language"), select, this.#status);
  }

  /** The page is loaded anew: the server writes part of its text. */
  async #chooseLanguage(select: HTMLSelectElement): Promise<void> {
    const body = new URLSearchParams({ language: select.value });
    try {
      const response = await fetch("/language/", { method: "POST", body });
      if (response.ok) {
        location.reload();
        return;
      }
    } catch {
      // Offline: the same message as for a refusal.
    }
    select.value = pageLanguage();
    this.#status.textContent = gettext("The language could not be changed. Please try again.");
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
