import type { FrameSource, Look, Viewport } from "./Viewport";
import { checkFrame } from "./Viewport";
import type { Matrix, Size } from "./geometry";
import { greyTable } from "./window";

/**
 * The 2-D canvas: every stored value through a table of 65,536 greys into an image-sized canvas, then one affine
 * copy. Exact, works everywhere, needs no graphics card.
 */
export function canvasViewport(element: HTMLElement): Viewport {
  const canvas = document.createElement("canvas");
  canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%;display:block";
  element.append(canvas);
  const film = document.createElement("canvas");
  let frame: FrameSource | null = null;
  let pixels: ImageData | null = null;
  let drawn = "";
  let waiting: { look: Look; matrix: Matrix; size: Size } | null = null;
  let request = 0;

  function develop(look: Look) {
    if (!frame || !pixels) return;
    const { image, bytes, key } = frame;
    const state = `${key} ${look.window.center} ${look.window.width} ${look.inverted}`;
    if (state === drawn) return;
    const out = new Uint32Array(pixels.data.buffer);
    if (image.samples === 3) {
      const rgb = new Uint8Array(bytes);
      const turn = look.inverted ? 0xffffff : 0;
      for (let i = 0, j = 0; i < out.length; i++, j += 3) {
        out[i] = 0xff000000 | ((((rgb[j + 2] ?? 0) << 16) | ((rgb[j + 1] ?? 0) << 8) | (rgb[j] ?? 0)) ^ turn);
      }
    } else {
      const table = greyTable(look.window, image, { signed: image.signed, turned: image.inverted !== look.inverted });
      const colours = Uint32Array.from(table, (g) => 0xff000000 | (g << 16) | (g << 8) | g);
      const stored = new Uint16Array(bytes);
      for (let i = 0; i < out.length; i++) out[i] = colours[stored[i] ?? 0] ?? 0;
    }
    film.getContext("2d")?.putImageData(pixels, 0, 0);
    drawn = state;
  }

  function paint() {
    request = 0;
    if (!waiting) return;
    const { look, matrix, size } = waiting;
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.max(1, Math.round(size.width * ratio)), Math.max(1, Math.round(size.height * ratio))];
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    const context = canvas.getContext("2d");
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "black";
    context.fillRect(0, 0, w, h);
    if (!frame) return;
    develop(look);
    context.setTransform(matrix.a * ratio, matrix.b * ratio, matrix.c * ratio, matrix.d * ratio, matrix.e * ratio, matrix.f * ratio);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(film, 0, 0);
  }

  return {
    engine: "canvas",
    async show(next) {
      checkFrame(next);
      frame = next;
      film.width = next.image.cols;
      film.height = next.image.rows;
      pixels = film.getContext("2d")?.createImageData(next.image.cols, next.image.rows) ?? null;
      drawn = "";
    },
    draw(look, matrix, size) {
      waiting = { look, matrix, size };
      // Many moves of the pointer come between two pictures of the screen; one is drawn.
      request ||= requestAnimationFrame(paint);
    },
    dispose() {
      cancelAnimationFrame(request);
      canvas.remove();
      frame = null;
      pixels = null;
      film.width = film.height = 0;
    },
  };
}
