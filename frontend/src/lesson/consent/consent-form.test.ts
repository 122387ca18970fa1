// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import "./consent-form";

const emitted: [string, unknown][] = [];
const listen = (...names: string[]): void => {
  for (const name of names)
    document.body.addEventListener(name, (event) =>
      emitted.push([name, (event as CustomEvent).detail]),
    );
};
const mount = (tag: "consent-form", values: object): void => {
  document.body.append(Object.assign(document.createElement(tag), values));
};
const byTestId = (name: string): HTMLElement =>
  document.querySelector<HTMLElement>(`[data-testid="${name}"]`) ?? document.createElement("i");

beforeEach(() => {
  document.body = document.createElement("body");
  emitted.length = 0;
  vi.stubGlobal("scrollTo", vi.fn());
});

describe("ConsentForm", () => {
  const consent = { text_version: "1", text: { en: {} } };
  const answer = (...answers: string[]): void =>
    answers.forEach((name) => byTestId(`consent-${name}`).click());
  const heading = (): string => document.querySelector("h1")?.textContent ?? "";

  it("asks one question a screen, with two equal buttons and no answer given", () => {
    mount("consent-form", { consent });
    expect(document.querySelectorAll("h1")).toHaveLength(1);
    expect(byTestId("consent-progress").textContent).toBe("Question 1 of 3");
    expect(byTestId("consent-yes").className).toBe(byTestId("consent-no").className);
    expect(document.querySelector("input")).toBeNull();
    answer("yes");
    expect(heading()).toBe("May the school's computer look at the pictures?");
    expect(document.activeElement?.tagName).toBe("H1");
    answer("back");
    expect(heading()).toBe("May this lesson use your camera?");
  });

  it.each([[["no"]], [["yes", "no"]]])("declines at once after %s", (answers) => {
    listen("agree", "decline");
    mount("consent-form", { consent });
    answer(...answers);
    expect(emitted.map(([name]) => name)).toEqual(["decline"]);
  });

  it("emits the answers, of which optional ones can be no", () => {
    listen("agree");
    mount("consent-form", { consent, research: true });
    answer("yes", "yes", "no", "yes");
    expect(heading()).toBe("Your answers");
    expect(document.querySelector("dl")?.textContent).toContain("guessesNoResearch");
    answer("agree");
    const grants = { capture: true, server_processing: true, research: true };
    const rest = { own_view: false, support_view: false };
    const read = { locale: "en", form: "standard", supporters: [] };
    expect(emitted).toEqual([["agree", { grants: { ...grants, ...rest }, read }]]);
  });

  it("asks in the words of the text, standard or easy", () => {
    const write = (heading: string): object => ({
      ...{ title: "t", intro: "i", points: [{ heading: "P", body: "b" }] },
      questions: [{ permission: "capture", symbol: "camera", heading, body: "b" }],
    });
    const text = { en: { standard: write("Long?"), easy: write("Short?") } };
    mount("consent-form", { consent: { ...consent, text } });
    expect(heading()).toBe("Long?");
    byTestId("explain-simply").click();
    expect(heading()).toBe("Short?");
    expect(document.activeElement).toBe(byTestId("explain-simply"));
    byTestId("explain-simply").click();
    expect(document.querySelector("details dt")?.textContent).toBe("P");
  });

  it("lists the controller", () => {
    const responsible = { purpose: "Fatigue", controller: "School of Mines", contact: "" };
    mount("consent-form", { consent: { ...consent, responsible } });
    expect(byTestId("responsible").textContent).toBe(
      "PurposeFatigueWho is responsibleSchool of Mines",
    );
  });

  it("asks about research only where the policy permits it", () => {
    mount("consent-form", { consent });
    answer("yes", "yes", "yes");
    expect(heading()).toBe("Your answers");
  });

  it("asks about support persons by name, and only if there are any", () => {
    listen("agree");
    mount("consent-form", { consent });
    expect(document.body.textContent).toContain("You have no support person");
    document.body.replaceChildren();
    const supporters = [
      { id: "a", name: "Ada Ott", sees: false },
      { id: "b", name: "Ben Ito", sees: false },
    ];
    mount("consent-form", { consent: { ...consent, supporters } });
    answer("yes", "yes", "no");
    expect(document.body.textContent).toContain("Support person: Ada Ott and Ben Ito.");
    answer("yes", "agree");
    expect(emitted[0]?.[1]).toMatchObject({
      grants: { support_view: true },
      read: { supporters: ["a", "b"] },
    });
  });

  it("explains why consent is requested again", () => {
    mount("consent-form", { consent: { ...consent, ask_again: true } });
    expect(byTestId("consent-changed").textContent).toContain("ask you again");
  });
});
