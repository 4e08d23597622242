"""Trains one pooled backbone on all open-licence tasks together (resumable; a checkpoint every few minutes).

    python models/training/train.py basic_cnn       --work WORK --size 160 --minutes 60 --start-from ../shared/data/backbone/squeezenet_v1.1_features_oihw.safetensors
    python models/training/train.py efficientnet_b0 --work WORK --size 128 --minutes 60 --teacher basic_cnn
    python models/training/train.py resnet50        --work WORK --size 96  --minutes 60 --teacher basic_cnn

Never reads a picture of a restricted task (data.RESTRICTED), a validation picture, or one of the calibration split.
One matrix of heads: every open task and the modality gate; the loss of a picture counts the columns of its task only.
With `--teacher NAME` the final weights WORK/NAME.final.pt teach as well: their probabilities over every task, and their
pooled features, on the same augmented picture. Arrays: WORK/x{S}.npy from arrays.py, S = `--array` (default 160), made
smaller on the fly for a student.
The learning rate follows the minutes spent: a run ends in time on a busy machine and goes on where it was cut off. To go
on after the end: a new `--stage` name with `--init WORK/NAME.final.pt`.
Writes WORK/NAME.STAGE.pt (state), WORK/NAME.final.pt (moving average of the weights), WORK/NAME.STAGE.log.
"""
import argparse, json, math, os, sys, time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from data import MEAN, STD, Data, augment, normalise
from metrics import macro_auroc
from nets import Net


def soft_targets(data):
    """Per task: a row per label. Ordinary smoothing 0.04; the knee's grades lean on their neighbours."""
    out = {}
    for t, (lo, hi) in data.columns.items():
        n = hi - lo
        if t == "knee_xray_oa":
            d = torch.arange(n).float()
            w = torch.exp(-((d[:, None] - d[None]) ** 2) / (2 * 0.6**2))
            out[t] = w / w.sum(1, keepdim=True)
        else:
            out[t] = torch.full((n, n), 0.04 / n) + 0.96 * torch.eye(n)
    return out


def targets(data, ids):
    """Soft targets over all columns (n, outputs) and the two masks (task, gate) as block indices."""
    soft, y = soft_targets(data), torch.zeros(len(ids), data.outputs)
    lo, hi = data.columns["gate"]
    for k, i in enumerate(ids):
        r = data.rows[i]
        if r["task"] in data.columns:
            a, b = data.columns[r["task"]]
            y[k, a:b] = soft[r["task"]][data.labels[r["task"]].index(r["label"])]
        y[k, lo:hi] = soft["gate"][data.kinds.index(data.kind[i])]
    return y


def log_blocks(z, data, temperature=1.0):
    """Log-softmax within every block of columns."""
    return torch.cat([F.log_softmax(z[:, a:b] / temperature, 1) for a, b in data.columns.values()], 1)


def sampling(data, ids, favour):
    """A task weighs the root of its pictures, times `favour`; within it a label weighs the root of its own."""
    w = np.zeros(len(ids))
    task, label = data.task[ids], np.array([data.rows[i]["label"] for i in ids])
    for t in set(task):
        m = task == t
        names, count = np.unique(label[m], return_counts=True)
        per = dict(zip(names, count**-0.5))
        v = np.array([per[l] for l in label[m]])
        w[m] = v / v.sum() * m.sum() ** (0.5 if t != "modality" else 0.3) * favour.get(t, 1.0)
    return torch.from_numpy(w / w.sum())


@torch.no_grad()
def evaluate(net, data, split, bf16, size, limit=10**9):
    """Macro AUROC per open task on a split."""
    net.eval()
    out = {}
    for t in data.open_tasks:
        ids = data.ids(t, split)
        ids = ids[:: max(1, len(ids) // limit)]
        a, b = data.columns[t]
        z = []
        for k in range(0, len(ids), 64):
            x = data.pictures(ids[k : k + 64])
            if size != data.size:
                x = F.interpolate(x, size=(size, size), mode="bilinear", antialias=True)
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                z.append(net(normalise(x).to(memory_format=torch.channels_last))[1][:, a:b].float())
        out[t] = round(float(macro_auroc(torch.cat(z).softmax(1).numpy(), data.truth(t, ids))), 4)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("network", choices=["basic_cnn", "efficientnet_b0", "resnet50"])
    p.add_argument("--work", required=True)
    p.add_argument("--size", type=int, default=160, help="side the network sees")
    p.add_argument("--array", type=int, default=160, help="side of the array read")
    p.add_argument("--minutes", type=float, default=60)
    p.add_argument("--stage", default="a")
    p.add_argument("--start-from", help="SqueezeNet features: see nets.py for what each network takes of them")
    p.add_argument("--init", help="a .final.pt to start from")
    p.add_argument("--teacher", help="network whose final weights teach")
    p.add_argument("--teacher-size", type=int, default=160)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--wd", type=float, default=0.05)
    p.add_argument("--strength", type=float, default=1.0, help="of the augmentation")
    p.add_argument("--favour", nargs="*", default=[], metavar="TASK=TIMES", help="draw a task more or less often")
    p.add_argument("--freeze", type=int, default=0, help="blocks of basic_cnn, from the first, that stay as they are")
    p.add_argument("--bf16", action="store_true")
    p.add_argument("--threads", type=int, default=1, help="on a busy machine two processes of one thread do more than one of two")
    p.add_argument("--ranks", type=int, default=1, help="processes that train together: each starts this program with its own --rank, and gradients are averaged once a step")
    p.add_argument("--rank", type=int, default=0)
    p.add_argument("--evaluate-every", type=float, default=15, help="minutes between looks at the calibration split")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(7)
    if a.ranks > 1:
        torch.distributed.init_process_group("gloo", init_method=f"file://{a.work}/{a.network}.{a.stage}.meet", rank=a.rank, world_size=a.ranks)
    data = Data(a.work, a.array)
    ids = np.flatnonzero((data.split == 0) & np.isin(data.task, data.open_tasks + ["modality"]))
    weight = sampling(data, ids, {k: float(v) for k, v in (q.split("=") for q in a.favour)})
    path, final = f"{a.work}/{a.network}.{a.stage}.pt", f"{a.work}/{a.network}.final.pt"
    log = open(f"{a.work}/{a.network}.{a.stage}.log", "a")

    def say(text):
        if a.rank:
            return
        print(text, flush=True); print(text, file=log, flush=True)

    teacher = None
    if a.teacher:
        c = torch.load(f"{a.work}/{a.teacher}.final.pt")
        teacher = Net(a.teacher, data.outputs)
        teacher.load_state_dict(c["state"])
        teacher.eval().to(memory_format=torch.channels_last)
    net = Net(a.network, data.outputs, teacher.body.width if teacher else 0)
    epoch, step, spent, seen = 0, 0, 0.0, 0
    state = torch.load(path) if os.path.exists(path) else None
    if state is None and a.init:
        missing = net.load_state_dict(torch.load(a.init)["state"], strict=False)
        say(f"init {a.init} {missing}")
    elif state is None and a.start_from:
        pick = ids[torch.multinomial(weight, 64, True, generator=torch.Generator().manual_seed(5)).numpy()]
        net.body.start_from_squeezenet(a.start_from, MEAN, STD, F.interpolate(normalise(data.pictures(pick)), size=(a.size, a.size), mode="bilinear", antialias=True))
    net.to(memory_format=torch.channels_last)
    frozen = list(net.body.blocks[: a.freeze]) if a.freeze else []
    for b in frozen:
        b.requires_grad_(False)
    heads = [q for n, q in net.named_parameters() if n.startswith(("heads", "teach"))]
    decay = [q for n, q in net.named_parameters() if n.startswith("body") and q.ndim > 1 and q.requires_grad]
    plain = [q for n, q in net.named_parameters() if n.startswith("body") and q.ndim <= 1 and q.requires_grad]
    opt = torch.optim.AdamW([dict(params=heads, times=2.0, weight_decay=a.wd), dict(params=decay, times=1.0, weight_decay=a.wd), dict(params=plain, times=1.0, weight_decay=0.0)], lr=a.lr, fused=True)
    ema = {k: v.detach().clone() for k, v in net.state_dict().items()}
    if state:
        net.load_state_dict(state["net"]); opt.load_state_dict(state["opt"])
        ema, epoch, step, spent, seen = state["ema"], state["epoch"], state["step"], state["spent"], state["seen"]
    pairs = [(ema[k], v) for k, v in net.state_dict().items() if v.is_floating_point()]  # `ema` holds their moving averages
    slow, live = [p for p, _ in pairs], [q for _, q in pairs]
    say(f"{a} parameters {sum(q.numel() for q in net.parameters())} pictures {len(ids)} columns {data.outputs} resumed at {spent:.0f} s")
    g = torch.Generator().manual_seed(100 + step + 7919 * a.rank)
    last, saved, looked, cpu = time.time(), time.time(), time.time(), time.process_time()
    total, shown, running = a.minutes * 60, 0, 0.0
    gate = torch.zeros(data.outputs, dtype=torch.bool)
    gate[data.columns["gate"][0] : data.columns["gate"][1]] = True

    def save():
        if a.rank:
            return
        torch.save(dict(net=net.state_dict(), opt=opt.state_dict(), ema=ema, epoch=epoch, step=step, spent=spent, seen=seen), path + ".part")
        os.replace(path + ".part", path)
        torch.save(dict(state={k: v for k, v in ema.items() if not k.startswith("teach")}, size=a.size, network=a.network, columns=data.columns, labels=data.labels, kinds=data.kinds, seen=seen, steps=step, seconds=spent), final + ".part")
        os.replace(final + ".part", final)

    while spent < total:
        net.train()
        for b in frozen:
            b.eval()
        now = time.time(); spent += min(now - last, 60); last = now
        t = min(spent / total, 1.0)
        for q in opt.param_groups:
            q["lr"] = q["times"] * a.lr * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * t)) + 1e-6
        pick = ids[torch.multinomial(weight, a.batch, True, generator=g).numpy()]
        x = augment(data.pictures(pick), data.task[pick], g, a.strength)
        y = targets(data, pick)
        big = normalise(x)
        small = big if a.size == a.array else F.interpolate(big, size=(a.size, a.size), mode="bilinear", antialias=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=a.bf16):
            f, z = net(small.to(memory_format=torch.channels_last))
        f, z = f.float(), z.float()
        lz = log_blocks(z, data)
        task = -(y * lz)[:, ~gate].sum(1)
        loss = (0.5 if teacher else 1.0) * task.mean() - 0.3 * (y * lz)[:, gate].sum(1).mean()
        if teacher:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=a.bf16):
                tx = big if a.teacher_size == a.array else F.interpolate(big, size=(a.teacher_size, a.teacher_size), mode="bilinear", antialias=True)
                tf, tz = teacher(tx.to(memory_format=torch.channels_last))
            q = log_blocks(tz.float(), data).exp()
            own = (y.ne(0)).float()  # the picture's own task and the gate count fully, the other tasks a little
            kl = (q * (q.clamp_min(1e-6).log() - lz))
            loss = loss + (kl * own).sum(1).mean() + 0.05 * (kl * (1 - own)).sum(1).mean()
            goal = tf.float()
            goal = (goal - goal.mean(1, keepdim=True)) / (goal.std(1, keepdim=True) + 1e-6)
            loss = loss + 0.5 * F.mse_loss(net.teach(f), goal)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        if a.ranks > 1:  # gradients, the time spent and the loss, averaged in one message
            params = [q for q in net.parameters() if q.grad is not None]
            flat = torch.cat([q.grad.flatten() for q in params] + [torch.tensor([spent, loss.item()])])
            torch.distributed.all_reduce(flat)
            flat /= a.ranks
            at = 0
            for q in params:
                q.grad.copy_(flat[at : at + q.numel()].view_as(q)); at += q.numel()
            spent = float(flat[-2])
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        step += 1; seen += a.batch * a.ranks; running += loss.item(); shown += 1
        d = min(0.998, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(slow, live, 1 - d)
        now = time.time()
        if step % 50 == 0:
            say(f"step {step} seen {seen} spent {spent:.0f}s lr {opt.param_groups[1]['lr']:.2e} loss {running / shown:.4f} cpu {time.process_time() - cpu:.0f}s")
            running, shown = 0.0, 0
        if now - saved > 150 or spent >= total:
            epoch += 1; save(); saved = now
        if a.rank == 0 and (now - looked > a.evaluate_every * 60 or spent >= total):
            keep = {k: v.clone() for k, v in net.state_dict().items()}
            net.load_state_dict(ema)
            r = evaluate(net, data, 1, a.bf16, a.size, 10**9 if spent >= total else 150)
            say(f"step {step} seen {seen} calibration split {json.dumps(r)} mean {np.mean(list(r.values())):.4f}")
            net.load_state_dict(keep)
            looked = last = time.time()
    save()
    say("done")


if __name__ == "__main__":
    main()
