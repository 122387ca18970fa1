/** From the camera's present picture to what is sent: the picture itself, or numbers about it. */
import { type JpegEncoder, createJpegEncoder } from "./jpeg";
import { encodeFrame, type FrameHeader, HEADER_BYTES } from "./protocol";

/** `frames`: pictures go to the school's computer. `scores`: they stay on the device. */
export type CaptureMode = "frames" | "scores";

export interface FrameSize {
  width: number;
  height: number;
  maxBytes: number;
}

/** Given its number and time, the message to be sent. */
export type MessageBuilder = (header: FrameHeader) => ArrayBuffer | string;

export interface FrameEncoder {
  /** null where nothing came of the picture; the next one may well do. */
  make(video: HTMLVideoElement, size: FrameSize): Promise<MessageBuilder | null>;
  close(): void;
}

/** Sends the picture. */
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
