import type { CameraStatus } from "../../capture/camera-status";
import { formatStatus } from "../../capture/camera-status";
import { element, emit, replaceContent } from "../../dom";
import { icon, type IconName } from "../../icons";
import { areShortcutsOn } from "../../page/browser-settings";
import { addShortcut } from "../../page/shortcuts";
import { gettext } from "../../text";

const ICONS: Record<CameraStatus, IconName> = {
  on: "on",
  preview: "preview",
  starting: "reconnecting",
  paused: "paused",
  reconnecting: "reconnecting",
  stalled: "notice",
  off: "off",
};

export interface StatusButtons {
  pause: boolean;
  resume: boolean;
  stop: boolean;
  use: boolean;
}

/** Buttons next to the status. */
export function selectButtons(sign: CameraStatus, offerCamera: boolean): StatusButtons {
  return {
    pause: !["off", "preview", "paused"].includes(sign),
    resume: sign === "paused",
    stop: sign !== "off" && sign !== "preview",
    use: sign === "off" && offerCamera,
  };
}

/**
 * `<camera-status state="on" offer-camera>`: camera status with buttons. Emits "pause", "resume",
 * "stop" and "use".
 */
export class CameraStatusElement extends HTMLElement {
  static observedAttributes = ["state", "offer-camera"];
  #words = element("span", { role: "status", class: "sign", "data-testid": "camera-status" });
  #buttons = element("span", { class: "sign-buttons" });
  #removeShortcuts: (() => void)[] = [];

  connectedCallback(): void {
    replaceContent(this, this.#words, this.#buttons);
    this.#removeShortcuts = [
      addShortcut("p", () => this.#toggle()),
      addShortcut("s", () => this.#stop()),
    ];
    document.addEventListener("keys-changed", this.#render);
    this.#render();
  }

  disconnectedCallback(): void {
    for (const remove of this.#removeShortcuts) remove();
    document.removeEventListener("keys-changed", this.#render);
  }

  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (this.isConnected && before !== now) this.#render();
  }

  get sign(): CameraStatus {
    return (this.getAttribute("state") ?? "off") as CameraStatus;
  }

  #toggle(): void {
    const { pause, resume } = selectButtons(this.sign, false);
    if (pause) emit(this, "pause");
    else if (resume) emit(this, "resume");
  }

  #stop(): void {
    if (selectButtons(this.sign, false).stop) emit(this, "stop");
  }

  #render = (): void => {
    const focused = (document.activeElement as HTMLElement | null)?.dataset["does"];
    const hadFocus = this.contains(document.activeElement);
    this.#words.dataset["state"] = this.sign;
    replaceContent(
      this.#words,
      icon(ICONS[this.sign]),
      element("span", {}, formatStatus(this.sign)),
    );
    replaceContent(this.#buttons, ...this.#renderButtons());
    if (hadFocus) this.#focusAgain(focused);
  };

  #renderButtons(): (HTMLElement | false)[] {
    const visible = selectButtons(this.sign, this.hasAttribute("offer-camera"));
    return [
      visible.pause && this.#button("pause", gettext("Pause"), "P"),
      visible.resume && this.#button("resume", gettext("Continue"), "P"),
      visible.stop && this.#button("stop", gettext("Stop"), "S"),
      visible.use && this.#button("use", gettext("Use the camera")),
    ];
  }

  #button(action: string, text: string, shortcut: string | null = null): HTMLElement {
    const listener = (): void => emit(this, action);
    const about = areShortcutsOn() ? shortcut : null;
    const key = about && element("kbd", { "aria-hidden": "true" }, about);
    const hooks = { "data-does": action, "data-testid": `camera-${action}` };
    return element(
      "button",
      { type: "button", class: "quiet", onclick: listener, "aria-keyshortcuts": about, ...hooks },
      text,
      key,
    );
  }

  /** Restores the focus after the buttons were replaced. */
  #focusAgain(action: string | undefined): void {
    const same = this.#buttons.querySelector<HTMLElement>(`[data-does="${action ?? ""}"]`);
    (same ?? this.#buttons.querySelector<HTMLElement>("button"))?.focus();
  }
}

customElements.define("camera-status", CameraStatusElement);
