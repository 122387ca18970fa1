/** Worker: encodes JPEGs and clears the canvas afterwards. */
import type { JpegRequest, JpegResponse } from "./jpeg";

interface WorkerScope {
  onmessage: ((event: MessageEvent<JpegRequest>) => void) | null;
  postMessage(message: JpegResponse, transfer: Transferable[]): void;
}

const scope = self as unknown as WorkerScope;
let canvas: OffscreenCanvas | null = null;

scope.onmessage = (event) => {
  void encode(event.data).then(
    (jpeg) => scope.postMessage({ id: event.data.id, jpeg }, [jpeg]),
    () => scope.postMessage({ id: event.data.id, jpeg: null }, []),
  );
};

async function encode({ bitmap, quality }: JpegRequest): Promise<ArrayBuffer> {
  canvas ??= new OffscreenCanvas(bitmap.width, bitmap.height);
  if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
  if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("no 2d context");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (blob.type !== "image/jpeg") throw new Error("no JPEG");
  return blob.arrayBuffer();
}
