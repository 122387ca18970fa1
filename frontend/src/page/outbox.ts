/** Writes of one person that wait in this browser until the server has decided about them. */
import { createKey } from "../idempotency-key";
import { buildPersonalName, deleteNote, listNotes, readNote, writeNote } from "./storage";

const MAX_AGE_MS = 7 * 24 * 3_600_000;
/** Longer durations are refused by the server, which counts them as ten minutes anyway. */
export const MAX_DURATION_MS = 24 * 3_600_000;

export interface Entry<T> {
  key: string;
  /** By the browser's clock, since the entry outlives the page. */
  atMs: number;
  value: T;
}

/** One note for each entry: two tabs of the same person do not overwrite each other. */
export class Outbox<T> {
  #prefix: string;

  constructor(name: string) {
    this.#prefix = buildPersonalName(`${name}.`);
  }

  put(value: T, key = createKey()): Entry<T> {
    const entry = { key, atMs: Date.now(), value };
    writeNote(this.#prefix + key, JSON.stringify(entry));
    return entry;
  }

  remove({ key }: Pick<Entry<T>, "key">): void {
    deleteNote(this.#prefix + key);
  }

  /** The waiting entries, oldest first. */
  list(): Entry<T>[] {
    const entries: Entry<T>[] = [];
    for (const name of listNotes(this.#prefix)) {
      const entry = parseEntry<T>(readNote(name));
      if (entry && Date.now() - entry.atMs < MAX_AGE_MS) entries.push(entry);
      else deleteNote(name);
    }
    return entries.sort((a, b) => a.atMs - b.atMs);
  }
}

function parseEntry<T>(text: string | null): Entry<T> | null {
  try {
    const entry = JSON.parse(text ?? "") as Entry<T>;
    return typeof entry.key === "string" && typeof entry.atMs === "number" ? entry : null;
  } catch {
    return null;
  }
}

/** Age of an entry for the server, which refuses what is out of its bounds. */
export function computeAge(atMs: number): number {
  return Math.min(Math.max(0, Math.round(Date.now() - atMs)), MAX_DURATION_MS);
}
