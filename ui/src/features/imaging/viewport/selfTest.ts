import type { FrameSource, Viewport } from "./Viewport";
import { flipH, matrixOf, type Placement, rotateRight, start, toScreen } from "./geometry";
import { grey } from "./window";

/** Squares per side, and pixels per square: in the middle of a square no sampling between pixels changes a grey. */
const squares = 8;
const per = 4;
const side = squares * per;
const size = { width: 128, height: 128 };
const window_ = { center: 1000, width: 1601 };
/** Greys apart that no eye sees; rounding to eight bits stays below. */
const allowed = 3;

/** No symmetry: a picture turned, mirrored or moved is another picture. */
const valueOf = (column: number, row: number) => ((row * squares + column) * 397 + column * 131) % 2000;

function pattern(): FrameSource {
  const stored = new Uint16Array(side * side);
  for (let i = 0; i < stored.length; i++) stored[i] = valueOf(Math.floor((i % side) / per), Math.floor(i / side / per));
  return {
    key: "self-test",
    image: { rows: side, cols: side, samples: 1, signed: false, bitsStored: 16, inverted: false, slope: 1, intercept: 0, spacingMm: null },
    bytes: stored.buffer,
  };
}

/**
 * Draws a small pattern upright, then mirrored and turned, and compares the grey in the middle of every square with
 * the arithmetic. Null when all agree, else what was wrong.
 */
export async function drawsRight(make: (element: HTMLElement) => Viewport): Promise<string | null> {
  const stage = document.createElement("div");
  stage.style.cssText = `position:fixed;inset-block-start:0;inset-inline-start:-1000px;width:${size.width}px;height:${size.height}px`;
  stage.setAttribute("aria-hidden", "true");
  document.body.append(stage);
  let viewport: Viewport | undefined;
  try {
    viewport = make(stage);
    const frame = pattern();
    await within(3000, viewport.show(frame));
    for (const placement of [start, rotateRight(flipH(start))]) {
      const wrong = await compare(viewport, placement, stage);
      if (wrong) return wrong;
    }
    return null;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  } finally {
    viewport?.dispose();
    stage.remove();
  }
}

async function compare(viewport: Viewport, placement: Placement, stage: HTMLElement): Promise<string | null> {
  const film = { cols: side, rows: side, aspect: 1 };
  const matrix = matrixOf(placement, film, size);
  let wrong = "nothing was drawn";
  // The engine draws on the next picture of the screen, or the one after.
  for (let attempt = 0; attempt < 20; attempt++) {
    viewport.draw({ window: window_, inverted: false }, matrix, size);
    await within(500, new Promise((done) => requestAnimationFrame(() => done(undefined)))).catch(() => undefined);
    const canvas = stage.querySelector("canvas");
    const read = canvas && copyOf(canvas);
    if (!read) continue;
    wrong = "";
    for (let y = 0; y < squares && !wrong; y++) {
      for (let x = 0; x < squares && !wrong; x++) {
        const at = toScreen(matrix, { x: (x + 0.5) * per, y: (y + 0.5) * per });
        const seen = read(at.x / size.width, at.y / size.height);
        const meant = grey(valueOf(x, y), window_);
        if (Math.abs(seen - meant) > allowed) wrong = `grey ${seen} where ${meant} belongs (column ${x}, row ${y})`;
      }
    }
    if (!wrong) return null;
  }
  return wrong;
}

/** Reads through a copy: a canvas with a graphics context has no readable pixels of its own. */
function copyOf(canvas: HTMLCanvasElement): ((x: number, y: number) => number) | null {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext("2d", { willReadFrequently: true });
  if (!context || canvas.width === 0 || canvas.height === 0) return null;
  context.drawImage(canvas, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, copy.width, copy.height);
  return (x, y) => data[(Math.floor(y * height) * width + Math.floor(x * width)) * 4] ?? 0;
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("it took too long")), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
