import { cache, Enums, eventTarget, imageLoader, init, metaData, RenderingEngine, type Types } from "@cornerstonejs/core";
import { checkFrame, filmOf, type FrameSource, type Viewport } from "./Viewport";
import { type Matrix, type Size, toImage } from "./geometry";
import { storedRange } from "./window";

/**
 * Cornerstone3D as a painter of pixels: frames arrive decoded from the store, so no DICOM parser, no codec and no
 * worker of its own is used. The camera is set from our matrix, never by its tools.
 */
const scheme = "healthsync";
const frames = new Map<string, FrameSource & { aspect: number }>();
let started = false;
let count = 0;

export function startCornerstone(): void {
  if (started) return;
  // Each pane has an engine of its own with one picture in it. By default an engine takes seven contexts of the graphics
  // card; a browser gives sixteen and then takes the oldest back, and a film that was being read would turn black.
  init({ rendering: { webGlContextCount: 1 } } as Parameters<typeof init>[0]);
  imageLoader.registerImageLoader(scheme, (imageId: string) => ({ promise: Promise.resolve().then(() => load(imageId)) as never }));
  metaData.addProvider(describe, 10_000);
  started = true;
}

function describe(module: string, imageId: string): unknown {
  const frame = typeof imageId === "string" ? frames.get(imageId) : undefined;
  if (!frame) return undefined;
  const { image } = frame;
  const colour = image.samples === 3;
  switch (module) {
    case "imagePixelModule":
      return {
        bitsAllocated: colour ? 8 : 16,
        bitsStored: colour ? 8 : 16,
        highBit: colour ? 7 : 15,
        samplesPerPixel: image.samples,
        pixelRepresentation: image.signed ? 1 : 0,
        photometricInterpretation: colour ? "RGB" : "MONOCHROME2",
      };
    case "generalSeriesModule":
      return { modality: "OT" };
    case "imagePlaneModule":
      return {
        frameOfReferenceUID: imageId,
        rows: image.rows,
        columns: image.cols,
        rowCosines: [1, 0, 0],
        columnCosines: [0, 1, 0],
        imageOrientationPatient: [1, 0, 0, 0, 1, 0],
        imagePositionPatient: [0, 0, 0],
        // A unit of its world is one column of the picture.
        pixelSpacing: [frame.aspect, 1],
        columnPixelSpacing: 1,
        rowPixelSpacing: frame.aspect,
        usingDefaultValues: false,
      };
    default:
      return undefined;
  }
}

function load(imageId: string) {
  const frame = frames.get(imageId);
  if (!frame) throw new Error("the frame was let go");
  const { image, bytes } = frame;
  const colour = image.samples === 3;
  const pixels = colour ? new Uint8Array(bytes) : image.signed ? new Int16Array(bytes) : new Uint16Array(bytes);
  return {
    imageId,
    // Only texture set-up reads these; the window is always given.
    minPixelValue: colour ? 0 : image.signed ? -32_768 : 0,
    maxPixelValue: colour ? 255 : image.signed ? 32_767 : 65_535,
    slope: 1,
    intercept: 0,
    windowCenter: 128,
    windowWidth: 256,
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    rows: image.rows,
    columns: image.cols,
    height: image.rows,
    width: image.cols,
    color: colour,
    rgba: false,
    numberOfComponents: image.samples,
    columnPixelSpacing: 1,
    rowPixelSpacing: frame.aspect,
    invert: false,
    photometricInterpretation: colour ? "RGB" : "MONOCHROME2",
    sizeInBytes: bytes.byteLength,
    dataType: pixels.constructor.name,
    imageFrame: {},
    getPixelData: () => pixels,
  };
}

export function cornerstoneViewport(element: HTMLElement): Viewport {
  const name = `healthsync-${++count}`;
  // Its canvas lives in a child, so that taking it down cannot disturb what React keeps beside it.
  const stage = document.createElement("div");
  stage.style.cssText = "position:absolute;inset:0";
  element.append(stage);
  const engine = new RenderingEngine(name);
  engine.enableElement({ viewportId: name, element: stage as HTMLDivElement, type: Enums.ViewportType.STACK, defaultOptions: { background: [0, 0, 0] } });
  const viewport = engine.getViewport(name) as Types.IStackViewport;
  let shown: (FrameSource & { aspect: number; imageId: string }) | null = null;
  let last: Size = { width: stage.clientWidth, height: stage.clientHeight };

  const gl = () => (engine as Partial<{ getOffscreenMultiRenderWindow(id: string): { getOpenGLRenderWindow(): { getContext?(): WebGLRenderingContext | null } } }>).getOffscreenMultiRenderWindow?.(name).getOpenGLRenderWindow().getContext?.() ?? null;
  let lost: ((e: Event) => void) | null = null;
  const deaf = () => { if (lost) eventTarget.removeEventListener(Enums.Events.WEBGL_CONTEXT_LOST, lost); lost = null; };

  function letGo() {
    if (!shown) return;
    frames.delete(shown.imageId);
    if (cache.getImageLoadObject(shown.imageId)) cache.removeImageLoadObject(shown.imageId, { force: true });
  }

  return {
    engine: "gpu",
    async show(frame) {
      checkFrame(frame);
      const imageId = `${scheme}:${name}/${++count}`;
      const next = { ...frame, aspect: filmOf(frame.image).aspect, imageId };
      frames.set(imageId, next);
      try {
        await viewport.setStack([imageId]);
      } catch (cause) {
        frames.delete(imageId);
        throw cause;
      }
      letGo();
      shown = next;
    },
    draw(look, matrix, size) {
      if (!shown || size.width < 1 || size.height < 1) return;
      if (size.width !== last.width || size.height !== last.height) {
        last = size;
        engine.resize(true, true);
      }
      const { image } = shown;
      if (image.samples === 3) {
        viewport.setProperties({ voiRange: { lower: 0, upper: 255 }, invert: look.inverted }, true);
      } else {
        const range = storedRange(look.window, image);
        viewport.setProperties({ voiRange: range, invert: (image.inverted !== look.inverted) !== range.turned }, true);
      }
      viewport.setCamera(cameraOf(matrix, size));
      viewport.render();
    },
    onLost(listener) {
      deaf();
      lost = (e) => { if ((e as CustomEvent<{ renderingEngineId?: string }>).detail?.renderingEngineId === name) listener(); };
      eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, lost);
    },
    dispose() {
      deaf();
      const context = gl();
      engine.destroy();
      // Given back at once; the collector of the browser may take its time, and the next pane needs one.
      context?.getExtension("WEBGL_lose_context")?.loseContext();
      letGo();
      shown = null;
      stage.remove();
    },
  };
}

/**
 * A parallel camera that shows what the matrix says. Its world is the picture in columns, pixel middles at whole
 * numbers; a mirrored picture is seen from behind.
 */
export function cameraOf(m: Matrix, size: Size): Pick<Types.ICamera, "viewUp" | "viewPlaneNormal" | "position" | "focalPoint" | "parallelScale" | "parallelProjection"> {
  const sx = Math.hypot(m.a, m.b);
  const sy = Math.hypot(m.c, m.d);
  const aspect = sy / sx;
  const right: Types.Point3 = [m.a / sx, m.c / sy, 0];
  const up: Types.Point3 = [-m.b / sx, -m.d / sy, 0];
  const facing = right[0] * up[1] - right[1] * up[0];
  const middle = toImage(m, { x: size.width / 2, y: size.height / 2 });
  const focalPoint: Types.Point3 = [middle.x - 0.5, (middle.y - 0.5) * aspect, 0];
  return {
    parallelProjection: true,
    viewUp: up,
    viewPlaneNormal: [0, 0, facing],
    focalPoint,
    position: [focalPoint[0], focalPoint[1], facing * 1000],
    parallelScale: size.height / 2 / sx,
  };
}
