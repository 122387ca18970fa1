/** Messages of the `fer.capture.v1` WebSocket protocol. */
import type { HintAnswerEnum, HintKindEnum } from "../api/schema";

const SUBPROTOCOL = "fer.capture.v1";
export const HEADER_BYTES = 16;

const MAGIC = 0x4652;
const VERSION = 1;
const PAGE_VISIBLE = 1;
const WINDOW_FOCUSED = 2;

export interface FrameHeader {
  seq: number;
  /** The page's monotonic clock, in milliseconds. */
  capturedMs: number;
  visible: boolean;
  focused: boolean;
}

export type Quality =
  | "ok"
  | "no_face"
  | "many_faces"
  | "small_face"
  | "cut_off"
  | "turned_away"
  | "low_light"
  | "low_confidence";

export interface Welcome {
  type: "welcome";
  session_id: string;
  participant_id: string;
  consent_epoch: number;
  next_seq: number;
  target_fps: number;
  max_frame_bytes: number;
  server_ms: number;
}

export interface Ack {
  type: "ack";
  last_seq: number;
  received: number;
  accepted: number;
  refused: Record<string, number>;
  processed: number;
  lost: Record<string, number>;
  in_flight: number;
}

export interface Reading {
  type: "reading";
  seq: number;
  quality: Quality;
  scores: Record<string, number> | null;
  engagement: number | null;
}

export interface HintMessage {
  type: "hint";
  hint_id: number | string;
  title: string;
  body: string;
  why: string;
  dismissable: boolean;
  /** Presentation; a text hint by default. */
  kind?: HintKindEnum;
  form?: string;
  symbol?: string;
  step_id?: number | null;
  /** Requested by the learner; over the socket never. */
  asked?: boolean;
}

export interface Rate {
  type: "rate";
  target_fps: number;
}

export interface ServerError {
  type: "error";
  reason: string;
  detail: string;
}

export type ServerMessage = Welcome | Ack | Reading | HintMessage | Rate | ServerError;

export type ClientMessage =
  | { type: "pause" | "resume" }
  | { type: "visibility"; visible: boolean }
  | { type: "hint_response"; hint_id: number | string; answer: HintAnswerEnum }
  | { type: "ping"; t: number }
  | { type: "client_drops"; busy: number; hidden: number }
  | { type: "show_readings"; on: boolean };

export function buildSubprotocols(ticket: string): string[] {
  return [SUBPROTOCOL, `ticket.${ticket}`];
}

/** Concatenates the 16-byte header and the JPEG. */
export function encodeFrame(header: FrameHeader, jpeg: ArrayBuffer): ArrayBuffer {
  const frame = new Uint8Array(HEADER_BYTES + jpeg.byteLength);
  writeHeader(new DataView(frame.buffer), header);
  frame.set(new Uint8Array(jpeg), HEADER_BYTES);
  return frame.buffer;
}

function writeHeader(view: DataView, header: FrameHeader): void {
  view.setUint16(0, MAGIC);
  view.setUint8(2, VERSION);
  view.setUint8(3, (header.visible ? PAGE_VISIBLE : 0) | (header.focused ? WINDOW_FOCUSED : 0));
  view.setUint32(4, header.seq);
  view.setBigUint64(8, BigInt(Math.floor(header.capturedMs)));
}

const REQUIRED_FIELDS: Record<ServerMessage["type"], Record<string, "number" | "string">> = {
  welcome: { next_seq: "number", target_fps: "number", max_frame_bytes: "number" },
  ack: { last_seq: "number", received: "number", accepted: "number", processed: "number" },
  reading: { seq: "number", quality: "string" },
  hint: { title: "string", body: "string" },
  rate: { target_fps: "number" },
  error: { reason: "string" },
};

/** Parses a server message; null for unknown or incomplete messages. */
export function parseServerMessage(text: string): ServerMessage | null {
  const message = parseObject(text);
  const fields = message && getRequiredFields(message["type"]);
  if (!message || !fields) return null;
  const complete = Object.entries(fields).every(([name, type]) => typeof message[name] === type);
  return complete ? (message as unknown as ServerMessage) : null;
}

function getRequiredFields(type: unknown): Record<string, string> | null {
  return typeof type === "string" && Object.hasOwn(REQUIRED_FIELDS, type)
    ? REQUIRED_FIELDS[type as ServerMessage["type"]]
    : null;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
