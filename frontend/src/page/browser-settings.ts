/** Settings stored in this browser only. */
import { buildPersonalName, readNote as read, writeNote as write } from "./storage";

export type Font = "atkinson" | "open-dyslexic";

const FONT_KEY = "fer.letters";
const SHORTCUTS_KEY = "fer.keys";
const EASY_READ_KEY = "fer.easy";
const CAMERA_KEY = "fer.camera";

export function getFont(): Font {
  return read(FONT_KEY) === "open-dyslexic" ? "open-dyslexic" : "atkinson";
}

export function setFont(choice: Font): void {
  write(FONT_KEY, choice);
  document.documentElement.dataset["letters"] = choice;
}

/** Single-key shortcuts can be switched off (WCAG 2.1.4). */
export function areShortcutsOn(): boolean {
  return read(SHORTCUTS_KEY) !== "off";
}

export function setShortcuts(on: boolean): void {
  write(SHORTCUTS_KEY, on ? "on" : "off");
  document.dispatchEvent(new CustomEvent("keys-changed"));
}

export function isEasyRead(): boolean {
  return read(EASY_READ_KEY) === "yes";
}

export function setEasyRead(easy: boolean): void {
  write(EASY_READ_KEY, easy ? "yes" : "no");
}

/** Index of the last opened step, to restore it after a reload. */
export function getLastStep(session: string): number {
  return Number(read(buildPersonalName(`place.${session}`)) ?? 0) || 0;
}

export function saveLastStep(session: string, at: number): void {
  write(buildPersonalName(`place.${session}`), String(at));
}

/** The camera chosen on this device; empty for the browser's choice. */
export function getCameraId(): string {
  return read(CAMERA_KEY) ?? "";
}

export function saveCameraId(id: string): void {
  write(CAMERA_KEY, id);
}
