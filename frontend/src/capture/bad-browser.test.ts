// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CaptureTicket } from "../api/schema";
import type { CameraStatus } from "./camera-status";
import type { CaptureSession } from "./capture-session";

/** Each call of the browser hangs or fails: the camera ends in a named state with a sentence. */

const LIMIT_MS = 40_000;
const TICKET = { ticket: "t", url: "ws://x/", max_frame_bytes: 9_000, max_fps: 5 };
const WELCOME = { type: "welcome", next_seq: 1, target_fps: 2, max_frame_bytes: 9_000 };
const JPEG = new Blob([new Uint8Array(100)], { type: "image/jpeg" });

type Result<T> = () => Promise<T>;
const hangs = (): Promise<never> => new Promise(() => undefined);
const fails = (name: string) => (): Promise<never> =>
  Promise.reject(Object.assign(new Error(name), { name }));
const throws = (): never => {
  throw new TypeError("missing");
};

interface Browser {
  getUserMedia: Result<MediaStream>;
  enumerateDevices: Result<MediaDeviceInfo[]>;
  play: Result<void>;
  shows: boolean;
  muted: boolean;
  createImageBitmap: Result<object>;
  transferToImageBitmap: () => object;
  createWorker: () => void;
  /** What the worker answers; null: nothing. */
  worker: ((id: number) => object | null) | "error";
  toBlob: (callback: (blob: Blob | null) => void) => void;
  readBlob: Result<ArrayBuffer>;
  ticket: Result<CaptureTicket>;
  welcomes: boolean;
  answersPings: boolean;
  accepts: boolean;
}

let browser: Browser;
let session: CaptureSession;
let sent: number;
let lastSentMs: number;

const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

class TestTrack extends EventTarget {
  readyState = "live";
  get muted(): boolean {
    return browser.muted;
  }
  getSettings = () => ({ deviceId: "a" });
  stop(): void {
    this.readyState = "ended";
  }
}

class TestWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: object) => void) | null = null;
  terminate = (): void => undefined;

  constructor() {
    browser.createWorker();
  }

  postMessage({ id }: { id: number }): void {
    const { worker } = browser;
    if (worker === "error") this.onerror?.({});
    else if (worker(id)) this.onmessage?.({ data: worker(id) });
  }
}

class TestSocket {
  static readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  accepted = 0;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    setTimeout(() => browser.welcomes && this.#say(WELCOME));
  }

  #say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  send(data: string | ArrayBuffer): void {
    if (typeof data === "string") {
      if (browser.answersPings && data.includes('"ping"')) this.#say({ type: "pong" });
      return;
    }
    [sent, lastSentMs] = [sent + 1, performance.now()];
    if (!browser.accepts) return;
    const counts = { last_seq: 1, received: 1, processed: 0, accepted: ++this.accepted };
    this.#say({ type: "ack", ...counts });
  }

  close(): void {
    this.readyState = 3;
  }
}

function createStream(): MediaStream {
  const track = new TestTrack();
  return { getVideoTracks: () => [track], getTracks: () => [track] } as unknown as MediaStream;
}

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  [sent, lastSentMs] = [0, 0];
  browser = {
    getUserMedia: () => Promise.resolve(createStream()),
    enumerateDevices: () => Promise.resolve([]),
    play: () => Promise.resolve(),
    shows: true,
    muted: false,
    createImageBitmap: () => Promise.resolve({ close: () => undefined }),
    transferToImageBitmap: () => ({}),
    createWorker: () => undefined,
    worker: (id) => ({ id, jpeg: new ArrayBuffer(100) }),
    toBlob: (callback) => callback(JPEG),
    readBlob: () => Promise.resolve(new ArrayBuffer(100)),
    ticket: () => Promise.resolve(TICKET as CaptureTicket),
    welcomes: true,
    answersPings: true,
    accepts: true,
  };
  vi.stubGlobal("WebSocket", TestSocket);
  vi.stubGlobal("Worker", TestWorker);
  vi.stubGlobal("createImageBitmap", () => browser.createImageBitmap());
  vi.stubGlobal(
    "OffscreenCanvas",
    class {
      getContext = () => ({ drawImage: () => undefined });
      transferToImageBitmap = () => browser.transferToImageBitmap();
    },
  );
  vi.stubGlobal("navigator", {
    mediaDevices: Object.assign(new EventTarget(), {
      getUserMedia: () => browser.getUserMedia(),
      enumerateDevices: () => browser.enumerateDevices(),
    }),
  });
  HTMLMediaElement.prototype.play = () => browser.play();
  // The known pattern is read back as drawn; only the page's encoder draws video.
  HTMLCanvasElement.prototype.getContext = ((_kind: string, options: { alpha?: boolean }) =>
    options.alpha === false ? { drawImage: () => undefined } : null) as never;
  HTMLCanvasElement.prototype.toBlob = (callback) => browser.toBlob(callback);
  Blob.prototype.arrayBuffer = () => browser.readBlob();
  const module = await import("./capture-session");
  session = new module.CaptureSession(() => browser.ticket());
  for (const side of ["videoWidth", "videoHeight"])
    Object.defineProperty(session.video, side, { get: () => (browser.shows ? 640 : 0) });
});

afterEach(() => {
  session.dispose();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

type Case = [what: string, change: Partial<Browser>, ends: CameraStatus, says: RegExp];

const fallsBack: Case[] = [
  ["enumerateDevices hangs", { enumerateDevices: hangs }, "on", /^$/],
  ["enumerateDevices rejects", { enumerateDevices: fails("NotAllowedError") }, "on", /^$/],
  ["play hangs", { play: hangs }, "on", /^$/],
  ["play rejects", { play: fails("NotAllowedError") }, "on", /^$/],
  ["createImageBitmap hangs", { createImageBitmap: hangs }, "on", /^$/],
  ["createImageBitmap rejects", { createImageBitmap: fails("TypeError") }, "on", /^$/],
  ["createImageBitmap throws", { createImageBitmap: throws }, "on", /^$/],
  [
    "there are no bitmaps",
    { createImageBitmap: throws, transferToImageBitmap: throws },
    "on",
    /^$/,
  ],
  ["the worker cannot be created", { createWorker: throws }, "on", /^$/],
  ["the worker fails", { worker: "error" }, "on", /^$/],
  ["the worker never answers", { worker: () => null }, "on", /^$/],
  ["the worker has no convertToBlob", { worker: (id) => ({ id, jpeg: null }) }, "on", /^$/],
];

const noWorker = { worker: (id: number) => ({ id, jpeg: null }) };
const unreadable = /cannot read the camera picture/;
const ends: Case[] = [
  ["getUserMedia hangs", { getUserMedia: hangs }, "off", /did not answer/],
  ...(["NotAllowedError", "NotFoundError", "NotReadableError", "AbortError", "x"] as const).map(
    (name): Case => [
      `getUserMedia rejects with ${name}`,
      { getUserMedia: fails(name) },
      "off",
      /without/,
    ],
  ),
  ["the video shows nothing", { shows: false }, "stalled", /sends no picture/],
  ["the track is muted", { muted: true }, "stalled", /sends no picture/],
  ["toBlob hangs", { ...noWorker, toBlob: () => undefined }, "off", unreadable],
  ["toBlob gives null", { ...noWorker, toBlob: (done) => done(null) }, "off", unreadable],
  ["toBlob gives a PNG", { ...noWorker, toBlob: (done) => done(new Blob()) }, "off", unreadable],
  ["the blob is never read", { ...noWorker, readBlob: hangs }, "off", unreadable],
  ["the blob is not read", { ...noWorker, readBlob: fails("NotReadableError") }, "off", unreadable],
  ["no ticket arrives", { ticket: hangs }, "reconnecting", /No connection/],
  ["the ticket fails", { ticket: fails("TypeError") }, "reconnecting", /No connection/],
  ["no welcome arrives", { welcomes: false }, "reconnecting", /No connection/],
  ["no frame is accepted", { accepts: false }, "stalled", /does not take the pictures/],
];

async function expectEnd(status: CameraStatus, says: RegExp): Promise<void> {
  await wait(LIMIT_MS);
  // A connection that is tried again is "connecting" or "waiting" by turns; both are named.
  expect(session.status).toBe(status);
  expect(session.message).toMatch(says);
  if (status === "off") expect(session.camera.live).toBe(false);
  if (status === "on") expect(performance.now() - lastSentMs).toBeLessThan(1000);
}

describe("a browser in which from the start", () => {
  it.each([...fallsBack, ...ends])("%s", async (_what, change, status, says) => {
    Object.assign(browser, change);
    void session.start();
    await expectEnd(status, says);
  });
});

describe("a browser in which during the lesson", () => {
  const during = [...fallsBack, ...ends].filter(
    ([what]) => !/getUserMedia|ticket|welcome|created/.test(what),
  );
  it.each(during)("%s", async (_what, change, status, says) => {
    void session.start();
    await wait(2_000);
    expect(session.status).toBe("on");
    Object.assign(browser, change);
    await expectEnd(status, says);
  });

  it("sends nothing after the camera was stopped while a frame is encoded", async () => {
    browser.worker = () => null;
    void session.start();
    await wait(1_000);
    session.stop();
    await wait(LIMIT_MS);
    expect([sent, session.status, session.message]).toEqual([0, "off", ""]);
  });
});

describe("a dead connection", () => {
  const states: [CameraStatus, () => void][] = [
    ["on", () => undefined],
    ["paused", () => session.pause()],
    ["stalled", () => (browser.muted = true)],
  ];
  it.each(states)("is replaced within 15 s in state %s", async (status, act) => {
    void session.start();
    await wait(2_000);
    act();
    await wait(1_000);
    expect(session.status).toBe(status);
    const tickets = vi.fn(browser.ticket);
    Object.assign(browser, { answersPings: false, accepts: false, ticket: tickets });
    await wait(12_600);
    Object.assign(browser, { answersPings: true, accepts: true });
    expect(tickets).toHaveBeenCalled();
    await wait(2_400);
    expect(session.status).toBe(status);
  });
});
