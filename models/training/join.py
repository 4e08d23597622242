"""Puts the ImageNet tower beside a trained basic_cnn: WORK/basic_cnn.final.pt becomes WORK/basic_cnn_two.final.pt.

    python models/training/join.py --work WORK --start-from ../shared/data/backbone/squeezenet_v1.1_features_oihw.safetensors

Open tasks keep their features; restricted tasks, whose heads stand on a backbone that never saw them, gain most.
Needs a basic_cnn trained with `--freeze 1`.
"""
import argparse
import numpy as np
import torch
from data import MEAN, STD, Data, normalise
from nets import BasicCnn, BasicCnnTwo, Net

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--work", required=True)
p.add_argument("--start-from", required=True)
a = p.parse_args()
c = torch.load(f"{a.work}/basic_cnn.final.pt")
data = Data(a.work, c["size"])
trained = Net("basic_cnn", data.outputs)
trained.load_state_dict(c["state"])
open_ids = np.flatnonzero((data.split == 0) & np.isin(data.task, data.open_tasks))
sample = normalise(data.pictures(open_ids[:: len(open_ids) // 64]))
other = BasicCnn()
other.start_from_squeezenet(a.start_from, MEAN, STD, sample)
both = Net("basic_cnn_two", data.outputs)
both.body.join(trained.body, other)
with torch.no_grad():
    both.heads.weight.zero_()
    both.heads.weight[:, :512] = trained.heads.weight
    both.heads.bias.copy_(trained.heads.bias)
    for m in (both, trained, other):
        m.eval()
    x = sample[:8]
    f = both.features(x)
    print("largest difference of the trained tower", float((f[:, :512] - trained.features(x)).abs().max()), "of the other, relative", float((f[:, 512:] - other.maps(x).mean((2, 3))).abs().max() / f[:, 512:].max()))
torch.save(c | dict(state=both.state_dict(), network="basic_cnn_two"), f"{a.work}/basic_cnn_two.final.pt")
