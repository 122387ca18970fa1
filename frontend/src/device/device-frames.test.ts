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

  it("reports repeated failures once and sends nothing", async () => {
    vi.stubGlobal("createImageBitmap", () => Promise.resolve(bitmap));
    const broken = vi.fn();
    const reader = { read: () => Promise.resolve(null) } as unknown as DeviceReader;
    const frames = new ScoreFrameEncoder(reader, broken);
    for (let picture = 0; picture < 12; picture++)
      expect(await frames.make(video, size)).toBeNull();
    expect(broken).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });
});
