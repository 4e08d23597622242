import type { ImageView } from "../../../wire";
import type { Film, Matrix, Size } from "./geometry";
import type { WindowLevel } from "./window";

/** What one frame is, whoever draws it. */
export interface FrameSource {
  /** Names the frame for the engine's cache. */
  key: string;
  image: Pick<ImageView, "rows" | "cols" | "samples" | "signed" | "bitsStored" | "inverted" | "slope" | "intercept" | "spacingMm">;
  /** 16-bit little endian stored values, or 8-bit RGB when `samples` is 3. */
  bytes: ArrayBuffer;
}

export interface Look {
  window: WindowLevel;
  /** Turned round by a person, on top of what the file asks for. */
  inverted: boolean;
}

/**
 * Draws the pixels of one frame into an element, and nothing else: no gesture, no text, no overlay. Two engines
 * exist, Cornerstone3D on the graphics card and our own 2-D canvas; neither decides where the picture lies.
 */
export interface Viewport {
  readonly engine: "gpu" | "canvas";
  show(frame: FrameSource): Promise<void>;
  /** `matrix` maps image pixels to points of the element, which has `size`. */
  draw(look: Look, matrix: Matrix, size: Size): void;
  /** Called when the engine can draw no more, such as when the graphics card was taken away. */
  onLost?(listener: () => void): void;
  dispose(): void;
}

/** A frame whose bytes do not fit its description is refused before an engine sees it. */
export class FrameMismatch extends Error {
  constructor(readonly expected: number, readonly found: number) {
    super(`the frame has ${found} bytes where ${expected} belong`);
    this.name = "FrameMismatch";
  }
}

export function checkFrame({ image, bytes }: FrameSource): void {
  const expected = image.rows * image.cols * (image.samples === 3 ? 3 : 2);
  if (bytes.byteLength !== expected) throw new FrameMismatch(expected, bytes.byteLength);
}

export function filmOf(image: Pick<ImageView, "rows" | "cols" | "spacingMm">): Film {
  const [row, col] = image.spacingMm ?? [1, 1];
  const aspect = row / col;
  return { cols: image.cols, rows: image.rows, aspect: Number.isFinite(aspect) && aspect > 0 ? aspect : 1 };
}

let choice: Promise<(element: HTMLElement) => Viewport> | undefined;

/**
 * The graphics card where it draws what the arithmetic says, else the canvas. Decided once per window, by drawing a
 * small pattern and comparing it grey by grey: a card that answers is not yet a card that draws right.
 */
export function makeViewport(element: HTMLElement): Promise<Viewport> {
  choice ??= choose();
  return choice.then((make) => make(element));
}

async function choose(): Promise<(element: HTMLElement) => Viewport> {
  const { canvasViewport } = await import("./canvas");
  try {
    const { cornerstoneViewport, startCornerstone } = await import("./cornerstone");
    const { drawsRight } = await import("./selfTest");
    startCornerstone();
    const verdict = await drawsRight(cornerstoneViewport);
    if (verdict === null) return cornerstoneViewport;
    console.info(`pictures are drawn by the canvas: ${verdict}`);
  } catch (cause) {
    console.info("pictures are drawn by the canvas:", cause);
  }
  return canvasViewport;
}
