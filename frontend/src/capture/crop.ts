export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Largest centered crop with the target aspect ratio. */
export function computeCenterCrop(
  width: number,
  height: number,
  wantedWidth: number,
  wantedHeight: number,
): Rectangle {
  const shape = wantedWidth / wantedHeight;
  const cropWidth = Math.min(width, Math.round(height * shape));
  const cropHeight = Math.min(height, Math.round(width / shape));
  return {
    x: Math.floor((width - cropWidth) / 2),
    y: Math.floor((height - cropHeight) / 2),
    width: cropWidth,
    height: cropHeight,
  };
}
