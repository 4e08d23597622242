#!/usr/bin/env python3
"""Compares what dicom-io reads with what others read, and writes the golden table of the tests.

    python3 -m venv oracle && oracle/bin/pip install pydicom numpy pylibjpeg pylibjpeg-libjpeg \
        pylibjpeg-openjpeg pylibjpeg-rle pyjpegls
    cargo run -p dicom-io --example dump -- ../shared/data/dicom dump
    oracle/bin/python crates/dicom-io/tests/oracle/golden.py ../shared/data/dicom dump [DCMDJPEG] \
        > crates/dicom-io/tests/reading/golden.csv

For every frame: the stored values by pydicom and its plug-ins, or by dcmtk's dcmdjpeg where no
plug-in reads the file, against ours; and the light (modality LUT, VOI LUT or first window or
percentiles, inversion; palettes; colour) computed here with numpy against ours. The digests in the
table are of our values: the note says how they stand to the others'. The script fails if a lossless
picture differs at all, or a lossy one by more than the bound written below.
"""
import csv, hashlib, os, subprocess, sys, tempfile, warnings
import numpy as np
import pydicom
from pydicom.pixels import pixel_array
from pydicom.pixels.processing import apply_color_lut

warnings.simplefilter("ignore")
DATA, DUMP = sys.argv[1:3]
DCMDJPEG = sys.argv[3] if len(sys.argv) > 3 else None
# Largest difference of a stored value that two correct decoders of a lossy picture may have:
# rounding of the transform, and for colour its way back to RGB and of stretching chrominance.
LOSSY = {
    "1.2.840.10008.1.2.4.50": 2, "1.2.840.10008.1.2.4.51": 1, "1.2.840.10008.1.2.4.91": 1,
    # Our decoder rebuilds a coefficient at the lower edge of its quantisation step, OpenJPEG at the
    # middle; the standard leaves the choice free.
    "1.2.840.10008.1.2.4.203": 6,
}
COLOUR = {"1.2.840.10008.1.2.4.50": 4, "1.2.840.10008.1.2.4.91": 2}
# Sub-sampled chrominance is stretched by repetition or by interpolation; neither is wrong.
STRETCHED = {"SC_rgb_dcmtk_+eb+cy+np.dcm": 2, "SC_rgb_dcmtk_+eb+cy+s2.dcm": 2}


def syntax(ds):
    uid = getattr(ds, "file_meta", {}).get("TransferSyntaxUID")
    if uid is None:
        uid = "1.2.840.10008.1.2"
        ds.file_meta = getattr(ds, "file_meta", None) or pydicom.dataset.FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = uid
    return str(uid)


def frames_of(a, ds):
    frames = int(getattr(ds, "NumberOfFrames", 1) or 1)
    return a if frames > 1 else a[None]


def bits_of(frame_bytes, ds):
    n = ds.Rows * ds.Columns
    return np.unpackbits(np.frombuffer(frame_bytes, "u1"), bitorder="little")[:n].reshape(ds.Rows, ds.Columns)


def unpack_rle_bits(data):
    start = int.from_bytes(data[4:8], "little")
    out, i, data = bytearray(), 0, data[start:]
    while i < len(data):
        h = data[i]
        if h < 128:
            out += data[i + 1:i + 2 + h]; i += 2 + h
        elif h > 128:
            out += bytes([data[i + 1]]) * (257 - h); i += 2
        else:
            i += 1
    return bytes(out)


def oracle(path, ds):
    """Stored values frame by frame, and who read them."""
    uid = syntax(ds)
    if uid == "1.2.840.10008.1.2.8.1" or (uid == "1.2.840.10008.1.2.5" and ds.BitsAllocated == 1):
        import zlib
        parts = list(pydicom.encaps.generate_frames(ds.PixelData, number_of_frames=int(ds.NumberOfFrames)))
        plain = unpack_rle_bits if uid.endswith("2.5") else (lambda d: zlib.decompress(d, -15))
        return np.stack([bits_of(plain(p), ds) for p in parts]), "numpy"
    in_stream = uid.startswith("1.2.840.10008.1.2.4.") and ds.SamplesPerPixel == 3
    try:
        return frames_of(pixel_array(ds, raw=not in_stream), ds), "pydicom"
    except Exception as error:
        if DCMDJPEG is None:
            return None, type(error).__name__
        with tempfile.TemporaryDirectory() as folder:
            plain = os.path.join(folder, "plain.dcm")
            ran = subprocess.run([DCMDJPEG, path, plain], capture_output=True)
            if ran.returncode != 0:
                return None, "no other program reads it"
            return frames_of(pixel_array(pydicom.dcmread(plain), raw=True), ds), "dcmtk"


def group_value(ds, frame, keyword, sequence):
    for groups, index in (("PerFrameFunctionalGroupsSequence", frame), ("SharedFunctionalGroupsSequence", 0)):
        items = ds.get(groups)
        if items and index < len(items) and items[index].get(sequence):
            item = items[index][sequence].value[0]
            if keyword in item:
                return item[keyword].value
    return ds[keyword].value if keyword in ds else None


def light(ds, values, frame, photometric):
    """8-bit light of one frame, by the formulas of PS3.3 C.11."""
    if photometric == "PALETTE COLOR":
        rgb = apply_color_lut(values, ds)
        deep = rgb.dtype == np.uint16 and rgb.max() > 255
        return (rgb >> 8 if deep else rgb).astype("u1")
    if values.ndim == 3:
        if photometric.startswith("YBR_FULL") and not syntax(ds).startswith("1.2.840.10008.1.2.4."):
            y, cb, cr = (values[..., i].astype("f8") for i in range(3))
            cb -= 128; cr -= 128
            rgb = np.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], -1)
            return np.clip(np.floor(rgb + 0.5), 0, 255).astype("u1")
        return (values >> (ds.BitsStored - 8)).astype("u1")
    number = lambda keyword, sequence: group_value(ds, frame, keyword, sequence)
    first = lambda v: float(v[0] if isinstance(v, (list, pydicom.multival.MultiValue)) else v)
    slope = float(number("RescaleSlope", "PixelValueTransformationSequence") or 1)
    intercept = float(number("RescaleIntercept", "PixelValueTransformationSequence") or 0)
    v = values.astype("f8") * slope + intercept
    center = number("WindowCenter", "FrameVOILUTSequence")
    if center not in (None, ""):
        c, w = first(center), first(number("WindowWidth", "FrameVOILUTSequence"))
        kind = number("VOILUTFunction", "FrameVOILUTSequence") or "LINEAR"
        if kind == "SIGMOID":
            out = 255 / (1 + np.exp(-4 * (v - c) / w))
        elif kind == "LINEAR_EXACT":
            out = (v - c) * 255 / w + 127.5
        else:
            out = np.where(v <= c - 0.5 - (w - 1) / 2, 0, np.where(
                v > c - 0.5 + (w - 1) / 2, 255, (v - (c - 0.5)) * 255 / max(w - 1, 1e-9) + 127.5))
    else:
        kept = v
        if "PixelPaddingValue" in ds:
            a = int(ds.PixelPaddingValue); b = int(ds.get("PixelPaddingRangeLimit", a))
            kept = v[(values < min(a, b)) | (values > max(a, b))]
        low, high = np.percentile(kept, [0.5, 99.5]) if kept.size else (0, 0)
        out = (v - low) * 255 / (high - low) if high > low else np.zeros_like(v)
    out = np.floor(np.clip(out, 0, 255) + 0.5).astype("u1")
    return 255 - out if photometric == "MONOCHROME1" else out


def main():
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["file", "frame", "sha256", "min", "max", "light_sha256", "note"])
    failed = 0
    cache = {}
    for line in csv.DictReader(open(os.path.join(DUMP, "index.csv"))):
        name = line["file"]
        path = os.path.join(DATA, name)
        if line["reason"]:
            table.writerow([name, "", "", "", "", "", "refused " + line["reason"]])
            continue
        if name not in cache:
            cache.clear()
            ds = pydicom.dcmread(path, force=True)
            cache[name] = (ds, *oracle(path, ds))
        ds, theirs, who = cache[name]
        frame = int(line["frame"])
        raw = open(os.path.join(DUMP, f"{name}.{frame}.native"), "rb").read()
        drawn = open(os.path.join(DUMP, f"{name}.{frame}.light"), "rb").read()
        kind = ("i" if line["signed"] == "true" else "u") + line["bytes"]
        shape = (int(line["rows"]), int(line["cols"])) + ((3,) if line["samples"] == "3" else ())
        ours = np.frombuffer(raw, "<" + kind).reshape(shape).astype("i8")
        if theirs is None:
            note = who
        else:
            difference = np.abs(ours - theirs[frame].astype("i8"))
            uid = syntax(ds)
            bound = LOSSY.get(uid, 0)
            if len(shape) == 3:
                bound = STRETCHED.get(name, COLOUR.get(uid, bound))
            most, mean = int(difference.max()), float(difference.mean())
            note = f"equals {who}" if most == 0 else f"within {most} of {who} (mean {mean:.4f})"
            if most > bound:
                failed += 1
                note += " FAILED"
            photometric = str(ds.PhotometricInterpretation)
            wide = ds.BitsStored > 16 and len(shape) == 2
            expected = light(ds, ours if photometric != "PALETTE COLOR" else ours.astype("u2"), frame, photometric)
            got = np.frombuffer(drawn, "u1").reshape(expected.shape).astype(int)
            off = int(np.abs(got - expected.astype(int)).max())
            # Values of 32 bits lose their lowest bits before they are windowed.
            if off > (1 if wide else 0):
                failed += 1
                note += f"; light differs by {off} FAILED"
            else:
                note += "; light equal" if off == 0 else f"; light within {off}"
        sha = lambda b: hashlib.sha256(b).hexdigest()
        table.writerow([name, frame, sha(raw), line["min"], line["max"], sha(drawn), note])
    if failed:
        sys.exit(f"{failed} frames differ")


main()
