/** Encoder of scores mode: analyses frames on the device. */
import { request } from "../api/http";
import type { DeviceModels } from "../api/schema";
import type { FrameEncoder, FrameSize, MessageBuilder } from "../capture/frame-encoder";
import { grabBitmap } from "../capture/jpeg";
import type { DeviceReader } from "./device-reader";
import { buildScoresMessage } from "./scores-message";

const MAX_CONSECUTIVE_FAILURES = 10;

export type OpenReader = () => Promise<DeviceReader>;

/** Loads the script and the models on first use. */
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

  /** `onBroken` is called after repeated failures. */
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
