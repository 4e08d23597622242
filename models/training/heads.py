"""From a trained backbone to heads, temperatures, gate, out-of-distribution statistics, figures and exported files.

    python models/training/heads.py basic_cnn --work WORK [--array 160]

The backbone stays as it is. Open tasks keep the head trained with it, or take a logistic head fitted on its features
where the calibration split says so. Restricted tasks (data.RESTRICTED) get a logistic head on the frozen features, in a
file of their own. kidney_ct has labels with fewer than 30 groups: grouped 3-fold, marked "not established".
Training: buckets 25-99; calibration (temperature, thresholds, strength of the penalty): 15-24; validation: below 15.
Writes WORK/out/NETWORK/PACK/ for each licence class, ready to be measured and sealed by `cargo run -p inference --example seal`,
and metrics.json, gates.json: the same figures in Python.
"""
import argparse, hashlib, json, math, os, tomllib
import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from data import LABELS, MEAN, STD, RESTRICTED, KIND, DIHEDRAL, RESEARCH_ONLY, COLOUR, Data, normalise
from metrics import auroc, macro_auroc, report
from nets import Net


# Inner blocks whose means are features too. Not for efficientnet_b0: its inner results are not of one sign.
TAPS = {"basic_cnn": (4, 8, 10, 12, 14), "basic_cnn_two": (4, 8, 10, 12, 14), "resnet50": (1, 2)}


# Slices of kidneys, which the open gate has no row for, lie just beyond the heads of this task: the share of its own
# calibration pictures within the limit of distance, by network.
TIGHT = {"brain_mri_tumor": {"basic_cnn_two": 0.975, "resnet50": 0.965}}
# The basic network's heads were made anew when its inner blocks became features; then one limit of resnet50 was.
VERSION = {"basic_cnn": "0.2.0", "resnet50": "0.1.1"}


@torch.no_grad()
def pooled(net, x, size, bf16):
    """Features of pictures in 0..1."""
    if x.shape[-1] != size:
        x = F.interpolate(x, size=(size, size), mode="bilinear", antialias=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        return net.features(normalise(x).to(memory_format=torch.channels_last)).float()


class Rows:
    """Features kept in 16 bits on disk; what is asked for comes in 32."""

    def __init__(s, path):
        s.kept = torch.load(path, mmap=True)
        s.shape = s.kept.shape

    def __getitem__(s, ids):
        return s.kept[torch.from_numpy(np.asarray(ids))].float()


def features(net, data, ids, size, bf16, view=None):
    out = []
    for k in range(0, len(ids), 64):
        x = data.pictures(ids[k : k + 64])
        out.append(pooled(net, x if view is None else view(x), size, bf16))
    return torch.cat(out)


def logistic(f, y, classes, penalty, weight=None, steps=60, fixed=None):
    """Multinomial logistic regression, L2 on standardised features; gives (weight, bias) for raw features.
    `fixed` (W, b): rows that stay; only the last class is fitted."""
    mu, sd = f.mean(0), f.std(0) + 1e-4
    z = (f - mu) / sd
    w = torch.zeros(classes if fixed is None else 1, f.shape[1], requires_grad=True)
    b = torch.zeros(classes if fixed is None else 1, requires_grad=True)
    base = None if fixed is None else f @ fixed[0].T + fixed[1]
    opt = torch.optim.LBFGS([w, b], max_iter=steps, history_size=20, line_search_fn="strong_wolfe")

    def close():
        opt.zero_grad()
        o = z @ w.T + b
        o = o if base is None else torch.cat([base, o], 1)
        loss = F.cross_entropy(o, y, weight=weight) + penalty * w.pow(2).sum() / 2
        loss.backward()
        return loss

    opt.step(close)
    with torch.no_grad():
        ww = w / sd
        return ww.detach(), (b - ww @ mu).detach()


def balance(y, k):
    n = torch.bincount(y, minlength=k).float().clamp_min(1)
    w = n.rsqrt()
    return w / (w * n).sum() * n.sum()


def temperature(z, y):
    # A few separable pictures would ask for a temperature near nothing, and probabilities that say nothing but 0 and 1.
    ts = torch.exp(torch.linspace(math.log(0.5 if len(y) >= 150 else 0.8), math.log(8), 300))
    v = torch.stack([F.cross_entropy(z / t, y) for t in ts])
    return float(ts[v.argmin()]), float(v.min())


def shift(z, y):
    """One number per label, added to its logit: undoes what the weights of `balance` did to the frequencies. Kept only if
    each half of the pictures becomes likelier by what the other half says."""
    def fit(z, y):
        b = torch.zeros(z.shape[1], requires_grad=True)
        opt = torch.optim.LBFGS([b], max_iter=40, line_search_fn="strong_wolfe")

        def close():
            opt.zero_grad()
            loss = F.cross_entropy(z + b, y) + b.pow(2).sum() * 2 / len(y)
            loss.backward()
            return loss

        opt.step(close)
        return b.detach()

    halves = torch.arange(len(y)) % 2 == 0
    gain = [F.cross_entropy(z[~h], y[~h]) - F.cross_entropy(z[~h] + fit(z[h], y[h]), y[~h]) for h in (halves, ~halves)]
    return fit(z, y) if len(y) >= 150 and min(gain) > 0 else torch.zeros(z.shape[1])


PENALTIES = [1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0]


def choose(ft, yt, fc, yc, k, penalties=PENALTIES):
    """The penalty by the likelihood of the calibration split."""
    best = None
    for p in penalties:
        w, b = logistic(ft, yt, k, p, balance(yt, k))
        t, nll = temperature(fc @ w.T + b, yc)
        if best is None or nll < best[0]:
            best = (nll, p, t, w, b)
        elif nll > 1.05 * best[0]:
            break
    return best


def thresholds(p, y, names):
    """Per label, one against the rest: the point of largest sensitivity + specificity on the calibration split."""
    out = {}
    for c, n in enumerate(names):
        t, s = y == c, p[:, c]
        if t.sum() < 3 or (~t).sum() < 3:
            continue
        cut = np.unique(s)
        j = [(s[t] >= q).mean() + (s[~t] < q).mean() for q in cut]
        out[n] = float(cut[int(np.argmax(j))])
    return out


def at_thresholds(p, y, names, cuts):
    return {n: dict(threshold=c, sensitivity=float((p[y == k, k] >= c).mean()), specificity=float((p[y != k, k] < c).mean())) for k, n in enumerate(names) for c in [cuts.get(n)] if c is not None and (y == k).any()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("network")
    p.add_argument("--work", required=True)
    p.add_argument("--array", type=int, help="array side; default: the size the network was trained at, if such an array is there")
    p.add_argument("--size", type=int, help="side of the pictures the heads are made for; default: what the network was trained at")
    p.add_argument("--no-taps", action="store_true", help="features of the last block only")
    p.add_argument("--bf16", action="store_true", help="quick look: features in 16 bits")
    p.add_argument("--only", nargs="+", help="make only the parts for these tasks, `gate`, `ordinary`, and after them `limits`, `table`, `scales`: several processes can share the work; the same command without it puts them together")
    p.add_argument("--no-table", action="store_true", help="leave out what the gates refuse, which takes longest")
    p.add_argument("--quick", action="store_true", help="open tasks and restricted heads only, no gate")
    p.add_argument("--limit", type=int, help="at most so many training pictures of a label (the others are left out); validation is always whole")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    c = torch.load(f"{a.work}/{a.network}.final.pt")
    size = a.size or c["size"]
    taps = () if a.no_taps else TAPS.get(a.network, ())
    side = a.array or (size if os.path.exists(f"{a.work}/x{size}.npy") else 160)
    data = Data(a.work, side)
    assert data.columns == c["columns"] and data.kinds == c["kinds"], "labels changed since training"
    net = Net(a.network, data.outputs, taps=taps)
    net.load_state_dict(c["state"])
    net.eval().to(memory_format=torch.channels_last)
    width = pooled(net, torch.zeros(1, 3, size, size), size, False).shape[1]
    out = f"{a.work}/out/{a.network}"
    os.makedirs(out, exist_ok=True)
    say = lambda *t: print(*t, flush=True)

    if a.limit:
        g = np.random.default_rng(0)
        for r in sorted({(r["task"], r["label"]) for r in data.rows}):
            own = [i for i in np.flatnonzero((data.task == r[0]) & (data.split == 0)) if data.rows[i]["label"] == r[1]]
            data.split[g.permutation(own)[a.limit :]] = 3

    # Features once, kept for every later step. Validation and calibration wholly, training wholly too.
    path = f"{a.work}/features.{a.network}.{c['steps']}.{size}.{'-'.join(map(str, taps))}.{'bf16' if a.bf16 else 'f32'}{a.limit or ''}.pt"
    if not os.path.exists(path):
        used = np.flatnonzero(data.split < 3)
        f = torch.zeros(len(data.rows), width, dtype=torch.float16)
        f[used] = features(net, data, used, size, a.bf16).half()
        torch.save(f, path)
    f = Rows(path)
    parts = path.removesuffix(".pt") + ".parts"
    os.makedirs(parts, exist_ok=True)
    say("features", tuple(f.shape))
    heads, meta, metrics = {}, {}, {}
    group = np.array([r["group"] for r in data.rows])
    T = lambda v: torch.from_numpy(np.asarray(v))

    for task, names in data.labels.items():
        part = f"{parts}/{task}.pt"
        if os.path.exists(part):
            heads[task], meta[task], metrics[task] = torch.load(part, weights_only=False)
            continue
        if a.only and (task not in a.only or {"scales", "limits", "table"} & set(a.only)):
            continue
        k = len(names)
        tr, ca, va = (data.ids(task, s) for s in (0, 1, 2))
        yt, yc, yv = (T(data.truth(task, i)) for i in (tr, ca, va))
        groups_per_label = {n: len({group[i] for i in data.ids_of(task) if data.rows[i]["label"] == n}) for n in names}
        few = min(groups_per_label.values()) < 30
        note = {"groups_per_label": groups_per_label}
        if task in RESTRICTED and few:
            # grouped 3-fold over everything; each fold is scored by a head that saw none of its groups
            ids = data.ids_of(task)
            y = T(data.truth(task, ids))
            names_g = sorted(set(group[ids]), key=lambda g: (int(next(data.rows[i]["bucket"] for i in ids if group[i] == g)), g))
            of = {}
            for n in names:  # a label's groups are dealt in turn, so that each fold has some
                for j, g in enumerate([g for g in names_g if g in {group[i] for i in ids if data.rows[i]["label"] == n}]):
                    of.setdefault(g, j % 3)
            fold = np.array([of[group[i]] for i in ids])
            z = torch.zeros(len(ids), k)
            for q in range(3):
                te, inner, rest = fold == q, fold == (q + 1) % 3, fold == (q + 2) % 3
                _, pen, _, _, _ = choose(f[ids[rest]], y[rest], f[ids[inner]], y[inner], k)
                w, b = logistic(f[ids[~te]], y[~te], k, pen, balance(y[~te], k))
                z[te] = f[ids[te]] @ w.T + b
            move = shift(z, y)
            z = z + move
            t, _ = temperature(z, y)
            w, b = logistic(f[ids], y, k, pen, balance(y, k))
            b = b + move
            pv, yv_, gv = (z / t).double().softmax(1).numpy(), y.numpy(), group[ids]
            metrics[task] = report(pv, yv_, gv) | dict(status="not established", split="grouped 3-fold; the temperature is fitted on the same folds")
            cuts = thresholds(pv, yv_, names)
            if all(((yv == q).any() and (yc == q).any() and (yt == q).any()) for q in range(k)):  # the usual split as well, where every label is in it
                _, pen, t_, _, _ = choose(f[tr], yt, f[ca], yc, k)
                both = np.concatenate([tr, ca])
                w_, b_ = logistic(f[both], torch.cat([yt, yc]), k, pen, balance(torch.cat([yt, yc]), k))
                metrics[task]["usual_split"] = report(((f[va] @ w_.T + b_) / t_).softmax(1).numpy(), yv.numpy(), group[va])
                say("   usual split", task, round(metrics[task]["usual_split"]["macro_auroc"], 4))
        else:
            nll, pen, t, w, b = choose(f[tr], yt, f[ca], yc, k)
            how = f"logistic, penalty {pen}"
            if task not in RESTRICTED:
                lo, hi = data.columns[task]
                wt, bt = F.pad(net.heads.weight[lo:hi].detach(), (width - net.body.width, 0)), net.heads.bias[lo:hi].detach()
                t2, nll2 = temperature(f[ca] @ wt.T + bt, yc)
                wm, bm = (wt / t2 + w / t) / 2, (bt / t2 + b / t) / 2
                t3, nll3 = temperature(f[ca] @ wm.T + bm, yc)
                au = lambda w, b: round(float(macro_auroc((f[va] @ w.T + b).double().softmax(1).numpy(), yv.numpy())), 4)
                note["validation_auroc_by_head"] = dict(logistic=au(w, b), trained=au(wt, bt), mean=au(wm, bm))
                note["calibration_nll_by_head"] = dict(logistic=nll, trained=nll2, mean=nll3)
                # two heads that learnt differently err differently: their mean, unless it is clearly less likely
                if nll3 <= 1.03 * min(nll, nll2):
                    w, b, t, how = wm, bm, t3, f"mean of the trained head and a logistic one (penalty {pen})"
                elif nll2 < nll:
                    w, b, t, how = wt, bt, t2, "trained with the backbone"
            note["head"] = how
            zc = f[ca] @ w.T + b
            move = shift(zc / t, yc) * t
            t, _ = temperature(zc + move, yc)
            pc = ((zc + move) / t).double().softmax(1).numpy()
            if task in RESTRICTED:  # what was fitted on the calibration split is kept; the head itself learns from that split too
                both = np.concatenate([tr, ca])
                w, b = logistic(f[both], torch.cat([yt, yc]), k, pen, balance(torch.cat([yt, yc]), k))
            b = b + move
            pv = ((f[va] @ w.T + b) / t).double().softmax(1).numpy()
            cuts = thresholds(pc, yc.numpy(), names)
            yv_, gv = yv.numpy(), group[va]
            metrics[task] = report(pv, yv_, gv) | dict(status="few validation groups" if few else "established", split="SHA-256(group) mod 100 < 15")
        metrics[task]["at_thresholds"] = at_thresholds(pv, yv_, names, cuts)
        heads[task] = (w, b)
        meta[task] = dict(labels=names, temperature=t, thresholds=cuts, restricted=task in RESTRICTED, **note)
        m = metrics[task]
        say(f"{task:24s} n {m['n']:4d} auroc {m['macro_auroc']:.4f} [{m['macro_auroc_ci95'][0]:.3f} {m['macro_auroc_ci95'][1]:.3f}] acc {m['accuracy']:.3f} bal {m['balanced_accuracy']:.3f} ece {m['ece']:.3f} brier {m['brier']:.3f}/{m['brier_of_base_rate']:.3f} T {t:.2f} {note.get('head', '')} {note.get('validation_auroc_by_head', '')}")
        if task == "chest_xray_pneumonia":
            m["auroc_pneumonia_against_normal"] = float(auroc(1 - pv[:, 0], yv_ != 0))
            say("   pneumonia against normal", round(m["auroc_pneumonia_against_normal"], 4))
        torch.save((heads[task], meta[task], metrics[task]), part)
    if a.only and "scales" in a.only:
        map_scales(a, net, data, heads, size, parts)
    if a.only and not {"gate", "ordinary", "limits", "table"} & set(a.only):
        return
    extra = {} if a.quick else gates(a, net, data, f, heads, size, out, parts, say)
    if a.only:
        return
    json.dump(metrics, open(f"{out}/metrics.json", "w"), indent=1)
    json.dump(meta, open(f"{out}/heads.json", "w"), indent=1)
    export(a, net, data, heads, meta, metrics, extra, c, taps, size, out, parts)


def kept(path, make):
    """What `make` gives, made once."""
    if not os.path.exists(path):
        torch.save(make(), path + ".new")
        os.replace(path + ".new", path)
    return torch.load(path, weights_only=False)


def gates(a, net, data, f, heads, size, out, parts, say):
    """Modality head over the open kinds and one row per restricted task; per task a distance in the pooled features; and
    what they refuse, also of kinds left out."""
    T = lambda v: torch.from_numpy(np.asarray(v))
    open_mask = ~np.isin(data.task, RESTRICTED)
    index = {k: i for i, k in enumerate(data.kinds)}
    y = np.array([index.get(k, -1) for k in data.kind])
    tr = np.flatnonzero(open_mask & (data.split == 0))
    ca = np.flatnonzero(open_mask & (data.split == 1))
    # one more kind, to be refused: pictures spoilt or of nothing, made from the training and the calibration pictures
    kinds = data.kinds + ["altered"]
    wants = lambda part: not a.only or part in a.only or {"limits", "table"} & set(a.only) and part in ("gate", "ordinary")
    bad = {}
    for split, every in ((0, 40), (1, 12)) if wants("gate") else ():
        ids = np.flatnonzero(np.isin(data.task, data.open_tasks + ["modality"]) & (data.split == split))[::every]
        bad[split] = kept(f"{parts}/altered{split}.pt", lambda: torch.cat([pooled(net, x, size, a.bf16) for x in spoilt(data, ids, split).values() for x in x.split(64)]))
    join = lambda ids, part: (torch.cat([f[ids], part]), T(np.concatenate([y[ids], np.full(len(part), len(data.kinds))])))

    def gate():
        ft, yt = join(tr[:: 2 if f.shape[1] < 3000 else 4], bad[0])
        fc, yc = join(ca[::2], bad[1])
        _, pen, t, w, b = choose(ft, yt, fc, yc, len(kinds), [1e-3, 1e-2, 1e-1])
        return w / t, b / t

    def row(task):
        own = np.flatnonzero((data.task == task) & (data.split == 0))
        some = tr[:: 3 if f.shape[1] < 3000 else 5]
        ff = torch.cat([f[some], bad[0], f[own]])
        yy = T(np.concatenate([y[some], np.full(len(bad[0]), len(kinds) - 1), np.full(len(own), len(kinds))]))
        return logistic(ff, yy, len(kinds) + 1, 1e-2, fixed=(w, b))

    if wants("gate"):
        w, b = kept(f"{parts}/gate.pt", gate)
        rows = {task: kept(f"{parts}/{task}.row.pt", lambda: row(task)) for task in RESTRICTED}
    # distance: square roots of the features (they are means of what a ReLU or SiLU lets through, so their spread grows with
    # them), and per task the directions in which its own pictures differ: how far inside those, and how far outside them
    root = lambda x: x.clamp_min(0).sqrt()

    def alike(task, split):
        """Pictures of the same kind; of a chest film and a CT of the head from every source there is, no source more than 600
        times, so that a film of another hospital is not unlike the ordinary."""
        g = np.random.default_rng(split)
        if KIND[task] not in ("chest_xray", "head_ct"):
            ids = data.ids(task, split)
            return ids[g.permutation(len(ids))[:1200]]
        of = [np.flatnonzero((data.kind == KIND[task]) & (data.task == s) & (data.split == split)) for s in sorted(set(data.task))]
        return np.concatenate([i[g.permutation(len(i))[:600]] for i in of])

    ood = {task: kept(f"{parts}/{task}.ordinary.pt", lambda: ordinary(root(f[alike(task, 0)]))) for task in data.labels} if wants("ordinary") else {}
    if a.only and not {"limits", "table"} & set(a.only):
        return
    unlike = lambda x, task: distance(ood[task], root(x))

    def probability(x, task, w_=None, b_=None):
        """Of the task's own kind, among the open kinds and, for a restricted task, its own row."""
        w_, b_ = (w, b) if w_ is None else (w_, b_)
        o = x @ w_.T + b_
        if task in RESTRICTED:
            return torch.cat([o, x @ rows[task][0].T + rows[task][1]], 1).softmax(1)[:, -1]
        return o.softmax(1)[:, index[KIND[task]]]

    def left_out(x, task, kind):
        """The probability if the gate had no row for the kind."""
        keep = [i for i in range(len(kinds)) if kinds[i] != kind]
        own = x @ rows[task][0].T + rows[task][1] if task in RESTRICTED else x[:, :0]
        p = torch.cat([x @ w[keep].T + b[keep], own], 1).softmax(1)
        return p[:, -1] if task in RESTRICTED else p[:, keep.index(index[KIND[task]])]

    calibration = np.flatnonzero(data.split == 1)

    def limit(task):
        c = alike(task, 1)
        near, own = unlike(f[c], task).numpy(), probability(f[c], task).numpy()
        allowed = calibration[data.kind[calibration] != KIND[task]]
        far = {k: f[allowed[data.kind[allowed] == k]][:300] for k in sorted(set(data.kind[allowed]))}
        far = {k: (unlike(x, task).numpy(), left_out(x, task, k).numpy()) for k, x in far.items() if len(x)}
        # The loosest pair of limits that refuses 97 of 100 of every kind that is left out of the gate; where none does, the
        # pair that comes nearest and lets 98 of 100 of its own through. The loosest is half way (of the logarithm) to where
        # other kinds begin.
        tight = np.quantile(near, 0.985) * 1.03
        loose = max(np.quantile(near, 0.98) * 1.08, 0.9 * np.quantile(np.concatenate([d for d, _ in far.values()]), 0.01))
        best = None
        for dist in np.geomspace(max(tight, np.sqrt(tight * loose)), tight, 8):
            for prob in [min(0.5, np.quantile(own, 0.01))] + [v for v in np.quantile(own, [0.003, 0.006, 0.01, 0.013]) * 0.98 if v > 0.5]:
                passed = ((near <= dist) & (own >= prob)).mean()
                worst = sum(max(0, 0.97 - ((d > dist) | (p < prob)).mean()) for d, p in far.values()) + 3 * max(0, 0.975 - passed)
                if best is None or worst < best[0] - 1e-3:
                    best = (worst, dist, prob)
        return dict(distance=float(min(best[1], np.quantile(near, TIGHT.get(task, {}).get(a.network, 1)))), probability=float(best[2]))

    tasks = [t for t in data.labels if not a.only or t in a.only] or list(data.labels)
    limits, table = {task: kept(f"{parts}/{task}.limits.pt", lambda: limit(task)) for task in tasks}, {}
    if a.only and not wants("table"):
        return
    heads["gate"] = (w, b)
    if a.no_table:
        return dict(kinds=kinds, limits=limits, ood=ood, rows=rows)
    val_ids = np.flatnonzero(data.split == 2)
    made = kept(f"{parts}/made.pt", lambda: {n: pooled(net, x, size, a.bf16) for n, x in made_up(data, 48, 9).items()})
    for task in tasks:
        if os.path.exists(f"{parts}/{task}.table.pt"):
            table[task] = torch.load(f"{parts}/{task}.table.pt", weights_only=False)
            continue
        own = data.ids(task, 2)
        other = val_ids[data.kind[val_ids] != KIND[task]]
        ok = lambda x: (probability(x, task) >= limits[task]["probability"]) & (unlike(x, task) <= limits[task]["distance"])
        table[task] = dict(accepted=float(ok(f[own]).float().mean()), other_kinds_refused=float(1 - ok(f[other]).float().mean()), **{n: float(1 - ok(x).float().mean()) for n, x in made.items()})
        for n, x in spoilt(data, own[:48], None).items():
            table[task][f"own_{n}_refused"] = float(1 - ok(pooled(net, x, size, a.bf16)).float().mean())
        # kinds left out of the gate's head and of the statistics (for restricted kinds: of the backbone as well)
        un = {}
        for kind in sorted(set(data.kind)):
            if kind == KIND[task]:
                continue
            ids = val_ids[data.kind[val_ids] == kind]
            pr = left_out(f[ids], task, kind)
            un[kind] = float(1 - ((pr >= limits[task]["probability"]) & (unlike(f[ids], task) <= limits[task]["distance"])).float().mean())
        table[task]["left_out"] = un
        if KIND[task] == "chest_xray":
            # films of the other sources; what is ordinary is made here without the source in question
            for source in sorted({t for t in data.task[data.kind == "chest_xray"] if t != task}):
                ids = np.flatnonzero((data.task == source) & (data.kind == "chest_xray"))
                rest = alike(task, 0)
                m = ordinary(root(f[rest[data.task[rest] != source]]))
                far_enough = (distance(m, root(f[ids])) <= limits[task]["distance"]) & (probability(f[ids], task) >= limits[task]["probability"])
                table[task][f"films_of_{source}_accepted"] = float(far_enough.float().mean())
        r = table[task]
        torch.save(r, f"{parts}/{task}.table.pt")
        say(f"{task:24s} accepted {r['accepted']:.3f} other kinds refused {r['other_kinds_refused']:.3f} left out, mean {np.mean(list(un.values())):.3f} least {min(un, key=un.get)} {min(un.values()):.3f}", {n: round(v, 2) for n, v in r.items() if n not in ("accepted", "other_kinds_refused", "left_out")})
    if a.only:
        return
    pr = (f[val_ids] @ w.T + b).argmax(1).numpy()
    seen = y[val_ids] >= 0
    say("gate names the kind", round(float((pr[seen] == y[val_ids][seen]).mean()), 4))
    json.dump(table, open(f"{out}/gates.json", "w"), indent=1)
    return dict(kinds=kinds, limits=limits, ood=ood, rows=rows)


def ordinary(x, directions=48):
    """What ordinary pictures look like: mean, the directions in which they differ most (as many as their number bears),
    the variance along each, and the mean variance in all others."""
    mu = x.mean(0)
    z = (x - mu).double()
    s, u = torch.linalg.eigh(z @ z.T)  # fewer pictures than features
    s, u = s.flip(0), u.flip(1)
    k = min(directions, len(x) // 4)
    spread = s / len(x)
    return dict(mean=mu, basis=(u[:, :k] / s[:k].sqrt()).T.matmul(z).float(), spread=spread[:k].float(), rest=(spread[k:].sum() / (x.shape[1] - k)).float().reshape(1))


def distance(o, x):
    """0.3 of the mean square inside the directions and 0.7 of that outside, each in units of the ordinary; 1 is usual."""
    z = x - o["mean"]
    along = z @ o["basis"].T
    inside = (along**2 / o["spread"]).mean(1)
    outside = (z.pow(2).sum(1) - along.pow(2).sum(1)).clamp_min(0) / (o["rest"] * (x.shape[1] - len(o["spread"])))
    return 0.3 * inside + 0.7 * outside


def made_up(data, n, seed):
    """Pictures of nothing: noise, blobs, one colour, lines of text."""
    g = torch.Generator().manual_seed(seed)
    h = data.size
    r = lambda *s: torch.rand(*s, generator=g)
    up = lambda x: F.interpolate(x, size=(h, h), mode="bilinear", align_corners=False)
    text = torch.full((n, 3, h, h), 0.95)
    for i in range(n):
        line = int(torch.randint(5, 13, (1,), generator=g))
        for row in range(line, h - line, 2 * line):
            text[i, :, row : row + line, line : h - line] = (up(r(1, 1, line // 2 + 1, 24))[0, :, :line, : h - 2 * line] < 0.5).float() * 0.9
        if r(1) < 0.3:
            text[i] = 1 - text[i]
    cells = torch.stack([up(r(1, 3, c, c))[0] for c in torch.randint(2, 20, (n,), generator=g).tolist()])
    return dict(noise=r(n, 3, h, h) * r(n, 1, 1, 1), blobs=cells, blank=r(n, 3, 1, 1).expand(n, 3, h, h).contiguous(), text=text)


def spoilt(data, ids, seed):
    """Negatives, corners three times enlarged, and films upside down or on their side; where such a picture would still be
    a fair one (cells and tissue, cut out or turned) it is left out. With a seed, pictures of nothing too."""
    h = data.size
    out = {"negative": 1 - data.pictures(ids)}
    solid = np.array([i for i in ids if data.task[i] not in DIHEDRAL])
    if len(solid):
        x = data.pictures(solid)
        out["corner"] = F.interpolate(x[:, :, : h // 3, : h // 3], size=(h, h), mode="bilinear", align_corners=False)
    upright = np.array([i for i in ids if data.task[i].startswith(("chest", "knee", "breast"))])
    if len(upright):
        x = data.pictures(upright)
        out["turned"] = torch.cat([x[0::3].rot90(1, (2, 3)), x[1::3].rot90(2, (2, 3)), x[2::3].rot90(3, (2, 3))])
    if seed is not None:
        out |= made_up(data, 60, 100 + seed)
    return out


def map_scales(a, net, data, heads, size, parts):
    """Per label, the 99th percentile of the positive places of its raw map over the calibration pictures of the task."""
    def one(task):
        ids = data.ids(task, 1)[:150]
        w, values = heads[task][0], [[] for _ in data.labels[task]]
        for k in range(0, len(ids), 50):
            x = data.pictures(ids[k : k + 50])
            if x.shape[-1] != size:
                x = F.interpolate(x, size=(size, size), mode="bilinear", antialias=True)
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=a.bf16):
                maps = net.maps(normalise(x).to(memory_format=torch.channels_last))
            raw = torch.einsum("ck,nkhw->cnhw", w, maps)
            for c, m in enumerate(raw):
                values[c].append(m[m > 0])
        return [float(torch.cat(v).quantile(0.99)) if sum(map(len, v)) else 1.0 for v in values]

    return {task: kept(f"{parts}/{task}.scales.pt", lambda: one(task)) for task in data.labels if task in heads and (not a.only or task in a.only)}


def export(a, net, data, heads, meta, metrics, extra, c, taps, size, out, parts):
    """Three packs: the backbone with the heads of the open tasks, and one for each stricter licence, whose heads stand on
    that backbone. `seal` (Rust) measures them and writes figures, hashes and the card."""
    half = lambda t: t.detach().half().contiguous()
    body = {k.removeprefix("body."): half(v.contiguous()) for k, v in net.state_dict().items() if k.startswith("body.") and not k.endswith("num_batches_tracked")}
    back = Net(a.network, data.outputs, taps=taps)  # golden vectors from the f16 weights, on smooth pictures made from numbers
    back.load_state_dict(net.state_dict())
    back.body.load_state_dict({k: v.float() for k, v in body.items()}, strict=False)
    back.eval()
    g = torch.Generator().manual_seed(3)
    x = (F.interpolate(torch.rand(4, 3, 12, 12, generator=g), size=(size, size), mode="bicubic").clamp(0, 1) * 255).round()
    with torch.no_grad():
        f = back.features(normalise(x / 255))
    about = tomllib.load(open(os.path.join(os.path.dirname(__file__), "tasks.toml"), "rb"))
    catalogue = tomllib.load(open(os.path.join(os.path.dirname(__file__), "../../assets/conditions.toml"), "rb"))
    code = {(t["task"], t["label"]): e["id"] for e in catalogue["conditions"] for t in e.get("labels", [])}
    scales = map_scales(a, net, data, heads, size, parts)
    architecture = "basic_cnn" if a.network.startswith("basic_cnn") else a.network
    name = architecture.replace("_", "-")
    classes = dict(open=[t for t in data.labels if t not in RESTRICTED], research_only=[t for t in data.labels if t in RESEARCH_ONLY], non_commercial=["nc_skin_lesion"])
    digest = None
    for licence, tasks in classes.items():
        pack = f"{name}-{licence.replace('_', '-')}"
        folder = f"{out}/{pack}"
        os.makedirs(folder, exist_ok=True)
        own = licence == "open"
        if own:
            save_file(body, f"{folder}/weights.safetensors")
            digest = hashlib.sha256(open(f"{folder}/weights.safetensors", "rb").read()).hexdigest()
        rows = {} if own else {f"{t}.kind": extra["rows"][t] for t in tasks}
        parts = ({"gate": heads["gate"]} if own else {}) | {t: heads[t] for t in tasks} | rows
        save_file({f"{n}.{p}": v.float().contiguous() for n, pair in parts.items() for p, v in zip(("weight", "bias"), pair)}, f"{folder}/heads.safetensors")
        save_file({f"{t}.{n}": (half(v) if n == "basis" else v.float().contiguous()) for t in tasks for n, v in extra["ood"][t].items()}, f"{folder}/ood.safetensors")
        order = (["gate"] if own else []) + tasks
        save_file(dict(input=x.permute(0, 2, 3, 1).to(torch.uint8).contiguous(), logits=torch.cat([f @ heads[t][0].T + heads[t][1] for t in order], 1).contiguous()), f"{folder}/golden.safetensors")
        doc = dict(format=2, id=pack, version=VERSION.get(architecture, "0.1.0"), architecture=architecture)
        if own and architecture == "basic_cnn":
            doc["plan"] = [[i, o, k, s, int(p), (g or [1])[0]] for i, o, k, s, p, *g in net.body.plan]
        if own and taps:
            doc["taps"] = list(taps)
        if not own:
            doc["backbone"] = dict(pack=f"{name}-open", sha256=digest)
        doc |= dict(licence={"open": "MIT OR Apache-2.0", "research_only": "research use only: the pictures carry no licence or one for research", "non_commercial": "CC BY-NC 4.0: not for commercial use"}[licence], licence_class=licence,
            split=f"By group: SHA-256(group) as a big-endian integer, mod 100; below 15 is validation, 15 to 24 calibration (temperature, thresholds, limits, choice of head), the rest training. The network saw training pictures of the open tasks only: {c['seen']} pictures in {c['steps']} steps of {size} pixels.",
            input=dict(size=size, mean=list(MEAN), std=list(STD), filter="triangle", fit="letterbox-black"))
        if own:
            doc["gate"] = dict(kinds=extra["kinds"], temperature=1.0, side_min=32, contrast_min=2.5, chosen="On the calibration pictures of each task and of the other kinds, each left out of the gate in its turn: the loosest pair of probability and distance that refuses 97 of 100 of every such kind, or what comes nearest and lets 98 of 100 of its own through.")
        doc["tasks"] = []
        for t in tasks:
            d, m = about[t], meta[t]
            labels = []
            for n, scale in zip(m["labels"], scales[t]):
                label = dict(name=n, cam_scale=round(scale, 4))
                if (t, n) in code:
                    label["condition"] = code[t, n]
                if n in m["thresholds"]:
                    label["threshold"] = round(m["thresholds"][n], 4)
                labels.append(label)
            use = {k: d[k] for k in ("age_min_years", "age_max_years") if k in d} | dict(text=d["text"], out_of_scope=d["out_of_scope"])
            doc["tasks"].append(dict(name=t, kind=d["kind"], kind_min=extra["limits"][t]["probability"], distance_max=extra["limits"][t]["distance"], confidence_min=0.0,
                white_max=1.0 if t in COLOUR else 0.7, standing="not_established" if metrics[t]["status"] == "not established" else "measured", caution=d["caution"],
                labels=labels, calibration=dict(temperature=m["temperature"], fitted_on="the calibration split (SHA-256(group) mod 100 from 15 to 24)" if metrics[t]["status"] != "not established" else "the three folds it was measured on"),
                intended_use=use, training=[dict(name=d["source"], licence=d["licence"], used_for="findings")]))
            if metrics[t]["status"] == "not established":
                r = metrics[t]
                doc["tasks"][-1]["metrics"] = [dict(name=f"{n}, grouped 3-fold (training program)", value=round(r[k], 4), n=r["n"]) | ({"low": round(r[k + "_ci95"][0], 4), "high": round(r[k + "_ci95"][1], 4)} if k + "_ci95" in r else {}) for n, k in (("Macro AUROC of the labels, gates off", "macro_auroc"), ("Accuracy, gates off", "accuracy"), ("Balanced accuracy, gates off", "balanced_accuracy"))]
        json.dump(doc, open(f"{folder}/draft.json", "w"), indent=1)


if __name__ == "__main__":
    main()
