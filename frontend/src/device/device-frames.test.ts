// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import type { CaptureTicket } from "../api/schema";
import { CaptureSession } from "../capture/capture-session";
import { ScoreFrameEncoder } from "./device-frames";
import type { DeviceReader } from "./device-reader";

const size = { width: 320, height: 240, maxBytes: 1000 };
const bitmap = { close: () => undefined };
const video = { videoWidth: 640, videoHeight: 480 } as HTMLVideoElement;

describe("ScoreFrameEncoder", () => {
  it("sends nothing and keeps the camera off", async () => {
    const jpegs = vi.fn();
    const tickets: string[] = [];
    vi.stubGlobal("navigator", {
      mediaDevices: { getUserMedia: () => new Promise(() => undefined) },
    });
    const session = new CaptureSession(
      (mode) => {
        tickets.push(mode);
        return new Promise<CaptureTicket>(() => undefined);
      },
      jpegs,
      () => Promise.reject(new Error("no WebAssembly")),
    );
    session.choose("scores");
    await session.start();
    expect([session.status, session.mode]).toEqual(["off", "scores"]);
    expect(session.message).toContain("cannot analyse pictures itself");
    expect(jpegs).not.toHaveBeenCalled();
    expect(tickets).toEqual(["scores"]);
    session.dispose();
    vi.unstubAllGlobals();
  });

  it.each([
    ["answers nothing", () => Promise.resolve(null)],
    ["never answers", () => new Promise<null>(() => undefined)],
  ])("rejects where the reader %s", async (_what, read) => {
    vi.useFakeTimers();
    vi.stubGlobal("createImageBitmap", () => Promise.resolve(bitmap));
    const frames = new ScoreFrameEncoder({ read } as unknown as DeviceReader);
    const outcome = expect(frames.make(video, size)).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(10_000);
    await outcome;
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});
