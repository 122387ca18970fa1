/** Reads the camera's pictures on this device, and sends numbers instead of them. */
import { request } from "../api/http";
import type { FrameEncoder, FrameSize, MessageBuilder } from "../capture/frame-encoder";
import { grabBitmap } from "../capture/jpeg";
import type { DeviceReader } from "./device-reader";
import type { DeviceModels } from "../api/schema";
import { buildScoresMessage } from "./scores-message";

const MAX_CONSECUTIVE_FAILURES = 10;

export type OpenReader = () => Promise<DeviceReader>;

/** Nothing of the reading, not even its script, is loaded before this is called. */
export async function loadReader(): Promise<DeviceReader> {
  const [{ openDeviceReader }, models] = await Promise.all([
    import("./device-reader"),
    request<DeviceModels>("GET", "/api/v1/device-reader"),
  ]);
  return openDeviceReader(models);
}

export class ScoreFrameEncoder implements FrameEncoder {
  #reader: DeviceReader;
  #onBroken: () => void;
  #failures = 0;

  /** `onBroken` is called where the reading does not work any longer. */
  constructor(reader: DeviceReader, onBroken: () => void) {
    this.#reader = reader;
    this.#onBroken = onBroken;
  }

  async make(video: HTMLVideoElement, size: FrameSize): Promise<MessageBuilder | null> {
    const bitmap = await grabBitmap(video, size.width, size.height);
    if (!bitmap) return null;
    const read = await this.#reader.read(bitmap);
    if (!read) {
      this.#failures += 1;
      if (this.#failures === MAX_CONSECUTIVE_FAILURES) this.#onBroken();
      return null;
    }
    this.#failures = 0;
    return (header) => buildScoresMessage(header, read.reading, this.#reader.models);
  }

  close(): void {
    this.#reader.close();
  }
}
