// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CaptureTicket } from "../api/schema";
import { saveCameraId } from "../page/browser-settings";
import { CaptureSession } from "./capture-session";
import { HEADER_BYTES } from "./protocol";

const TICKET: CaptureTicket = {
  ...{ ticket: "t", expires_in: 30, url: "ws://x/" },
  ...{ max_frame_bytes: 1000, max_fps: 5, width: 320, height: 240 },
};
const ACK = { type: "ack", last_seq: 1, received: 1, processed: 0 };
const WELCOME = { type: "welcome", next_seq: 41, target_fps: 2, max_frame_bytes: 1000 };

class TestTrack extends EventTarget {
  muted = false;
  getSettings = () => ({});
  readyState = "live";
  stop(): void {
    this.readyState = "ended";
  }
}

class TestSocket {
  static readonly OPEN = 1;
  static all: TestSocket[] = [];
  readyState = 1;
  bufferedAmount = 0;
  accepted = 0;
  sent: (string | ArrayBuffer)[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    TestSocket.all.push(this);
  }

  send(data: string | ArrayBuffer): void {
    this.sent.push(data);
    if (typeof data !== "string") this.accepted += 1;
    if (acknowledges && typeof data !== "string")
      this.onmessage?.({ data: JSON.stringify({ ...ACK, accepted: this.accepted }) });
    if (typeof data === "string" && data.includes('"ping"'))
      this.onmessage?.({ data: '{"type":"pong","t":1}' });
  }

  close(): void {
    this.readyState = 3;
  }
}

let tracks: TestTrack[];
let hidden: boolean;
let acknowledges: boolean;
let requestMedia: (constraints: MediaStreamConstraints) => Promise<unknown>;
let session: CaptureSession;
/** Provides the bytes of the next JPEG. */
let picture: () => Promise<ArrayBuffer | null>;

const countLive = (): number => tracks.filter((track) => track.readyState === "live").length;
const socket = (): TestSocket => TestSocket.all.at(-1) as TestSocket;
const sentFrames = (): ArrayBuffer[] =>
  TestSocket.all.flatMap((socket) => socket.sent).filter((data) => typeof data !== "string");
const sentTexts = (): string[] =>
  TestSocket.all.flatMap((socket) => socket.sent).filter((data) => typeof data === "string");
const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const readSeq = (frame: ArrayBuffer): number => new DataView(frame).getUint32(4);
const setVisible = (visible: boolean): void => {
  hidden = !visible;
  document.dispatchEvent(new Event("visibilitychange"));
};

function createStream(): object {
  const track = new TestTrack();
  tracks.push(track);
  return { getVideoTracks: () => [track], getTracks: () => [track] };
}

async function startCapture(): Promise<void> {
  await session.preview();
  await session.start();
  await wait(0);
  socket().onmessage?.({ data: JSON.stringify(WELCOME) });
}

beforeEach(() => {
  vi.useFakeTimers();
  [tracks, hidden, TestSocket.all, acknowledges] = [[], false, [], true];
  HTMLCanvasElement.prototype.getContext = () => null;
  picture = () => Promise.resolve(new ArrayBuffer(100));
  vi.stubGlobal("WebSocket", TestSocket);
  Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
  HTMLMediaElement.prototype.play = () => Promise.resolve();
  requestMedia = () => Promise.resolve(createStream());
  vi.stubGlobal("navigator", {
    mediaDevices: {
      getUserMedia: (constraints: MediaStreamConstraints) => requestMedia(constraints),
    },
  });
  const jpegs = { make: () => picture(), close: () => undefined };
  session = new CaptureSession(
    () => Promise.resolve(TICKET),
    () => jpegs,
  );
});

afterEach(() => {
  session.dispose();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("CaptureSession", () => {
  it("shows a preview without connecting", async () => {
    await session.preview();
    await wait(5000);
    expect([session.status, countLive(), TestSocket.all.length]).toEqual(["preview", 1, 0]);
  });

  it("sends frames from next_seq at the target rate", async () => {
    await startCapture();
    await wait(2000);
    expect(session.status).toBe("on");
    expect(sentFrames().map(readSeq)).toEqual([41, 42, 43, 44]);
    expect(sentFrames()[0]?.byteLength).toBe(HEADER_BYTES + 100);
  });

  it("keeps the reduced rate after reconnecting", async () => {
    await startCapture();
    socket().onclose?.({ code: 4429 });
    await wait(25_000);
    socket().onmessage?.({ data: JSON.stringify({ ...WELCOME, next_seq: 100 }) });
    await wait(200);
    const before = sentFrames().length;
    await wait(6000);
    expect(sentFrames().length - before).toBe(6);
    socket().onmessage?.({ data: JSON.stringify({ type: "rate", target_fps: 5 }) });
    await wait(6000);
    expect(sentFrames().length - before).toBe(12);
  });

  it("keeps one frame in flight", async () => {
    picture = () => new Promise(() => undefined);
    await startCapture();
    await wait(6000);
    expect(sentFrames()).toHaveLength(0);
    expect(sentTexts().some((text) => text.includes('"client_drops","busy":9'))).toBe(true);
  });

  it("drops frames that are too large", async () => {
    picture = () => Promise.resolve(new ArrayBuffer(1000));
    await startCapture();
    await wait(2000);
    expect(sentFrames()).toHaveLength(0);
  });

  it("stops at a pause and drops the pending frame", async () => {
    let finishEncoding: (jpeg: ArrayBuffer) => void = () => undefined;
    picture = () => new Promise((resolve) => (finishEncoding = resolve));
    await startCapture();
    await wait(200);
    session.pause();
    finishEncoding(new ArrayBuffer(100));
    await wait(3000);
    expect([session.status, countLive(), sentFrames().length]).toEqual(["paused", 0, 0]);
    expect(sentTexts()).toContain('{"type":"pause"}');
  });

  it("resumes after a pause", async () => {
    await startCapture();
    session.pause();
    await session.resume();
    await wait(1100);
    expect([session.status, countLive()]).toEqual(["on", 1]);
    expect(sentFrames().length).toBeGreaterThan(0);
  });

  it("sends nothing while hidden and stops after the grace period", async () => {
    await startCapture();
    await wait(100);
    const before = sentFrames().length;
    setVisible(false);
    await wait(1000);
    expect([sentFrames().length, countLive()]).toEqual([before, 1]);
    await wait(1500);
    expect(countLive()).toBe(0);
    setVisible(true);
    await wait(1000);
    expect([session.status, countLive()]).toEqual(["on", 1]);
    expect(sentFrames().length).toBeGreaterThan(before);
  });

  it.each([
    ["is stopped", () => session.stop()],
    ["leaves the page", () => globalThis.dispatchEvent(new Event("pagehide"))],
    ["is forbidden", () => socket().onclose?.({ code: 4403 })],
    ["is used in another window", () => socket().onclose?.({ code: 4409 })],
    ["is unplugged", () => tracks[0]?.dispatchEvent(new Event("ended"))],
  ])("is off when it %s", async (_how, act) => {
    await startCapture();
    await wait(1000);
    const before = sentFrames().length;
    act();
    await wait(20_000);
    expect([session.status, countLive(), sentFrames().length]).toEqual(["off", 0, before]);
    expect(TestSocket.all).toHaveLength(1);
  });

  it("reconnects with the camera on", async () => {
    await startCapture();
    socket().onclose?.({ code: 1012 });
    expect([session.status, countLive()]).toEqual(["reconnecting", 1]);
    await wait(600);
    socket().onmessage?.({ data: JSON.stringify({ ...WELCOME, next_seq: 90 }) });
    await wait(600);
    expect(session.status).toBe("on");
    expect(readSeq(socket().sent.find((data) => typeof data !== "string") as ArrayBuffer)).toBe(90);
  });

  it("keeps paused and hidden readings after reconnecting", async () => {
    await startCapture();
    session.showReadings(false);
    session.pause();
    socket().onclose?.({ code: 1012 });
    await wait(600);
    socket().onmessage?.({ data: JSON.stringify(WELCOME) });
    await wait(0);
    expect([session.status, countLive()]).toEqual(["paused", 0]);
    expect(socket().sent).toEqual(['{"type":"pause"}', '{"type":"show_readings","on":false}']);
  });

  it.each([
    ["stop", () => session.stop(), "off"],
    ["pause", () => session.pause(), "paused"],
  ])("stops a stream that arrives after %s", async (_how, act, sign) => {
    let opened: () => void = () => undefined;
    requestMedia = () => new Promise((resolve) => (opened = () => resolve(createStream())));
    const start = session.start();
    act();
    opened();
    await start;
    await wait(1000);
    expect([session.status, tracks.length, countLive(), sentFrames().length]).toEqual([
      sign,
      1,
      0,
      0,
    ]);
  });

  it("is opened once for two requests", async () => {
    await Promise.all([session.preview(), session.start()]);
    expect(tracks).toHaveLength(1);
  });

  it("shows an error and does not connect when it fails to start", async () => {
    const refused = Object.assign(new Error(), { name: "NotAllowedError" });
    requestMedia = () => Promise.reject(refused);
    await session.start();
    await wait(1000);
    expect(session.status).toBe("off");
    expect(session.message).toContain("blocks the camera");
    expect(TestSocket.all.every((socket) => socket.readyState === 3)).toBe(true);
  });

  it("is not on when frames are no longer accepted, and recovers", async () => {
    await startCapture();
    await wait(1000);
    expect(session.status).toBe("on");
    acknowledges = false;
    await wait(9500);
    expect([session.status, countLive()]).toEqual(["stalled", 1]);
    expect(session.message).toContain("does not take the pictures");
    acknowledges = true;
    await wait(1000);
    expect([session.status, session.message]).toEqual(["on", ""]);
  });

  it("sends nothing while the camera is muted", async () => {
    await startCapture();
    await wait(1000);
    const track = tracks[0] as TestTrack;
    track.muted = true;
    track.dispatchEvent(new Event("mute"));
    const before = sentFrames().length;
    expect(session.status).toBe("stalled");
    expect(session.message).toContain("sends no picture");
    await wait(5000);
    expect(sentFrames()).toHaveLength(before);
    track.muted = false;
    track.dispatchEvent(new Event("unmute"));
    await wait(1000);
    expect([session.status, session.message]).toEqual(["on", ""]);
  });

  it.each(["", "second"])("asks for less where no camera fits (chosen: '%s')", async (chosen) => {
    saveCameraId(chosen);
    const asked: MediaStreamConstraints[] = [];
    requestMedia = (constraints) => {
      asked.push(constraints);
      const error = Object.assign(new Error(), { name: "OverconstrainedError" });
      return constraints.video === true ? Promise.resolve(createStream()) : Promise.reject(error);
    };
    expect(await session.preview()).toBe(true);
    expect(asked).toHaveLength(chosen ? 3 : 2);
    saveCameraId("");
  });

  it("names a camera that no constraints fit, or that is missing", async () => {
    for (const [name, text] of [
      ["OverconstrainedError", "no picture that fits"],
      ["NotFoundError", "No camera found"],
    ] as const) {
      requestMedia = () => Promise.reject(Object.assign(new Error(), { name }));
      expect(await session.preview()).toBe(false);
      expect(session.message).toContain(text);
    }
  });

  it("remembers the chosen camera", async () => {
    let asked: MediaTrackConstraints = {};
    requestMedia = ({ video }) => {
      asked = video as MediaTrackConstraints;
      return Promise.resolve(createStream());
    };
    await session.selectCamera("second");
    session.stop();
    await session.preview();
    expect(asked.deviceId).toEqual({ exact: "second" });
  });
});
