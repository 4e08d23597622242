"""Trains the two small networks of the pack `chest-xray-basic` and exports them.

The arrays come from the program's own pre-processing, so training and program cannot differ:

    cargo run -p inference --example prep -- IMAGES ../shared/data/images/manifest.csv WORK/x128.npy WORK/index.csv 128
    python models/training/train_chest.py chest  --work WORK --minutes 14
    python models/training/train_chest.py sharp  --work WORK --minutes 5
    python models/training/train_chest.py gate   --work WORK --minutes 4
    python models/training/train_chest.py leave  --work WORK --minutes 1.2     (the gate on tasks it never saw)
    python models/training/train_chest.py robust --work WORK
    python models/training/train_chest.py export --work WORK --pack models/chest-xray-basic

IMAGES holds the unzipped pictures. Every epoch is a checkpoint in WORK; a run that was cut off goes on from it.
Split: SHA-256(group) mod 100 < 15 is validation (column `validation` of the index, written by the Rust side).
Learning rate follows the minutes spent, so a run ends in time on a busy machine; the steps done are recorded.
Needs: torch, numpy, safetensors (see requirements.txt).
"""
import argparse, csv, json, math, os, time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

LABELS = ["normal", "bacterial_pneumonia", "viral_pneumonia"]
NET = [(1, 24, 2), (24, 48, 2), (48, 48, 1), (48, 96, 2), (96, 96, 1), (96, 160, 2), (160, 160, 1)]  # in, out, stride
GATE = [(1, 16, 2), (16, 32, 2), (32, 64, 2), (64, 64, 1)]
# Never trained on: the first is non-commercial, the second for research use only. Both test the gate as unseen kinds.
NOT_TRAINED = {"nc_skin_lesion", "cervical_cytology_pap"}
CHEST = {("chest_xray_pneumonia", None), ("chest_xray_covid", None), ("modality", "chest_xray")}


class Block(nn.Module):
    def __init__(s, i, o, stride):
        super().__init__()
        s.conv = nn.Conv2d(i, o, 3, stride, 1, bias=False)
        s.bn = nn.BatchNorm2d(o)

    def forward(s, x):
        return F.relu(s.bn(s.conv(x)))


class BasicCnn(nn.Module):
    """Field names equal the Rust structs, so no key is renamed at load."""

    def __init__(s, plan, classes):
        super().__init__()
        s.blocks = nn.ModuleList([Block(*p) for p in plan])
        s.head = nn.Linear(plan[-1][1], classes)

    def features(s, x):
        for b in s.blocks:
            x = b(x)
        return x.mean((2, 3))

    def forward(s, x):
        return s.head(F.dropout(s.features(x), 0.2, s.training))


def is_chest(row):
    return (row["task"], None) in CHEST or (row["task"], row["label"]) in CHEST


def load(work):
    rows = list(csv.DictReader(open(f"{work}/index.csv")))
    return rows, np.load(f"{work}/x128.npy", mmap_mode="r")


def statistics(rows, x):
    """Mean and standard deviation of the training pixels of the task, rounded: they stand in model.toml."""
    ids = [i for i, r in enumerate(rows) if r["task"] == "chest_xray_pneumonia" and r["validation"] == "0"]
    v = np.stack([x[i] for i in ids[::4]]).astype(np.float32) / 255
    return round(float(v.mean()), 4), round(float(v.std()), 4)


def augment(x, rng, warped=1.0):
    """x: (n,1,h,w) in 0..1. Turn, shift, zoom with aspect (black outside, as the letterbox), contrast, blur, noise.

    `warped`: share that is turned and zoomed. Resampling softens a picture, and films in use are not softened: the second
    stage leaves more than half of them sharp, only moved by whole pixels."""
    n, _, h, _ = x.shape
    u = lambda lo, hi: torch.rand(n, generator=rng) * (hi - lo) + lo
    a, sx, sy = u(-0.17, 0.17), u(0.82, 1.2), u(0.82, 1.2)
    m = torch.stack([torch.stack([a.cos() * sx, -a.sin() * sx, u(-0.14, 0.14)], 1), torch.stack([a.sin() * sy, a.cos() * sy, u(-0.14, 0.14)], 1)], 1)
    soft = F.grid_sample(x, F.affine_grid(m, x.shape, align_corners=False), align_corners=False)
    if warped < 1.0:
        dy, dx = torch.randint(-8, 9, (2,), generator=rng).tolist()
        x = F.pad(x, (8, 8, 8, 8))[:, :, 8 + dy : 8 + dy + h, 8 + dx : 8 + dx + h]
        soft = torch.where((torch.rand(n, generator=rng) < warped).view(n, 1, 1, 1), soft, x)
    x = soft
    # Other hospitals send coarser pictures: a quarter of them lose resolution.
    coarse = torch.rand(n, generator=rng) < 0.25
    if coarse.any():
        f = 2 if torch.rand(1, generator=rng) < 0.7 else 4
        x[coarse] = F.interpolate(F.avg_pool2d(x[coarse], f), size=(h, h), mode="bilinear", align_corners=False)
    c = lambda t: t.view(n, 1, 1, 1)
    x = x.clamp(1e-4, 1) ** c(torch.exp(u(-0.3, 0.3)))
    x = (x - 0.5) * c(u(0.8, 1.2)) + 0.5 + c(u(-0.12, 0.12))
    x = x + torch.randn(x.shape, generator=rng) * c(u(0, 0.03))
    # A rectangle is blanked now and then, so that no single letter or tube decides.
    for i in (torch.rand(n, generator=rng) < 0.2).nonzero().flatten().tolist():
        w, t = int(h * (0.1 + 0.2 * torch.rand(1, generator=rng))), torch.randint(0, h, (2,), generator=rng)
        x[i, :, t[0] : t[0] + w, t[1] : t[1] + w] = torch.rand(1, generator=rng)
    return x.clamp(0, 1)


def auroc(score, truth):
    order = np.argsort(score, kind="stable")
    s = score[order]
    rank = np.empty(len(s))
    rank[order] = np.searchsorted(s, s, "left") / 2 + np.searchsorted(s, s, "right") / 2 + 0.5
    p = truth.sum()
    return (rank[truth].sum() - p * (p + 1) / 2) / (p * (len(truth) - p))


def fit(name, net, train, batch_of, n, minutes, work, validate, batch=64, lr=1e-3, wd=0.05, smooth=0.03):
    """AdamW, cosine over the minutes, moving average of the weights, one checkpoint per epoch."""
    ema = {k: v.detach().clone() for k, v in net.state_dict().items()}
    opt = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=wd)
    path, epoch, step, spent, best = f"{work}/{name}.pt", 0, 0, 0.0, None
    if os.path.exists(path):
        c = torch.load(path)
        net.load_state_dict(c["net"]); opt.load_state_dict(c["opt"])
        ema, epoch, step, spent = c["ema"], c["epoch"], c["step"], c["spent"]
    rng = torch.Generator().manual_seed(1 + epoch)
    last = time.time()
    while spent < minutes * 60:
        net.train()
        order = torch.randperm(n, generator=rng)
        for i in range(0, n - batch + 1, batch):
            now = time.time(); spent += now - last; last = now
            t = min(spent / (minutes * 60), 1.0)
            for g in opt.param_groups:
                g["lr"] = lr * min(1, (step + 1) / 40) * (0.5 + 0.5 * math.cos(math.pi * t)) + 1e-6
            x, y = batch_of(order[i : i + batch], rng)
            loss = F.cross_entropy(net(x), y, label_smoothing=smooth)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            step += 1
            d = min(0.998, (1 + step) / (10 + step))
            with torch.no_grad():
                for k, v in net.state_dict().items():
                    ema[k].mul_(d).add_(v, alpha=1 - d) if v.is_floating_point() else ema[k].copy_(v)
            if t >= 1.0:
                break
        epoch += 1
        torch.save(dict(net=net.state_dict(), opt=opt.state_dict(), ema=ema, epoch=epoch, step=step, spent=spent), path)
        keep = {k: v.clone() for k, v in net.state_dict().items()}
        net.load_state_dict(ema); net.eval()
        print(f"{name} epoch {epoch} step {step} {spent:.0f}s loss {loss.item():.3f} {validate(net)}", flush=True)
        net.load_state_dict(keep)
    net.load_state_dict(ema)
    return net.eval(), dict(epochs=epoch, steps=step, seconds=round(spent))


@torch.no_grad()
def forward(net, x, how="logits"):
    f = (lambda b: net(b)) if how == "logits" else net.features
    return torch.cat([f(x[i : i + 128]) for i in range(0, len(x), 128)])


def pictures(x, ids, gate=False):
    v = torch.from_numpy(np.stack([x[i] for i in ids])).unsqueeze(1).float() / 255
    return F.avg_pool2d(v, 2) if gate else v


def train_chest(args):
    rows, x = load(args.work)
    mean, std = statistics(rows, x)
    task = [i for i, r in enumerate(rows) if r["task"] == "chest_xray_pneumonia"]
    tr = [i for i in task if rows[i]["validation"] == "0"]
    va = [i for i in task if rows[i]["validation"] == "1"]
    y = lambda ids: torch.tensor([LABELS.index(rows[i]["label"]) for i in ids])
    xt, yt, xv, yv = pictures(x, tr), y(tr), (pictures(x, va) - mean) / std, y(va)

    def validate(net):
        p = forward(net, xv).softmax(1).numpy()
        return f"auroc {auroc(1 - p[:, 0], yv.numpy() != 0):.4f} acc {(p.argmax(1) == yv.numpy()).mean():.4f}"

    torch.manual_seed(7)
    net = BasicCnn(NET, 3)
    print(sum(p.numel() for p in net.parameters()), "parameters", len(tr), "train", len(va), "validation", mean, std, flush=True)
    first, final = f"{args.work}/chest_first.pt", f"{args.work}/chest_final.pt"
    if args.what == "chest":
        net, how = fit("chest", net, tr, lambda k, g: ((augment(xt[k], g) - mean) / std, yt[k]), len(tr), args.minutes, args.work, validate)
        torch.save(dict(state=net.state_dict(), mean=mean, std=std, how=how), first)
    else:
        before = torch.load(first)
        net.load_state_dict(before["state"])
        batch_of = lambda k, g: ((augment(xt[k], g, 0.4) - mean) / std, yt[k])
        net, how = fit("sharp", net, tr, batch_of, len(tr), args.minutes, args.work, validate, lr=4e-4)
        torch.save(dict(state=net.state_dict(), mean=mean, std=std, how=how, first=before["how"]), final)


def synthetic(n, rng):
    """Pictures of nothing: noise, blobs, gradients, blank, lines of text."""
    x = torch.zeros(n, 1, 64, 64)
    for i in range(n):
        k = int(torch.randint(0, 5, (1,), generator=rng)); r = lambda *s: torch.rand(*s, generator=rng)
        if k == 0: x[i] = r(1, 64, 64)
        elif k == 1:
            s = int(torch.randint(2, 17, (1,), generator=rng))
            x[i] = F.interpolate(r(1, 1, s, s), size=(64, 64), mode="bilinear", align_corners=False)[0]
        elif k == 2: x[i] = (torch.linspace(0, 1, 64).view(1, 1, 64) * r(1) + torch.linspace(0, 1, 64).view(1, 64, 1) * r(1)).clamp(0, 1)
        elif k == 3: x[i] = r(1)
        else:
            x[i] = float(torch.randint(0, 2, (1,), generator=rng)) * 0.9
            for row in range(3, 60, 6):
                m = (r(1, 3, 58) < 0.5).float()
                x[i, :, row : row + 3, 3:61] = m if x[i, 0, 0, 0] < 0.5 else 1 - m
    return x


def altered(x, rng):
    """A chest film negative, upside down or on its side: refused, for the network was not trained on it."""
    k = torch.randint(0, 5, (len(x),), generator=rng)
    out = x.clone()
    for i in range(len(x)):
        out[i] = 1 - x[i] if k[i] < 2 else torch.rot90(x[i], int(k[i]) - 1, (1, 2))
    return out


def gate_classes(rows):
    names = sorted({r["label"] if r["task"] == "modality" else r["task"] for r in rows if not is_chest(r) and r["task"] not in NOT_TRAINED})
    return ["chest_xray"] + names + ["altered_chest_xray", "nothing"]


def train_gate(args, without=(), name="gate"):
    rows, x = load(args.work)
    mean, std = statistics(rows, x)
    names = gate_classes(rows)
    kind = lambda r: "chest_xray" if is_chest(r) else (r["label"] if r["task"] == "modality" else r["task"])
    out = NOT_TRAINED | set(without)
    tr = [i for i, r in enumerate(rows) if r["validation"] == "0" and kind(r) not in out]
    # Films of other hospitals are few: they count six times.
    tr += 5 * [i for i in tr if is_chest(rows[i]) and rows[i]["task"] != "chest_xray_pneumonia"]
    va = [i for i, r in enumerate(rows) if r["validation"] == "1"]
    xt, yt = pictures(x, tr, True), torch.tensor([names.index(kind(rows[i])) for i in tr])
    xv, cv = (pictures(x, va, True) - mean) / std, np.array([is_chest(rows[i]) for i in va])
    kv = np.array([kind(rows[i]) for i in va])
    chest = (yt == 0).nonzero().flatten()

    def batch_of(k, g):
        b, y = augment(xt[k], g), yt[k].clone()
        extra = augment(xt[chest[torch.randint(0, len(chest), (10,), generator=g)]], g)
        b = torch.cat([b, altered(extra, g), synthetic(6, g)])
        y = torch.cat([y, torch.full((10,), len(names) - 2), torch.full((6,), len(names) - 1)])
        return (b - mean) / std, y

    def validate(net):
        p = forward(net, xv).softmax(1)[:, 0].numpy()
        unseen = {k: round(float((p[kv == k] < 0.5).mean()), 3) for k in sorted(out)}
        return f"accepted {(p[cv] >= 0.5).mean():.4f} refused {(p[~cv] < 0.5).mean():.4f} unseen {unseen}"

    torch.manual_seed(11)
    net = BasicCnn(GATE, len(names))
    net, how = fit(name, net, tr, batch_of, len(tr), args.minutes, args.work, validate, batch=96, lr=2e-3)
    torch.save(dict(state=net.state_dict(), mean=mean, std=std, how=how, names=names), f"{args.work}/{name}_final.pt")
    return net, rows, x, mean, std


def ood(net, rows, x, mean, std):
    """Mean and whitening matrix of the gate's pooled features over the chest films trained on, every source weighing alike."""
    ids = [i for i, r in enumerate(rows) if r["validation"] == "0" and is_chest(r)]
    f = forward(net, (pictures(x, ids, True) - mean) / std, "features").double()
    count = {t: sum(rows[i]["task"] == t for i in ids) for t in {rows[i]["task"] for i in ids}}
    w = torch.tensor([1 / count[rows[i]["task"]] ** 0.5 for i in ids]).double(); w = w / w.sum()
    mu = (w[:, None] * f).sum(0)
    d = f - mu
    cov = (w[:, None] * d).T @ d
    cov = 0.95 * cov + 0.05 * torch.eye(len(mu)).double() * cov.diagonal().mean()
    val, vec = torch.linalg.eigh(cov)
    return mu.float(), ((vec / val.sqrt()).T).float()


def distances(net, v, mu, wh):
    d = (forward(net, v, "features") - mu) @ wh.T
    return (d * d).sum(1).div(len(mu)).sqrt().numpy()


def leave(args):
    """Honest figures for kinds of picture the gate never saw: groups of tasks are left out in turn."""
    report = {}
    for n, without in enumerate([("kidney_ct", "knee_xray_oa", "abdomen_ct"), ("brain_mri_tumor", "brain_mri_dementia", "head_ct_hemorrhage", "head_ct"), ("breast_ultrasound", "retina_fundus", "hand_xray", "breast_mri"), ("chest_ct", "oral_histology", "cervical_cytology_lbc", "red_cell_morphology", "blood_smear_leukemia")]):
        net, rows, x, mean, std = train_gate(args, without, f"leave{n}")
        mu, wh = ood(net, rows, x, mean, std)
        va = [i for i, r in enumerate(rows) if r["validation"] == "1"]
        v = (pictures(x, va, True) - mean) / std
        p, d = forward(net, v).softmax(1)[:, 0].numpy(), distances(net, v, mu, wh)
        cv = np.array([is_chest(rows[i]) for i in va])
        limit = float(np.quantile(d[cv], 0.985))
        kv = np.array([rows[i]["label"] if rows[i]["task"] == "modality" else rows[i]["task"] for i in va])
        report[f"leave{n}"] = dict(chest_accepted=float(((p >= 0.5) & (d <= limit))[cv].mean()), **{k: dict(n=int((kv == k).sum()), refused_gate=float((p < 0.5)[kv == k].mean()), refused_both=float(((p < 0.5) | (d > limit))[kv == k].mean())) for k in without})
        print(json.dumps(report[f"leave{n}"]), flush=True)
    json.dump(report, open(f"{args.work}/leave.json", "w"), indent=1)


def export(args):
    from safetensors.torch import save_file
    rows, x = load(args.work)
    parts = {k: torch.load(f"{args.work}/{k}_final.pt") for k in ("chest", "gate")}
    net, gate = BasicCnn(NET, 3), BasicCnn(GATE, len(parts["gate"]["names"]))
    mean, std = parts["chest"]["mean"], parts["chest"]["std"]
    weights = {}
    for prefix, model, part in (("net", net, parts["chest"]), ("gate", gate, parts["gate"])):
        # f16 on disk, BatchNorm in f32; the counter of batches has no counterpart in the program.
        sd = {k: (v.half() if "bn" not in k else v).contiguous() for k, v in part["state"].items() if "num_batches" not in k}
        weights.update({f"{prefix}.{k}": v for k, v in sd.items()})
        model.load_state_dict({k: (sd[k].float() if k in sd else v) for k, v in part["state"].items()}); model.eval()
    os.makedirs(args.pack, exist_ok=True)
    save_file(weights, f"{args.pack}/weights.safetensors")
    mu, wh = ood(gate, rows, x, mean, std)
    save_file({"mean": mu, "whiten": wh.contiguous()}, f"{args.pack}/ood.safetensors")
    # Golden vectors: smooth pictures made from numbers (no patient), as 8-bit bytes, with the logits of both networks.
    g = torch.Generator().manual_seed(3)
    b = (F.interpolate(torch.rand(4, 1, 12, 12, generator=g), size=(128, 128), mode="bicubic").clamp(0, 1) * 255).round()
    v = (b / 255 - mean) / std
    with torch.no_grad():
        save_file({"input": b.squeeze(1).to(torch.uint8).contiguous(), "net_logits": net(v), "gate_logits": gate(F.avg_pool2d(v, 2))}, f"{args.pack}/golden.safetensors")
    # Fitted on the validation split: temperature, thresholds, limits of the gates.
    va = [i for i, r in enumerate(rows) if r["validation"] == "1"]
    task = [i for i in va if rows[i]["task"] == "chest_xray_pneumonia"]
    z, yv = forward(net, (pictures(x, task) - mean) / std), torch.tensor([LABELS.index(rows[i]["label"]) for i in task])
    ts = torch.exp(torch.linspace(math.log(0.3), math.log(4), 400))
    t = float(ts[torch.stack([F.cross_entropy(z / q, yv) for q in ts]).argmin()])
    p = (z / t).softmax(1).numpy(); pneu = 1 - p[:, 0]; truth = yv.numpy() != 0
    cut = np.unique(np.concatenate([pneu, [0.5]]))
    j = [(pneu[truth] >= c).mean() + (pneu[~truth] < c).mean() for c in cut]
    v = (pictures(x, va, True) - mean) / std
    q, d = forward(gate, v).softmax(1)[:, 0].numpy(), distances(gate, v, mu, wh)
    cv = np.array([is_chest(rows[i]) for i in va])
    src = np.array([rows[i]["task"] for i in va])
    kv = np.array([rows[i]["label"] if rows[i]["task"] == "modality" else rows[i]["task"] for i in va])
    print("temperature", t, "youden", cut[int(np.argmax(j))], "auroc", auroc(pneu, truth), "acc", (p.argmax(1) == yv.numpy()).mean())
    for s in sorted(set(src[cv])):
        m = cv & (src == s)
        print(s, "n", m.sum(), "p quantiles", np.quantile(q[m], [0, 0.01, 0.02, 0.05, 0.1]).round(4), "distance", np.quantile(d[m], [0.5, 0.9, 0.95, 0.98, 0.99, 1]).round(3))
    for s in sorted(set(kv[~cv])):
        m = ~cv & (kv == s)
        print(s, "n", m.sum(), "p>=.5", (q[m] >= 0.5).mean().round(4), "p max", q[m].max().round(3), "distance min", np.quantile(d[m], [0, 0.05, 0.5]).round(2))
    # Constant scale of the maps: 99th percentile of the positive values on validation films, per class.
    with torch.no_grad():
        f = (pictures(x, task) - mean) / std
        for blk in net.blocks: f = blk(f)
        maps = torch.einsum("nchw,kc->nkhw", f, net.head.weight)
        print("cam scale", [round(float(np.quantile(m[m > 0].numpy(), 0.99)), 3) for m in maps.transpose(0, 1)])
    json.dump(dict(temperature=t, mean=mean, std=std, gate_classes=parts["gate"]["names"], first=parts["chest"].get("first"), chest=parts["chest"]["how"], gate=parts["gate"]["how"], torch=torch.__version__), open(f"{args.work}/train.json", "w"), indent=1)
    print(open(f"{args.work}/train.json").read())


def robust(args):
    """The validation films of the task spoilt in known ways; a table for the card."""
    rows, x = load(args.work)
    chest, part = torch.load(f"{args.work}/chest_final.pt"), torch.load(f"{args.work}/gate_final.pt")
    net, gate = BasicCnn(NET, 3), BasicCnn(GATE, len(part["names"]))
    net.load_state_dict(chest["state"]); gate.load_state_dict(part["state"]); net.eval(); gate.eval()
    mean, std = chest["mean"], chest["std"]
    va = [i for i, r in enumerate(rows) if r["validation"] == "1" and r["task"] == "chest_xray_pneumonia"]
    y, v = np.array([LABELS.index(rows[i]["label"]) for i in va]), pictures(x, va)
    size = lambda t, h, w: F.interpolate(t, size=(h, w), mode="bilinear", antialias=True, align_corners=False)

    def bars(fx, fy):
        h, w = int(128 * fy), int(128 * fx)
        out = torch.zeros_like(v)
        t, l = (128 - h) // 2, (128 - w) // 2
        out[:, :, t : t + h, l : l + w] = size(v, h, w)
        return out

    g = torch.Generator().manual_seed(0)
    ways = {"as it is": v, "bars above and below (4:3)": bars(1, 0.75), "bars left and right (3:4)": bars(0.75, 1), "margin of 15 %": bars(0.85, 0.85), "middle 85 %": size(v[:, :, 10:118, 10:118], 128, 128), "20 % brighter": v * 1.2, "20 % darker": v * 0.8, "28 x 28 pixels": size(size(v, 28, 28), 128, 128), "noise 0.05": v + 0.05 * torch.randn(v.shape, generator=g), "mirrored": v.flip(3), "negative": 1 - v, "upside down": v.rot90(2, (2, 3)), "turned left": v.rot90(1, (2, 3)), "turned right": v.rot90(3, (2, 3))}
    lines = ["| Film | AUROC pneumonia against normal | accuracy of 3 | accepted as chest X-ray |", "|---|---|---|---|"]
    for name, w in ways.items():
        w = ((w.clamp(0, 1) * 255).round() / 255 - mean) / std
        p, q = forward(net, w).softmax(1).numpy(), forward(gate, F.avg_pool2d(w, 2)).softmax(1)[:, 0].numpy()
        lines.append(f"| {name} | {auroc(1 - p[:, 0], y != 0):.3f} | {(p.argmax(1) == y).mean():.3f} | {(q >= 0.3).mean() * 100:.1f} % |")
    open(f"{args.work}/robust.md", "w").write("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    a = argparse.ArgumentParser()
    a.add_argument("what", choices=["chest", "sharp", "gate", "leave", "robust", "export"])
    a.add_argument("--work", required=True)
    a.add_argument("--minutes", type=float, default=10)
    a.add_argument("--pack")
    a.add_argument("--threads", type=int, default=2)
    args = a.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    {"chest": train_chest, "sharp": train_chest, "gate": train_gate, "leave": leave, "robust": robust, "export": export}[args.what](args)
