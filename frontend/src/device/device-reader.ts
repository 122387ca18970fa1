import type { DeviceModels } from "../api/schema";
import type { WorkerRequest, WorkerResponse } from "./reader-messages";
import type { DeviceReading } from "./reading";

export interface TimedReading {
  reading: DeviceReading;
  /** Time in the worker, milliseconds. */
  ms: number;
}

/** Loads the models; rejects on devices without support. */
export async function openDeviceReader(models: DeviceModels): Promise<DeviceReader> {
  const reader = new DeviceReader(models);
  await reader.ready;
  return reader;
}

/** Client of the reader worker. */
export class DeviceReader {
  readonly ready: Promise<void>;
  #worker = new Worker(new URL("./reader.worker.ts", import.meta.url), { type: "module" });
  #waiting = new Map<number, (answer: TimedReading | null) => void>();
  #next = 0;
  #broken = false;

  constructor(readonly models: DeviceModels) {
    this.ready = new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<WorkerResponse>) => {
        if (data.type === "ready") resolve();
        else if (data.type === "failed") reject(new Error(data.why));
        else this.#resolve(data.id, data.reading, data.ms);
      };
      this.#worker.onerror = (event) => {
        this.#broken = true;
        reject(new Error(event.message || "the reading worker did not start"));
        this.#resolveAll();
      };
    });
    this.#post({ type: "open", models });
  }

  /** Resolves to null on failure; closes the bitmap. */
  read(bitmap: ImageBitmap): Promise<TimedReading | null> {
    if (this.#broken) {
      bitmap.close();
      return Promise.resolve(null);
    }
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#post({ type: "read", id, bitmap }, [bitmap]);
    });
  }

  close(): void {
    this.#broken = true;
    this.#worker.terminate();
    this.#resolveAll();
  }

  #post(message: WorkerRequest, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #resolve(id: number, reading: DeviceReading | null, ms: number): void {
    this.#waiting.get(id)?.(reading && { reading, ms });
    this.#waiting.delete(id);
  }

  #resolveAll(): void {
    for (const resolve of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
  }
}
