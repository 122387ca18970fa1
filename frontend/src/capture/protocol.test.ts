import { describe, expect, it } from "vitest";
import { buildSubprotocols, encodeFrame, HEADER_BYTES, parseServerMessage } from "./protocol";

const header = { seq: 0x01020304, capturedMs: 2 ** 40 + 7.9, visible: true, focused: false };

describe("encodeFrame", () => {
  it("writes the big-endian 16-byte header before the JPEG", () => {
    const frame = new Uint8Array(encodeFrame(header, new Uint8Array([0xff, 0xd8]).buffer));
    expect([...frame]).toEqual([
      ...[0x46, 0x52, 1, 0b01],
      ...[1, 2, 3, 4],
      ...[0, 0, 1, 0, 0, 0, 0, 7],
      ...[0xff, 0xd8],
    ]);
  });

  it.each([
    [true, true, 3],
    [false, true, 2],
    [false, false, 0],
  ])("encodes visible %s and focused %s in the flags", (visible, focused, flags) => {
    const frame = new Uint8Array(encodeFrame({ ...header, visible, focused }, new ArrayBuffer(0)));
    expect(frame[3]).toBe(flags);
    expect(frame.byteLength).toBe(HEADER_BYTES);
  });
});

describe("parseServerMessage", () => {
  const welcome = { type: "welcome", next_seq: 5, target_fps: 2, max_frame_bytes: 98304 };

  it("parses a complete message", () => {
    expect(parseServerMessage(JSON.stringify(welcome))).toEqual(welcome);
  });

  it.each([
    ["of an unknown type", '{"type":"praise"}'],
    ["with a missing field", JSON.stringify({ ...welcome, next_seq: undefined })],
    ["with a field of another type", JSON.stringify({ ...welcome, target_fps: "2" })],
    ["that is no object", "null"],
    ["that is no JSON", "{"],
    ["named after an inherited property", '{"type":"constructor"}'],
  ])("ignores a message %s", (_why, text) => {
    expect(parseServerMessage(text)).toBeNull();
  });
});

it("the ticket is sent as a subprotocol", () => {
  expect(buildSubprotocols("a-B_1")).toEqual(["fer.capture.v1", "ticket.a-B_1"]);
});
