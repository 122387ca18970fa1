/** Reads the camera's pictures on this device, and sends numbers instead of them. */
import { request } from "../api/http";
import type { FrameMaker, FrameSize, Outgoing } from "../capture/frame-maker";
import { grab } from "../capture/jpeg";
import type { DeviceReader } from "./device-reader";
import type { DeviceModels } from "../api/schema";
import { scoresMessage } from "./scores-message";

const FAILURES_IN_A_ROW = 10;

export type OpenReader = () => Promise<DeviceReader>;

/** Nothing of the reading, not even its script, is loaded before this is called. */
export async function loadReader(): Promise<DeviceReader> {
  const [{ openDeviceReader }, models] = await Promise.all([
    import("./device-reader"),
    request<DeviceModels>("GET", "/api/v1/device-reader"),
  ]);
  return openDeviceReader(models);
}

export class DeviceFrames implements FrameMaker {
  #reader: DeviceReader;
  #onBroken: () => void;
  #failures = 0;

  /** `onBroken` is called where the reading does not work any longer. */
  constructor(reader: DeviceReader, onBroken: () => void) {
    this.#reader = reader;
    this.#onBroken = onBroken;
  }

  async make(video: HTMLVideoElement, size: FrameSize): Promise<Outgoing | null> {
    const bitmap = await grab(video, size.width, size.height);
    if (!bitmap) return null;
    const read = await this.#reader.read(bitmap);
    if (!read) {
      this.#failures += 1;
      if (this.#failures === FAILURES_IN_A_ROW) this.#onBroken();
      return null;
    }
    this.#failures = 0;
    return (header) => scoresMessage(header, read.reading, this.#reader.models);
  }

  close(): void {
    this.#reader.close();
  }
}
