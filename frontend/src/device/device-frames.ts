/** Encoder of scores mode: analyses frames on the device. */
import { request } from "../api/http";
import type { DeviceModels } from "../api/schema";
import type { FrameEncoder, FrameSize, MessageBuilder } from "../capture/frame-encoder";
import { grabBitmap } from "../capture/jpeg";
import { withLimit } from "../capture/limit";
import type { DeviceReader } from "./device-reader";
import { buildScoresMessage } from "./scores-message";

const LOAD_TIMEOUT_MS = 120_000;
const READ_TIMEOUT_MS = 10_000;

export type OpenReader = () => Promise<DeviceReader>;

/** Loads the script and the models on first use. */
export function loadReader(): Promise<DeviceReader> {
  return withLimit(load(), LOAD_TIMEOUT_MS, (late) => late.close());
}

async function load(): Promise<DeviceReader> {
  const [{ openDeviceReader }, models] = await Promise.all([
    import("./device-reader"),
    request<DeviceModels>("GET", "/api/v1/device-reader"),
  ]);
  return openDeviceReader(models);
}

export class ScoreFrameEncoder implements FrameEncoder {
  constructor(readonly reader: DeviceReader) {}

  async make(video: HTMLVideoElement, size: FrameSize): Promise<MessageBuilder | null> {
    if (!video.videoWidth) return null;
    const bitmap = await grabBitmap(video, size.width, size.height);
    const read = await withLimit(this.reader.read(bitmap), READ_TIMEOUT_MS);
    if (!read) throw new Error("no reading");
    return (header) => buildScoresMessage(header, read.reading, this.reader.models);
  }

  close(): void {
    this.reader.close();
  }
}
