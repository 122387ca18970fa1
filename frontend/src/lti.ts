/** Entry point: LTI launch pages that store and read a key in the platform's storage. */
import { getData, type Place, putData } from "./lti/platform-storage";

/**
 * `<carry-key storage='{"target", "origin", "key", "value", "next"}'>`: stores a key, then
 * redirects.
 */
class CarryKey extends HTMLElement {
  connectedCallback(): void {
    const storage = JSON.parse(this.getAttribute("storage") ?? "{}") as Place & {
      value: string;
      next: string;
    };
    // Redirects also on failure: with cookies the key is not needed.
    void putData(storage, storage.value).then(() => location.assign(storage.next));
  }
}

/**
 * `<fetch-key storage='{"target", "origin", "key"}'>`: fills the key into its form and submits it.
 */
class FetchKey extends HTMLElement {
  connectedCallback(): void {
    const place = JSON.parse(this.getAttribute("storage") ?? "{}") as Place;
    const form = this.querySelector("form");
    const field = form?.querySelector<HTMLInputElement>("[name=storage_key]");
    void getData(place).then((value) => {
      if (field && value) field.value = value;
      form?.submit();
    });
  }
}

customElements.define("carry-key", CarryKey);
customElements.define("fetch-key", FetchKey);
