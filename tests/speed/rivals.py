"""PyTorch eager and ONNX Runtime with the weights of one of our packs, for `cargo xtask bench imaging`.

    python tests/speed/rivals.py models/resnet50-open/weights.safetensors resnet50 224 2 picture.f32 [INNER BLOCK ...]

The picture: 3 x side x side floats, little end first; inner blocks as `taps` in `model.toml`. The first line it prints says what it is and what each computed of
the picture (the mean of the last map); then, for each line `torch 10` or `onnxruntime 10` of its input, the milliseconds of
so many runs. An engine that is not installed is left out, with the reason.
"""
import io, json, os, struct, sys, time
from pathlib import Path
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "models" / "training"))
import nets


def tensors(path):
    """A safetensors file, without its library: a length, a JSON header, the data."""
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    kinds = {"F16": np.float16, "F32": np.float32}
    header.pop("__metadata__", None)
    take = lambda v: np.frombuffer(data[slice(*v["data_offsets"])], kinds[v["dtype"]]).reshape(v["shape"])
    return {k: torch.from_numpy(take(v).astype(np.float32)) for k, v in header.items()}


class Features(torch.nn.Module):
    def __init__(s, net):
        super().__init__()
        s.net = net

    def forward(s, x):
        return s.net.features(x)


def onnx_session(net, x, threads):
    import onnxruntime
    model = io.BytesIO()
    torch.onnx.export(net, (x,), model, input_names=["x"], dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(model.getvalue(), options, providers=["CPUExecutionProvider"])
    picture = {"x": x.numpy()}
    return onnxruntime.__version__, lambda: session.run(None, picture)[0]


def main():
    weights, network, side, threads, picture = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    taps = [int(n) for n in sys.argv[6:]]
    torch.set_num_threads(threads)
    given = tensors(weights)
    two = network == "basic_cnn" and given["blocks.1.conv.weight"].shape[0] == nets.TWO[1][1]
    net = Features(nets.Net(network + "_two" if two else network, 1, taps=taps)).eval()
    body = net.net.body
    body.load_state_dict(given, strict=False)
    left = [k for k in given if k not in body.state_dict()] + [k for k in body.state_dict() if k not in given and "num_batches" not in k]
    assert not left, left
    x = torch.from_numpy(np.fromfile(picture, "<f4").reshape(1, 3, side, side))

    def eager():
        with torch.no_grad():
            return net(x).numpy()

    calls, said = {"torch": eager}, {"torch": torch.__version__, "missing": {}, "features": {}}
    if os.environ.get("ATEN_CPU_CAPABILITY") is None:  # ONNX Runtime cannot be told to use fewer instructions
        try:
            with torch.no_grad():
                said["onnxruntime"], calls["onnxruntime"] = onnx_session(net, x, threads)
        except ImportError as error:
            said["missing"]["onnxruntime"] = str(error)
    said["features"] = {k: call()[0].tolist() for k, call in calls.items()}
    print(json.dumps(said), flush=True)
    for line in sys.stdin:
        name, runs = line.split()
        times = []
        for _ in range(int(runs)):
            start = time.perf_counter()
            calls[name]()
            times.append(round((time.perf_counter() - start) * 1e3, 4))
        print(json.dumps(times), flush=True)


main()
