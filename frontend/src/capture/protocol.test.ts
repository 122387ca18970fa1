import { describe, expect, it } from "vitest";
import { buildSubprotocols, encodeFrame, HEADER_BYTES, parseServerMessage } from "./protocol";

const header = { seq: 0x01020304, capturedMs: 2 ** 40 + 7.9, visible: true, focused: false };

describe("a frame on the wire", () => {
  it("is the sixteen-byte header of the protocol, big-endian, and then the JPEG", () => {
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
  ])("says visible %s and focused %s in its flags", (visible, focused, flags) => {
    const frame = new Uint8Array(encodeFrame({ ...header, visible, focused }, new ArrayBuffer(0)));
    expect(frame[3]).toBe(flags);
    expect(frame.byteLength).toBe(HEADER_BYTES);
  });
});

describe("a message of the server", () => {
  const welcome = { type: "welcome", next_seq: 5, target_fps: 2, max_frame_bytes: 98304 };

  it("is read where it is whole", () => {
    expect(parseServerMessage(JSON.stringify(welcome))).toEqual(welcome);
  });

  it.each([
    ["of an unknown type", '{"type":"praise"}'],
    ["with a missing field", JSON.stringify({ ...welcome, next_seq: undefined })],
    ["with a field of another type", JSON.stringify({ ...welcome, target_fps: "2" })],
    ["that is no object", "null"],
    ["that is no JSON", "{"],
    ["named after an inherited property", '{"type":"constructor"}'],
  ])("%s is passed over", (_why, text) => {
    expect(parseServerMessage(text)).toBeNull();
  });
});

it("the ticket travels as a subprotocol", () => {
  expect(buildSubprotocols("a-B_1")).toEqual(["fer.capture.v1", "ticket.a-B_1"]);
});
