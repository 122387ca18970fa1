/** What a reader chose for this browser. Nothing here goes to the server. */

export type Letters = "atkinson" | "open-dyslexic";

const LETTERS = "fer.letters";
const KEYS = "fer.keys";
const EASY = "fer.easy";

export function letters(): Letters {
  return read(LETTERS) === "open-dyslexic" ? "open-dyslexic" : "atkinson";
}

export function chooseLetters(choice: Letters): void {
  write(LETTERS, choice);
  document.documentElement.dataset["letters"] = choice;
}

/** Single keys as shortcuts can be switched off: speech input and tremor set them off by chance. */
export function keysOn(): boolean {
  return read(KEYS) !== "off";
}

export function chooseKeys(on: boolean): void {
  write(KEYS, on ? "on" : "off");
  document.dispatchEvent(new CustomEvent("keys-changed"));
}

export function easyWords(): boolean {
  return read(EASY) === "yes";
}

export function chooseEasyWords(easy: boolean): void {
  write(EASY, easy ? "yes" : "no");
}

/** Which step somebody was at, so that loading the page again does not lose the place. */
export function placeIn(session: string): number {
  return Number(read(`fer.place.${session}`) ?? 0) || 0;
}

export function rememberPlace(session: string, at: number): void {
  write(`fer.place.${session}`, String(at));
}

// In a frame of another site the browser may refuse storage: the choice then lasts for the page.
const forThisPage = new Map<string, string>();

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return forThisPage.get(name) ?? null;
  }
}

function write(name: string, value: string): void {
  forThisPage.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // Kept for this page.
  }
}
