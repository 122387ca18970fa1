/** Pages at the end of an errand for the platform: what goes back to it goes by itself. */

/** `<send-form>` around a form: sends it at once. Without scripts its button does. */
class SendForm extends HTMLElement {
  connectedCallback(): void {
    this.querySelector("form")?.submit();
  }
}

/** `<close-registration>` around a button: tells the platform's page that the tool is done. */
class CloseRegistration extends HTMLElement {
  connectedCallback(): void {
    const platform = (window.opener as Window | null) ?? window.parent;
    this.querySelector("button")?.addEventListener("click", () => {
      // The message says nothing but "done", so whoever framed us may read it.
      platform.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
    });
  }
}

customElements.define("send-form", SendForm);
customElements.define("close-registration", CloseRegistration);
