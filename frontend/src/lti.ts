/** The two pages on the way in that ask the platform to keep, and to give back, our key. */
import { getData, putData, type Place } from "./lti/platform-storage";

/** `<carry-key storage='{"target", "origin", "key", "value", "next"}'>`: leaves a key, goes on. */
class CarryKey extends HTMLElement {
  connectedCallback(): void {
    const storage = JSON.parse(this.getAttribute("storage") ?? "{}") as Place & {
      value: string;
      next: string;
    };
    // Kept or not: where cookies work it is not needed.
    void putData(storage, storage.value).then(() => location.assign(storage.next));
  }
}

/** `<fetch-key storage='{"target", "origin", "key"}'>` around a form: fills in the key, sends it. */
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
