"""The figures, in Python, while training. What stands on a card is measured by the Rust program."""
import numpy as np


def auroc(score, truth):
    s = np.sort(score)
    rank = (np.searchsorted(s, score, "left") + np.searchsorted(s, score, "right") + 1) / 2
    p = truth.sum()
    q = len(truth) - p
    return float("nan") if p == 0 or q == 0 else (rank[truth].sum() - p * (p + 1) / 2) / (p * q)


def macro_auroc(p, y):
    """One against the rest, mean over the labels present; for two labels the AUROC itself."""
    k = p.shape[1]
    v = [auroc(p[:, 1], y == 1)] if k == 2 else [auroc(p[:, c], y == c) for c in range(k)]
    return np.nanmean(v)


def ece(p, y):
    """max(5, n/50) bins of equal mass over the confidence of the first label."""
    conf, ok = p.max(1), p.argmax(1) == y
    o = np.argsort(conf, kind="stable")
    return float(sum(abs(conf[b].mean() - ok[b].mean()) * len(b) for b in np.array_split(o, max(5, len(y) // 50)) if len(b)) / len(y))


def brier(p, y):
    return float(((p - np.eye(p.shape[1])[y]) ** 2).sum(1).mean())


def report(p, y, groups, resamples=500, seed=0):
    """All figures; intervals from resampling groups."""
    k = p.shape[1]
    pred = p.argmax(1)
    recall = [float((pred[y == c] == c).mean()) for c in range(k) if (y == c).any()]
    base = np.bincount(y, minlength=k) / len(y)
    out = dict(n=int(len(y)), per_label={int(c): int((y == c).sum()) for c in range(k)}, accuracy=float((pred == y).mean()), balanced_accuracy=float(np.mean(recall)), macro_auroc=float(macro_auroc(p, y)), ece=ece(p, y), brier=brier(p, y), brier_of_base_rate=float(1 - (base**2).sum()))
    rng = np.random.default_rng(seed)
    names, inv = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(inv == g) for g in range(len(names))]
    draws = {"accuracy": [], "macro_auroc": []}
    for _ in range(resamples):
        i = np.concatenate([members[g] for g in rng.integers(0, len(names), len(names))])
        draws["accuracy"].append((pred[i] == y[i]).mean()); draws["macro_auroc"].append(macro_auroc(p[i], y[i]))
    for n, v in draws.items():
        out[n + "_ci95"] = [float(q) for q in np.nanquantile(v, [0.025, 0.975])]
    out["groups"] = int(len(names))
    return out
