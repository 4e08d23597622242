"""Times our engine, PyTorch eager and ONNX Runtime side by side: one picture, the same weights, blocks in turns.

    cargo build --release -p cnn-engine --example bench
    python tests/speed/compare.py target/release/examples/bench [--threads 2] [--side 224] [--set avx2] [--json]
        [--weights NETWORK=STATE_DICT.safetensors ...] [network ...]

Without trained weights, torchvision's random ones are used, with batch statistics taken from noise, so that activations
have the sizes of a trained network. Also prints how far our logits are from PyTorch's, relative to the largest.
Needs: torch, torchvision, onnx, onnxruntime (not part of the program; a virtual environment of its own).
"""
import argparse, io, json, os, statistics, subprocess, tempfile, time
import numpy as np
import torch
import torchvision
import onnxruntime

NETWORKS = ["resnet50", "efficientnet_b0", "densenet121"]


def network(name, side, weights):
    torch.manual_seed(7)
    net = getattr(torchvision.models, name)(weights=None)
    if weights:
        from safetensors.torch import load_file
        net.load_state_dict({k: v.float() for k, v in load_file(weights).items()})
    else:
        net.train()
        with torch.no_grad():
            for m in net.modules():
                if isinstance(m, torch.nn.Dropout):
                    m.p = 0.0
                if isinstance(m, torch.nn.BatchNorm2d):
                    m.momentum = None  # the plain mean of what it sees
            for _ in range(2):
                net(torch.randn(4, 3, side, side))
    return net.eval()


def write(path, tensors):
    """The format of the example: a line per tensor with name and sizes, an empty line, the floats."""
    with open(path, "wb") as f:
        f.write("".join(f"{k} {' '.join(map(str, v.shape))}\n" for k, v in tensors.items()).encode() + b"\n")
        for v in tensors.values():
            f.write(v.detach().contiguous().numpy().astype("<f4").tobytes())


class Ours:
    def __init__(s, args, name, path):
        command = [args.bench, name, "--serve", "--weights", path, "--threads", str(args.threads), "--side", str(args.side)]
        command += ["--set", args.set] if args.set else []
        command += ["--winograd", args.winograd] if args.winograd else []
        s.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        s.logits = np.array(json.loads(s.process.stdout.readline()), dtype=np.float64)

    def block(s, runs):
        s.process.stdin.write(f"{runs}\n"); s.process.stdin.flush()
        return [float(v) for v in s.process.stdout.readline().split()]

    def close(s):
        s.process.stdin.close(); s.process.wait()


class Torch:
    def __init__(s, net, x):
        s.net, s.x = net, x

    @torch.no_grad()
    def block(s, runs):
        return timed(lambda: s.net(s.x), runs)


class Onnx:
    def __init__(s, args, net, x):
        model = io.BytesIO()
        torch.onnx.export(net, (x,), model, input_names=["x"], dynamo=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = args.threads, 1
        s.session = onnxruntime.InferenceSession(model.getvalue(), options, providers=["CPUExecutionProvider"])
        s.x = {"x": x.numpy()}

    def block(s, runs):
        return timed(lambda: s.session.run(None, s.x), runs)


def timed(call, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main():
    p = argparse.ArgumentParser()
    p.add_argument("bench")
    p.add_argument("networks", nargs="*")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--side", type=int, default=224)
    p.add_argument("--set")
    p.add_argument("--winograd")
    p.add_argument("--blocks", type=int, default=4)
    p.add_argument("--runs", type=int, default=10)
    p.add_argument("--weights", action="append", default=[])
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    trained = dict(w.split("=", 1) for w in args.weights)
    torch.set_num_threads(args.threads)
    result = {"threads": args.threads, "side": args.side, "load_average": os.getloadavg()[0], "torch": torch.__version__,
              "onnxruntime": onnxruntime.__version__, "networks": {}}
    for name in args.networks or NETWORKS:
        net = network(name, args.side, trained.get(name))
        x = torch.randn(1, 3, args.side, args.side)
        with torch.no_grad():
            want = net(x).double().numpy()[0]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "weights")
            tensors = {k: v for k, v in net.state_dict().items() if v.dtype == torch.float32}
            write(path, tensors | {"picture": x[0]})
            ours = Ours(args, name, path)
        engines = {"ours": ours, "torch": Torch(net, x), "onnxruntime": Onnx(args, net, x)}
        for engine in engines.values():
            engine.block(5)
        times = {k: [] for k in engines}
        for _ in range(args.blocks):
            for k, engine in engines.items():
                time.sleep(0.2)  # the threads of the one before may still spin
                engine.block(2)
                times[k] += engine.block(args.runs)
        ours.close()
        row = {k: {"median_ms": round(statistics.median(t), 3), "min_ms": round(min(t), 3)} for k, t in times.items()}
        for k in ("torch", "onnxruntime"):
            row[f"ratio_to_{k}"] = {m: round(row["ours"][m] / row[k][m], 3) for m in ("median_ms", "min_ms")}
        row["difference"] = float(np.abs(ours.logits - want).max() / np.abs(want).max())
        result["networks"][name] = row
        if not args.json:
            print(name, json.dumps(row), flush=True)
    if args.json:
        print(json.dumps(result))


main()
