import {
  areHintsPaused,
  changeProfile,
  getProfile,
  getThresholdShifts,
  resumeHints,
} from "../api/profile";
import type { Profile } from "../api/schema";
import { element, replaceContent } from "../dom";
import { buildPausedNote } from "../lesson/hints/paused-hints";
import { buildErrorPanel } from "../page/error-panel";
import { gettext } from "../text";
import { buildFormChoice } from "./form-choice";
import { buildThresholdChoice, findNearestShift, setThresholdShift } from "./threshold-choice";

type Switch = { name: keyof Profile; text: () => string; help: () => string };

const CAMERA: Switch[] = [
  {
    name: "no_camera",
    text: () => gettext("Do not ask me to use a camera"),
    help: () => gettext("Every lesson then opens without the camera. Nobody can see this."),
  },
  {
    name: "expressions_do_not_fit",
    text: () => gettext("My face does not show how I am doing"),
    help: () =>
      gettext(
        "Then your face is not used to decide when you get a hint. You get as many hints, based on what you do and say. You do not have to explain why.",
      ),
  },
];

/** `<learner-profile>`: the learner's preferences; each change is saved immediately. */
class LearnerProfile extends HTMLElement {
  #status = element("p", {
    role: "status",
    class: "profile-status",
    "data-testid": "profile-status",
  });

  #paused = element("div");

  connectedCallback(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      const [profile, { thresholds }, isPaused] = await Promise.all([
        getProfile(),
        getThresholdShifts(),
        areHintsPaused(),
      ]);
      this.#render(profile, findNearestShift(thresholds));
      if (isPaused)
        replaceContent(
          this.#paused,
          buildPausedNote(() => void this.#resumeHints()),
        );
    } catch (error) {
      replaceContent(
        this,
        buildErrorPanel(error, () => void this.#load()),
      );
    }
  }

  #render(profile: Profile, shift: number): void {
    replaceContent(
      this,
      element("h1", {}, gettext("My preferences")),
      element(
        "p",
        { class: "lead" },
        gettext(
          "Choose what suits you. You can change this at any time. Your teacher cannot see it.",
        ),
      ),
      this.#status,
      this.#buildHints(profile, shift),
      this.#buildReading(profile),
      element(
        "section",
        { class: "card" },
        element("h2", {}, gettext("Camera and face")),
        ...CAMERA.map((option) => this.#buildSwitch(option, profile)),
      ),
    );
  }

  #buildHints(profile: Profile, shift: number): HTMLElement {
    const mute: Switch = {
      name: "hints_muted",
      text: () => gettext("No automatic hints"),
      help: () => gettext("You can still ask for a hint."),
    };
    return element(
      "section",
      { class: "card" },
      element("h2", {}, gettext("Hints")),
      buildFormChoice(profile.hint_form, (form) => void this.#change({ hint_form: form })),
      buildThresholdChoice(shift, (shift) => void this.#save(() => setThresholdShift(shift))),
      this.#buildSwitch(mute, profile),
      this.#paused,
    );
  }

  async #resumeHints(): Promise<void> {
    await this.#save(async () => {
      await resumeHints();
      replaceContent(this.#paused);
    });
  }

  #buildReading(profile: Profile): HTMLElement {
    const easy = element("input", {
      type: "checkbox",
      checked: profile.reading_level === "easy",
      onchange: () => void this.#change({ reading_level: easy.checked ? "easy" : "standard" }),
      "data-testid": "profile-easy",
    });
    const text = element(
      "span",
      {},
      gettext("Show the easy version of a step first"),
      element("small", {}, gettext("if there is one. You can switch at any time.")),
    );
    return element(
      "section",
      { class: "card" },
      element("h2", {}, gettext("Reading")),
      element("label", { class: "tick" }, easy, text),
    );
  }

  #buildSwitch({ name, text, help }: Switch, profile: Profile): HTMLElement {
    const input = element("input", {
      type: "checkbox",
      checked: profile[name] === true,
      onchange: () => void this.#change({ [name]: input.checked }),
      "data-testid": `profile-${name}`,
    });
    return element(
      "label",
      { class: "tick" },
      input,
      element("span", {}, text(), element("small", {}, help())),
    );
  }

  #change(change: Partial<Profile>): Promise<void> {
    return this.#save(() => changeProfile(change));
  }

  async #save(send: () => Promise<unknown>): Promise<void> {
    this.#status.textContent = "";
    try {
      await send();
      this.#status.textContent = gettext("Saved.");
    } catch {
      this.#status.textContent = gettext("Not saved. Check your network and try again.");
    }
  }
}

customElements.define("learner-profile", LearnerProfile);
