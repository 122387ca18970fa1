/** Entry point: LTI pages that return data to the platform. */

/** `<send-form>`: submits its form when loaded. */
class SendForm extends HTMLElement {
  connectedCallback(): void {
    this.querySelector("form")?.submit();
  }
}

/** `<close-registration>`: closes the registration dialog of the platform. */
class CloseRegistration extends HTMLElement {
  connectedCallback(): void {
    const platform = (window.opener as Window | null) ?? window.parent;
    this.querySelector("button")?.addEventListener("click", () => {
      // The message holds no data, so any origin may receive it.
      platform.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
    });
  }
}

customElements.define("send-form", SendForm);
customElements.define("close-registration", CloseRegistration);
