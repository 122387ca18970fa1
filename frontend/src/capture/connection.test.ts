import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "../api/http";
import type { CaptureTicket } from "../api/schema";
import { Connection, type ConnectionStatus } from "./connection";
import type { ServerMessage } from "./protocol";

/** Fake socket driven by the test. */
class TestSocket {
  static readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  binaryType = "blob";
  sent: unknown[] = [];
  /** Whether pings are answered. */
  alive = true;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closedWith: number | null = null;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}

  send(data: unknown): void {
    this.sent.push(data);
    if (this.alive && String(data).includes('"ping"')) this.say({ type: "pong", t: 1 });
  }

  close(code: number): void {
    this.closedWith = code;
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  fall(code: number): void {
    this.onclose?.({ code });
  }
}

const WELCOME = { type: "welcome", next_seq: 7, target_fps: 2, max_frame_bytes: 98_304 };

let sockets: TestSocket[];
let reports: ConnectionStatus[];
let messages: ServerMessage[];
let tickets: number;
let refuse: ApiProblem | null;
let slower: number;
let ticket: () => Promise<CaptureTicket>;

function issueTicket(): Promise<CaptureTicket> {
  if (refuse) return Promise.reject(refuse);
  tickets += 1;
  return Promise.resolve({ ticket: `t${tickets}`, url: "ws://x/" } as CaptureTicket);
}

function connection(): Connection {
  return new Connection({
    ticket: () => ticket(),
    onState: (report) => reports.push(report),
    onMessage: (message) => messages.push(message),
    onTooFast: () => (slower += 1),
    openSocket: (url, protocols) => {
      const socket = new TestSocket(url, protocols);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    random: () => 1,
  });
}

const last = (): ConnectionStatus | undefined => reports.at(-1);
const socket = (at: number): TestSocket => sockets[at] as TestSocket;
const flush = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function openConnection(): Promise<Connection> {
  const link = connection();
  link.start();
  await flush();
  socket(0).say(WELCOME);
  return link;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", TestSocket);
  [sockets, reports, messages, tickets, slower, refuse] = [[], [], [], 0, 0, null];
  ticket = issueTicket;
  vi.stubGlobal("addEventListener", vi.fn());
  vi.stubGlobal("removeEventListener", vi.fn());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("Connection", () => {
  it("is open after the welcome", async () => {
    const link = connection();
    link.start();
    await flush();
    expect(socket(0).protocols).toEqual(["fer.capture.v1", "ticket.t1"]);
    expect(link.sendFrame(new ArrayBuffer(1))).toBe(false);
    socket(0).say(WELCOME);
    expect(link.open).toBe(true);
    expect(link.sendFrame(new ArrayBuffer(1))).toBe(true);
    expect(messages).toHaveLength(1);
  });

  it("reconnects with a new ticket after the back-off", async () => {
    const link = await openConnection();
    socket(0).fall(1012);
    expect(last()?.state).toBe("waiting");
    expect(link.open).toBe(false);
    await flush(499);
    expect(sockets).toHaveLength(1);
    await flush(2);
    expect(socket(1).protocols[1]).toBe("ticket.t2");
  });

  it("increases the delay while connections are short", async () => {
    await openConnection();
    socket(0).fall(1006);
    await flush(500);
    socket(1).say(WELCOME);
    socket(1).fall(1006);
    await flush(900);
    expect(sockets).toHaveLength(2);
    await flush(100);
    expect(sockets).toHaveLength(3);
  });

  it("stops with a message after 4403", async () => {
    const link = await openConnection();
    socket(0).fall(4403);
    await flush(60_000);
    expect(last()?.state).toBe("stopped");
    expect(last()?.message).toContain("no longer allowed");
    expect(sockets).toHaveLength(1);
    expect(link.open).toBe(false);
  });

  it("stops for a newer window and offers to take over", async () => {
    await openConnection();
    socket(0).fall(4409);
    expect(last()).toMatchObject({ state: "stopped", canTakeOver: true });
  });

  it("reduces the frame rate and waits five seconds after 4429", async () => {
    await openConnection();
    socket(0).fall(4429);
    await flush(4900);
    expect(sockets).toHaveLength(1);
    await flush(200);
    expect(sockets).toHaveLength(2);
    expect(slower).toBe(1);
  });

  it("retries when the ticket request fails", async () => {
    refuse = new ApiProblem(0, null, "no answer");
    connection().start();
    await flush();
    expect(last()?.state).toBe("waiting");
    refuse = null;
    await flush(500);
    expect(sockets).toHaveLength(1);
  });

  it("stops where a ticket is refused", async () => {
    refuse = new ApiProblem(403, "no_consent", "");
    connection().start();
    await flush(60_000);
    expect(last()?.state).toBe("stopped");
    expect(last()?.message).toContain("not allowed the camera");
  });

  const unanswered: [string, (link: Connection) => void][] = [
    ["a frame", (link) => link.sendFrame(new ArrayBuffer(1))],
    ["scores", (link) => link.sendFrame("{}")],
    ["a pause", (link) => link.send({ type: "pause" })],
    ["nothing but pings", () => undefined],
  ];
  it.each(unanswered)("closes a socket that does not answer to %s", async (_what, act) => {
    const link = await openConnection();
    await flush(60_000);
    expect(sockets).toHaveLength(1);
    socket(0).alive = false;
    act(link);
    await flush(13_000);
    expect(socket(0).closedWith).toBe(1000);
    expect(sockets).toHaveLength(2);
  });

  it.each([
    ["ticket", 6_000, () => (ticket = () => new Promise(() => undefined))],
    ["welcome", 8_000, () => undefined],
  ])("tries again where no %s arrives within %i ms", async (_what, limitMs, prepare) => {
    prepare();
    connection().start();
    await flush(limitMs + 1);
    expect(last()?.state).toBe("waiting");
    ticket = issueTicket;
    const before = sockets.length;
    await flush(500);
    expect(sockets).toHaveLength(before + 1);
  });

  it("ignores a ticket that arrives after its limit", async () => {
    let issue: (ticket: CaptureTicket) => void = () => undefined;
    ticket = () => new Promise((resolve) => (issue = resolve));
    connection().start();
    await flush(6_100);
    issue({ ticket: "late", url: "ws://x/" } as CaptureTicket);
    await flush();
    expect(sockets).toHaveLength(0);
  });

  it("pings an idle socket", async () => {
    const link = await openConnection();
    await flush(60_000);
    expect(link.open).toBe(true);
    expect(socket(0).sent.length).toBeGreaterThan(3);
  });

  it("opens no socket when stopped while waiting for the ticket", async () => {
    const link = connection();
    link.start();
    link.stop();
    await flush(1000);
    expect(sockets).toHaveLength(0);
  });
});
