"""Makes the colour training arrays: one u8 array (n, SIZE, SIZE, 3) per size, and one index for all of them.

    python models/training/arrays.py --images ../shared/data/images --out WORK --sizes 96 128 160

Same rule as `letterbox` in crates/inference/src/prep.rs (longer side fills the square, black bars, triangle filter,
rounding to nearest), on three channels; a grey picture has three equal channels. `--compare GREY.npy GREY.csv` checks
grey pictures against an array that the Rust example `prep` wrote, and prints the largest and the mean difference.
The index holds, per row, the number SHA-256(group) mod 100: below 15 is validation, 15 to 24 is the calibration split
inside the training groups.
"""
import argparse, csv, functools, hashlib, io, os, zipfile
import numpy as np
from PIL import Image


def bucket(group):
    """SHA-256(group) as a big-endian integer, modulo 100."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest(), "big") % 100


@functools.lru_cache(None)
def weights(old, new):
    """The resampling matrix (new, old) of the triangle filter, as the image crate builds it."""
    ratio = old / new
    scale = max(ratio, 1.0)
    m = np.zeros((new, old), np.float32)
    for o in range(new):
        c = (o + 0.5) * ratio
        lo = min(max(int(np.floor(c - scale)), 0), old - 1)
        hi = min(max(int(np.ceil(c + scale)), lo + 1), old)
        w = np.maximum(0, 1 - np.abs((np.arange(lo, hi) - (c - 0.5)) / scale)).astype(np.float32)
        m[o, lo:hi] = w / w.sum()
    return m


def letterbox(rgb, size):
    """rgb: (h, w, 3) u8. Gives (size, size, 3) u8."""
    h, w, _ = rgb.shape
    long = max(h, w)
    fit = lambda v: min(max((v * size * 2 + long) // (long * 2), 1), size)
    fh, fw = fit(h), fit(w)
    x = rgb.astype(np.float32)
    if (fh, fw) != (h, w):
        x = np.tensordot(weights(h, fh), x, (1, 0))
        x = np.einsum("ow,hwc->hoc", weights(w, fw), x, optimize=True)
        x = np.floor(np.clip(x, 0, 255) + 0.5)
    out = np.zeros((size, size, 3), np.uint8)
    t, l = (size - fh) // 2, (size - fw) // 2
    out[t : t + fh, l : l + fw] = x.astype(np.uint8)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--images", required=True, help="folder with the zips and manifest.csv")
    p.add_argument("--out", required=True)
    p.add_argument("--sizes", type=int, nargs="+", default=[128])
    p.add_argument("--compare", nargs=2, metavar=("GREY.npy", "GREY.csv"))
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    rows = list(csv.DictReader(open(f"{a.images}/manifest.csv")))
    zips = {}

    def picture(r):
        task, name = r["file"].split("/", 1)
        z = zips.setdefault(task, zipfile.ZipFile(f"{a.images}/{task}.zip"))
        try:
            data = z.read(r["file"])
        except KeyError:
            data = z.read(name)
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))

    if a.compare:
        grey = np.load(a.compare[0], mmap_mode="r")
        index = list(csv.DictReader(open(a.compare[1])))
        worst, total, n = 0, 0.0, 0
        for i, r in enumerate(index):
            if r["task"] in ("chest_xray_pneumonia", "knee_xray_oa", "brain_mri_tumor") and i % 40 == 0:
                d = np.abs(letterbox(picture(r), grey.shape[1])[..., 0].astype(int) - grey[i])
                worst, total, n = max(worst, d.max()), total + d.mean(), n + 1
        print("compared", n, "largest difference", worst, "mean", total / n)
        return
    with open(f"{a.out}/index.csv.part", "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["file", "task", "label", "group", "bucket"])
        for r in rows:
            w.writerow([r["file"], r["task"], r["label"], r["group"], bucket(r["group"])])
    os.replace(f"{a.out}/index.csv.part", f"{a.out}/index.csv")
    todo = [s for s in a.sizes if not os.path.exists(f"{a.out}/x{s}.npy")]
    part = {s: np.lib.format.open_memmap(f"{a.out}/x{s}.part.npy", "w+", np.uint8, (len(rows), s, s, 3)) for s in todo}
    for i, r in enumerate(rows):
        rgb = picture(r)
        for s in todo:
            part[s][i] = letterbox(rgb, s)
        if i % 4000 == 0:
            print(i, "of", len(rows), flush=True)
    for s in todo:
        part[s].flush()
        os.replace(f"{a.out}/x{s}.part.npy", f"{a.out}/x{s}.npy")


if __name__ == "__main__":
    main()
