import { request } from "../api/http";
import { button, element, replaceContent } from "../dom";
import { gettext } from "../text";
import { type Allowance, getCameraAllowance } from "./camera-allowance";

/** `<frame-notice>`: offers a new window where the frame may not use the camera. */
class FrameNotice extends HTMLElement {
  connectedCallback(): void {
    if (window.top === window.self) return;
    void getCameraAllowance(document, navigator.permissions).then((allowance) => {
      if (allowance !== "allowed") this.#offer(allowance);
    });
  }

  #offer(allowance: Allowance): void {
    const openButton = button(gettext("Open in a new window"), () => void this.#open(), {
      class: "quiet",
    });
    const text =
      allowance === "denied"
        ? gettext(
            "The camera does not work inside your course page. You can do the lesson here without it, or open it in a new window.",
          )
        : gettext("If the camera does not work here, open the lesson in a new window.");
    replaceContent(this, element("aside", { class: "note" }, element("p", {}, text), openButton));
  }

  /** Opens the window within the click, then sets its URL. */
  async #open(): Promise<void> {
    const opened = window.open("about:blank");
    const body = new FormData();
    body.set("path", location.pathname);
    try {
      const { url } = await request<{ url: string }>("POST", "/lti/window", body);
      if (opened) opened.location.href = new URL(url, location.href).href;
      else this.#link(url);
    } catch {
      opened?.close();
      this.#showStatus(gettext("That did not work. Open the link in your course again."));
    }
  }

  /** Fallback for blocked pop-ups. */
  #link(url: string): void {
    const text = gettext("Your browser blocked the new window. Use this link:");
    const link = element("a", { href: url, target: "_blank" }, gettext("Open in a new window"));
    replaceContent(
      this,
      element("aside", { class: "note", role: "status" }, element("p", {}, text, " ", link)),
    );
  }

  #showStatus(text: string): void {
    this.append(element("p", { role: "alert" }, text));
  }
}

customElements.define("frame-notice", FrameNotice);
