import type { Sign } from "../capture/sign";
import { signWords } from "../capture/sign";
import { announce, element, replaceContent } from "../dom";
import { icon, type IconName } from "../icons";
import { keysOn } from "../page/choices";
import { onKey } from "../page/shortcuts";
import { gettext } from "../text";

const ICONS: Record<Sign, IconName> = {
  on: "on",
  preview: "preview",
  starting: "reconnecting",
  paused: "paused",
  reconnecting: "reconnecting",
  off: "off",
};

export interface SignButtons {
  pause: boolean;
  resume: boolean;
  stop: boolean;
  use: boolean;
}

/** Which buttons stand beside the sign. Pure. */
export function buttonsFor(sign: Sign, offerCamera: boolean): SignButtons {
  return {
    pause: sign === "on" || sign === "reconnecting" || sign === "starting",
    resume: sign === "paused",
    stop: sign !== "off" && sign !== "preview",
    use: sign === "off" && offerCamera,
  };
}

/**
 * `<camera-sign state="on" offer-camera>`: the steady sign, with pause, stop and "use".
 * Tells "pause", "resume", "stop" and "use".
 */
export class CameraSign extends HTMLElement {
  static observedAttributes = ["state", "offer-camera"];
  #words = element("span", { role: "status", class: "sign", "data-testid": "camera-sign" });
  #buttons = element("span", { class: "sign-buttons" });
  #forgetKey: (() => void) | undefined;

  connectedCallback(): void {
    replaceContent(this, this.#words, this.#buttons);
    this.#forgetKey = onKey("p", () => this.#toggle());
    document.addEventListener("keys-changed", this.#draw);
    this.#draw();
  }

  disconnectedCallback(): void {
    this.#forgetKey?.();
    document.removeEventListener("keys-changed", this.#draw);
  }

  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (this.isConnected && before !== now) this.#draw();
  }

  get sign(): Sign {
    return (this.getAttribute("state") ?? "off") as Sign;
  }

  #toggle(): void {
    const { pause, resume } = buttonsFor(this.sign, false);
    if (pause) announce(this, "pause");
    else if (resume) announce(this, "resume");
  }

  #draw = (): void => {
    const focused = (document.activeElement as HTMLElement | null)?.dataset["does"];
    const held = this.contains(document.activeElement);
    this.#words.dataset["state"] = this.sign;
    replaceContent(this.#words, icon(ICONS[this.sign]), element("span", {}, signWords(this.sign)));
    replaceContent(this.#buttons, ...this.#drawButtons());
    if (held) this.#focusAgain(focused);
  };

  #drawButtons(): (HTMLElement | false)[] {
    const show = buttonsFor(this.sign, this.hasAttribute("offer-camera"));
    return [
      show.pause && this.#button("pause", gettext("Pause"), true),
      show.resume && this.#button("resume", gettext("Go on"), true),
      show.stop && this.#button("stop", gettext("Stop"), false),
      show.use && this.#button("use", gettext("Use the camera"), false),
    ];
  }

  #button(does: string, words: string, withKey: boolean): HTMLElement {
    const listener = (): void => announce(this, does);
    const key = withKey && keysOn() ? element("kbd", { "aria-hidden": "true" }, "P") : null;
    const about = withKey && keysOn() ? "P" : null;
    const hooks = { "data-does": does, "data-testid": `camera-${does}` };
    return element(
      "button",
      { type: "button", class: "quiet", onclick: listener, "aria-keyshortcuts": about, ...hooks },
      words,
      key,
    );
  }

  /** Pausing swaps the button under the finger: the focus goes to the one that came instead. */
  #focusAgain(does: string | undefined): void {
    const same = this.#buttons.querySelector<HTMLElement>(`[data-does="${does ?? ""}"]`);
    (same ?? this.#buttons.querySelector<HTMLElement>("button"))?.focus();
  }
}

customElements.define("camera-sign", CameraSign);

declare global {
  interface HTMLElementTagNameMap {
    "camera-sign": CameraSign;
  }
}
