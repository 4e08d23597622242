import { crc32, deflateSync } from "node:zlib";

/** A picture of grey levels as a PNG file; `grey` gives 0 to 255 for each pixel. */
export function png(width: number, height: number, grey: (x: number, y: number) => number): Buffer {
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rows[y * (width + 1) + 1 + x] = Math.max(0, Math.min(255, Math.round(grey(x, y))));
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8; // bits per sample; colour type 0 is grey
  const mark = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([mark, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body) >>> 0);
  return Buffer.concat([length, body, check]);
}

/** A grey gradient: a picture, but of nothing. */
export const gradient = () => png(320, 320, (x, y) => (x + y) * 0.4);

/** An invented chest drawn with formulas: two lungs, heart, ribs, spine. No person was ever in front of it. */
export function phantom(size = 640): Buffer {
  const blob = (x: number, y: number, cx: number, cy: number, rx: number, ry: number, edge: number) => {
    const d = Math.hypot((x - cx) / rx, (y - cy) / ry);
    return 1 / (1 + Math.exp((d - 1) / edge));
  };
  return png(size, size, (px, py) => {
    const [x, y] = [(px / size) * 2 - 1, (py / size) * 2 - 1];
    const body = blob(x, y, 0, 0.35, 0.86, 1.25, 0.05);
    const lungs = Math.max(blob(x, y, -0.4, 0.02, 0.3, 0.6, 0.07), blob(x, y, 0.4, 0.0, 0.29, 0.58, 0.07));
    const heart = blob(x, y, 0.13, 0.36, 0.27, 0.3, 0.08);
    const spine = Math.exp(-((x / 0.07) ** 2)) * (0.85 + 0.15 * Math.sin(y * 42));
    const arc = y * 9.5 + Math.abs(x) ** 1.6 * 7;
    const ribs = Math.max(0, Math.sin(arc * 1.7)) ** 5 * (1 - Math.abs(x) * 0.55) * body;
    const clavicles = Math.exp(-(((y + 0.62 - Math.abs(x) * 0.16) / 0.03) ** 2)) * blob(Math.abs(x), 0, 0.36, 0, 0.26, 1, 0.12);
    const belly = 1 / (1 + Math.exp(-(y - 0.62 + x * 0.06 + 0.25 * (Math.abs(x) - 0.4) ** 2) / 0.03));
    const noise = (Math.sin(px * 12.9898 + py * 78.233) * 43758.5453) % 1;
    const level = 0.06 + 0.62 * body - 0.5 * lungs * (1 - heart * 0.85) + 0.16 * spine + 0.1 * ribs + 0.12 * clavicles + 0.3 * belly * body;
    return level * 225 + noise * 5;
  });
}
