/** Encoders from a video frame to a protocol message. */
import type { ModeEnum } from "../api/schema";
import { createJpegEncoder, type JpegEncoder } from "./jpeg";
import { encodeFrame, type FrameHeader, HEADER_BYTES } from "./protocol";

/**
 * `frames`: JPEGs are sent to the server. `scores`: only scores computed on the device are sent.
 */
export type CaptureMode = Exclude<ModeEnum, "lesson">;

export interface FrameSize {
  width: number;
  height: number;
  maxBytes: number;
}

/** Builds the message from the frame's header. */
export type MessageBuilder = (header: FrameHeader) => ArrayBuffer | string;

export interface FrameEncoder {
  /** Resolves to null without a frame to send; rejects where the device cannot encode it. */
  make(video: HTMLVideoElement, size: FrameSize): Promise<MessageBuilder | null>;
  close(): void;
}

export class JpegFrameEncoder implements FrameEncoder {
  #jpegs: JpegEncoder;

  constructor(createJpegs: () => JpegEncoder = createJpegEncoder) {
    this.#jpegs = createJpegs();
  }

  async make(video: HTMLVideoElement, size: FrameSize): Promise<MessageBuilder | null> {
    const jpeg = await this.#jpegs.make(video, size.width, size.height);
    if (!jpeg || jpeg.byteLength + HEADER_BYTES > size.maxBytes) return null;
    return (header) => encodeFrame(header, jpeg);
  }

  close(): void {
    this.#jpegs.close();
  }
}
