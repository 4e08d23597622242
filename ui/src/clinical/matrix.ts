/**
 * A Data Matrix symbol (ISO/IEC 16022, ECC 200) of one square block, in text encodation C40 with a return to ASCII:
 * made for the sealed text of a slip, which is capital letters and digits. Answers rows of modules, true is dark.
 */
interface Size { modules: number; regions: number; data: number; ecc: number }

/** The square sizes with a single Reed-Solomon block: larger ones interleave, and no slip is that long. */
const sizes: readonly Size[] = [
  [10, 1, 3, 5], [12, 1, 5, 7], [14, 1, 8, 10], [16, 1, 12, 12], [18, 1, 18, 14], [20, 1, 22, 18], [22, 1, 30, 20], [24, 1, 36, 24], [26, 1, 44, 28],
  [32, 2, 62, 36], [36, 2, 86, 42], [40, 2, 114, 48], [44, 2, 144, 56], [48, 2, 174, 68],
].map(([modules = 0, regions = 0, data = 0, ecc = 0]) => ({ modules, regions, data, ecc }));

const latchC40 = 230;
const unlatch = 254;
const pad = 129;
/** Fewer characters than this are not worth a latch. */
const worthC40 = 6;

function c40(char: string): number | null {
  if (char === " ") return 3;
  if (char >= "0" && char <= "9") return char.charCodeAt(0) - 48 + 4;
  if (char >= "A" && char <= "Z") return char.charCodeAt(0) - 65 + 14;
  return null;
}

/** The codewords of a text before padding; null when a character is not plain ASCII. */
export function dataMatrixWords(text: string): number[] | null {
  const words: number[] = [];
  let at = 0;
  while (at < text.length) {
    let run = 0;
    while (at + run < text.length && c40(text[at + run] ?? "") !== null) run += 1;
    run -= run % 3;
    // Digits alone are shorter as pairs.
    if (run >= worthC40 && !/^\d+$/.test(text.slice(at, at + run))) {
      words.push(latchC40);
      for (let i = at; i < at + run; i += 3) {
        const [a, b, c] = [0, 1, 2].map((n) => c40(text[i + n] ?? "") ?? 0);
        const value = 1600 * (a ?? 0) + 40 * (b ?? 0) + (c ?? 0) + 1;
        words.push(value >> 8, value & 255);
      }
      words.push(unlatch);
      at += run;
      continue;
    }
    const pair = text.slice(at, at + 2);
    if (/^\d\d$/.test(pair)) {
      words.push(Number(pair) + 130);
      at += 2;
      continue;
    }
    const code = text.charCodeAt(at);
    if (code > 127) return null;
    words.push(code + 1);
    at += 1;
  }
  return words;
}

/** Pads hide from the eye that a symbol is half empty: each is another number (ISO/IEC 16022, annex B.1). */
function padded(words: number[], length: number): number[] {
  const all = [...words];
  if (all.length < length) all.push(pad);
  while (all.length < length) {
    const number = pad + ((149 * (all.length + 1)) % 253) + 1;
    all.push(number > 254 ? number - 254 : number);
  }
  return all;
}

const exp = new Uint8Array(512);
const log = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i += 1) {
  exp[i] = exp[i + 255] = x;
  log[x] = i;
  x <<= 1;
  if (x > 255) x ^= 301;
}
const times = (a: number, b: number) => (a === 0 || b === 0 ? 0 : (exp[(log[a] ?? 0) + (log[b] ?? 0)] ?? 0));

/** The Reed-Solomon words over GF(256) with the polynomial 301. */
export function errorWordsOf(data: readonly number[], count: number): number[] {
  let generator = [1];
  for (let i = 1; i <= count; i += 1) {
    const next = new Array<number>(generator.length + 1).fill(0);
    generator.forEach((g, n) => {
      next[n] = (next[n] ?? 0) ^ g;
      next[n + 1] = (next[n + 1] ?? 0) ^ times(g, exp[i] ?? 0);
    });
    generator = next;
  }
  const rest = new Array<number>(count).fill(0);
  for (const word of data) {
    const lead = word ^ (rest.shift() ?? 0);
    rest.push(0);
    for (let i = 0; i < count; i += 1) rest[i] = (rest[i] ?? 0) ^ times(lead, generator[i + 1] ?? 0);
  }
  return rest;
}

/** Which bit of which codeword stands where in a square without its borders: `8 * word + bit`, or -1 for the fixed corner. */
function placement(n: number): Int32Array {
  const at = new Int32Array(n * n).fill(-2);
  const set = (row: number, col: number, word: number, bit: number) => {
    let r = row;
    let c = col;
    if (r < 0) { r += n; c += 4 - ((n + 4) % 8); }
    if (c < 0) { c += n; r += 4 - ((n + 4) % 8); }
    at[r * n + c] = 8 * word + bit;
  };
  const shape = (word: number, cells: readonly (readonly [number, number])[]) => cells.forEach(([r, c], bit) => set(r, c, word, bit));
  const utah = (r: number, c: number, word: number) => shape(word, [[r - 2, c - 2], [r - 2, c - 1], [r - 1, c - 2], [r - 1, c - 1], [r - 1, c], [r, c - 2], [r, c - 1], [r, c]]);
  let word = 0;
  let row = 4;
  let col = 0;
  do {
    if (row === n && col === 0) shape(word++, [[n - 1, 0], [n - 1, 1], [n - 1, 2], [0, n - 2], [0, n - 1], [1, n - 1], [2, n - 1], [3, n - 1]]);
    if (row === n - 2 && col === 0 && n % 4 !== 0) shape(word++, [[n - 3, 0], [n - 2, 0], [n - 1, 0], [0, n - 4], [0, n - 3], [0, n - 2], [0, n - 1], [1, n - 1]]);
    if (row === n - 2 && col === 0 && n % 8 === 4) shape(word++, [[n - 3, 0], [n - 2, 0], [n - 1, 0], [0, n - 2], [0, n - 1], [1, n - 1], [2, n - 1], [3, n - 1]]);
    if (row === n + 4 && col === 2 && n % 8 === 0) shape(word++, [[n - 1, 0], [n - 1, n - 1], [0, n - 3], [0, n - 2], [0, n - 1], [1, n - 3], [1, n - 2], [1, n - 1]]);
    do {
      if (row < n && col >= 0 && at[row * n + col] === -2) utah(row, col, word++);
      row -= 2;
      col += 2;
    } while (row >= 0 && col < n);
    row += 1;
    col += 3;
    do {
      if (row >= 0 && col < n && at[row * n + col] === -2) utah(row, col, word++);
      row += 2;
      col -= 2;
    } while (row < n && col >= 0);
    row += 3;
    col += 1;
  } while (row < n || col < n);
  return at;
}

/** The symbol, or null when the text is too long for one block or is not plain ASCII. */
export function dataMatrix(text: string): boolean[][] | null {
  const words = dataMatrixWords(text);
  const size = words && sizes.find((s) => s.data >= words.length);
  if (!words || !size || text === "") return null;
  const data = padded(words, size.data);
  const all = [...data, ...errorWordsOf(data, size.ecc)];
  const inner = size.modules / size.regions - 2;
  const n = inner * size.regions;
  const at = placement(n);
  const rows = Array.from({ length: size.modules }, () => new Array<boolean>(size.modules).fill(false));
  const put = (r: number, c: number, dark: boolean) => { const line = rows[r]; if (line) line[c] = dark; };
  for (let r = 0; r < size.modules; r += 1) {
    for (let c = 0; c < size.modules; c += 1) {
      const y = r % (inner + 2);
      const x = c % (inner + 2);
      // Solid at the left and below, a clock at the top and at the right.
      if (x === 0 || y === inner + 1) put(r, c, true);
      else if (y === 0) put(r, c, x % 2 === 0);
      else if (x === inner + 1) put(r, c, y % 2 === 1);
    }
  }
  for (let r = 0; r < n; r += 1) {
    for (let c = 0; c < n; c += 1) {
      const bit = at[r * n + c] ?? -2;
      const dark = bit >= 0
        ? (((all[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1
        // The corner that no word reaches has a fixed pattern.
        : (r === n - 1 && c === n - 1) || (r === n - 2 && c === n - 2);
      put(r + 1 + 2 * Math.floor(r / inner), c + 1 + 2 * Math.floor(c / inner), dark);
    }
  }
  return rows;
}
