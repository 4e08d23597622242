"""The three networks as PyTorch modules. Field names are those of the Rust structs, so no tensor is renamed at load.

basic_cnn        `blocks.N.{conv,bn}`: convolution (3x3 pad 1 or 1x1, no bias), batch normalisation, ReLU, and after some
                 blocks a 3x3 max-pool (stride 2, pad 1). The plan below is SqueezeNet 1.1 written as one chain: a fire
                 module is a 1x1 block and a 3x3 block (its 1x1 half is a 3x3 kernel that is zero but for the centre), so
                 the block weights can start from the MIT-licensed ImageNet features.
resnet50         torchvision's layout and names (conv1, bn1, layerS.B.{convN,bnN,downsample.0,downsample.1}).
efficientnet_b0  stem.{conv,bn}, blocks.N.{expand,depthwise,project}.{conv,bn}, blocks.N.se.{reduce,grow} (1x1
                 convolutions with bias; SiLU then sigmoid), top.{conv,bn}; SiLU; batch-norm eps 1e-3; block 0 has no expand.

All end in the mean over the picture (`features`) and linear heads (`heads.weight`, `heads.bias`, all tasks in one matrix).
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

# in, out, kernel, stride, max-pool after
BASIC = [(3, 64, 3, 2, True)]
for _i, _s, _e, _p in [(64, 16, 128, 0), (128, 16, 128, 1), (128, 32, 256, 0), (256, 32, 256, 1), (256, 48, 384, 0), (384, 48, 384, 0), (384, 64, 512, 0), (512, 64, 512, 0)]:
    BASIC += [(_i, _s, 1, 1, False), (_s, _e, 3, 1, bool(_p))]


# The same twice, side by side (grouped convolutions), behind one shared first block: one tower trained on the open tasks,
# one with the ImageNet features as they came, which tasks that no backbone may be trained on lean on.
TWO = [(*BASIC[0], 1), (64, 32, 1, 1, False, 1)] + [(2 * i, 2 * o, k, s, p, 2) for i, o, k, s, p in BASIC[2:]]


class Block(nn.Module):
    def __init__(s, i, o, kernel, stride, pool, groups=1):
        super().__init__()
        s.conv = nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False, groups=groups)
        s.bn = nn.BatchNorm2d(o)
        s.pool = pool

    def forward(s, x):
        x = F.relu(s.bn(s.conv(x)), inplace=True)
        return F.max_pool2d(x, 3, 2, 1) if s.pool else x


class BasicCnn(nn.Module):
    width, plan = 512, BASIC

    def __init__(s):
        super().__init__()
        s.blocks = nn.ModuleList([Block(*p) for p in s.plan])

    def maps(s, x):
        for b in s.blocks:
            x = b(x)
        return x

    @torch.no_grad()
    def start_from_squeezenet(s, path, mean, std, sample):
        """Loads the ImageNet features so that the network computes what SqueezeNet computes; `sample`: normalised pictures
        from which the batch statistics are set (gamma and beta then undo them, so nothing changes)."""
        from safetensors.torch import load_file
        d = load_file(path)
        x, scale = sample, 1.0  # SqueezeNet's activation is `scale` times ours: its activations are hundreds, ours of order one
        names = ["conv1"] + [f"fire{k}.{p}" for k in range(2, 10) for p in ("squeeze1x1", "expand")]
        for b, n in zip(s.blocks, names):
            if n == "conv1":  # the source takes blue, green, red in 0..255 less a mean
                w, bias = d["conv1.weight"].flip(1), d["conv1.bias"]
                bias = bias + w.sum((2, 3)) @ (255 * torch.tensor(mean) - torch.tensor([123.68, 116.779, 103.939]))
                w = w * 255 * torch.tensor(std).view(1, 3, 1, 1)
            elif n.endswith("expand"):  # the 1x1 half is a 3x3 kernel that is zero but for the centre
                w = torch.cat([F.pad(d[n + "1x1.weight"], (1, 1, 1, 1)), d[n + "3x3.weight"]])
                bias = torch.cat([d[n + "1x1.bias"], d[n + "3x3.bias"]])
            else:
                w, bias = d[n + ".weight"], d[n + ".bias"]
            b.conv.weight.copy_(w)
            z = b.conv(x)
            mu, var = z.mean((0, 2, 3)), z.var((0, 2, 3), unbiased=False)
            sigma = (var + b.bn.eps).sqrt()
            step = sigma.mean()
            b.bn.running_mean.copy_(mu); b.bn.running_var.copy_(var)
            b.bn.weight.copy_(sigma / step); b.bn.bias.copy_((mu + bias / scale) / step)
            scale = scale * step
            b.eval(); x = b(x); b.train()


class BasicCnnTwo(BasicCnn):
    width, plan = 1024, TWO

    @torch.no_grad()
    def join(s, trained, other):
        """The first block is the trained one's (it was frozen, so it is SqueezeNet's but for a factor, which moves into the
        other tower's next convolution)."""
        gain = lambda b: (b.bn.weight / (b.bn.running_var + b.bn.eps).sqrt()).mean()
        factor = gain(other.blocks[0]) / gain(trained.blocks[0])
        s.blocks[0].load_state_dict(trained.blocks[0].state_dict())
        for n, (b, p, q) in enumerate(zip(s.blocks[1:], trained.blocks[1:], other.blocks[1:])):
            b.conv.weight.copy_(torch.cat([p.conv.weight, q.conv.weight * (factor if n == 0 else 1.0)]))
            for k in ("weight", "bias", "running_mean", "running_var"):
                getattr(b.bn, k).copy_(torch.cat([getattr(p.bn, k), getattr(q.bn, k)]))
        return s


class Bottleneck(nn.Module):
    def __init__(s, i, mid, stride):
        super().__init__()
        o = mid * 4
        s.conv1, s.bn1 = nn.Conv2d(i, mid, 1, bias=False), nn.BatchNorm2d(mid)
        s.conv2, s.bn2 = nn.Conv2d(mid, mid, 3, stride, 1, bias=False), nn.BatchNorm2d(mid)
        s.conv3, s.bn3 = nn.Conv2d(mid, o, 1, bias=False), nn.BatchNorm2d(o)
        nn.init.constant_(s.bn3.weight, 0.2)
        s.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o)) if stride > 1 or i != o else None

    def forward(s, x):
        y = F.relu(s.bn1(s.conv1(x)), inplace=True)
        y = F.relu(s.bn2(s.conv2(y)), inplace=True)
        y = s.bn3(s.conv3(y))
        return F.relu(y + (x if s.downsample is None else s.downsample(x)), inplace=True)


class ResNet50(nn.Module):
    width = 2048

    def __init__(s):
        super().__init__()
        s.conv1, s.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        i = 64
        for k, (mid, n) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)], 1):
            blocks = []
            for j in range(n):
                blocks.append(Bottleneck(i, mid, 2 if j == 0 and k > 1 else 1))
                i = mid * 4
            setattr(s, f"layer{k}", nn.Sequential(*blocks))

    def maps(s, x):
        x = F.max_pool2d(F.relu(s.bn1(s.conv1(x)), inplace=True), 3, 2, 1)
        return s.layer4(s.layer3(s.layer2(s.layer1(x))))

    @torch.no_grad()
    def start_from_squeezenet(s, path, mean, std, sample):
        """Writes SqueezeNet into this network, as far as it has room: a fire module's squeeze is a conv1, its 3x3 half a
        conv2, its 1x1 half a conv3 with the ReLU after it; the sum that runs through a stage holds what was computed, each
        thing in channels of its own, and is left alone by blocks that do not write there (last gamma 0). Not exact: the two
        inner max-pools become 3x3 means of stride 2, 16 + 32 + 112 channels find no room, and fire9 is computed at half the
        resolution. Means and deviations of every channel are set to those of the original on `sample`. What is not used
        starts at random."""
        ref = BasicCnn()
        ref.start_from_squeezenet(path, mean, std, sample)
        ref.eval()
        pre, act, x = [], [], sample
        for b in ref.blocks:
            z = b.bn(b.conv(x))
            x = F.relu(z)
            if b.pool:
                x = F.max_pool2d(x, 3, 2, 1)
            pre.append(z); act.append(x)
        moments = lambda t, rows: (t.mean((0, 2, 3))[rows], t.std((0, 2, 3))[rows])
        squeeze, expand = (lambda k: 2 * (k - 2) + 1), (lambda k: 2 * (k - 2) + 2)
        sl = lambda a, n: torch.arange(a, a + n)

        def fill(conv, bn, x, parts, rest):
            """parts: (rows, columns, weights, mean, deviation). `rest`: gamma of the rows not named."""
            w = conv.weight
            nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu")
            for rows, *_ in parts:
                w[rows] = 0
            for rows, cols, v, m, d in parts:
                k = v.shape[-1]
                c = (w.shape[-1] - k) // 2
                w[rows[:, None], cols[None], c : c + k, c : c + k] = v
            z = conv(x)
            bn.running_mean.copy_(z.mean((0, 2, 3))); bn.running_var.copy_(z.var((0, 2, 3), unbiased=False) + 1e-6)
            bn.weight.fill_(rest); bn.bias.zero_()
            for rows, cols, v, m, d in parts:
                bn.weight[rows] = d; bn.bias[rows] = m
            return bn(z)

        same = lambda n: torch.eye(n)[:, :, None, None]

        def block(b, x, one, two, three, empty=0.0):
            y = F.relu(fill(b.conv1, b.bn1, x, one, 0.5))
            y = F.relu(fill(b.conv2, b.bn2, y, two, 0.5))
            y = fill(b.conv3, b.bn3, y, three, 0.0)
            side = x
            if b.downsample is not None:
                side = fill(b.downsample[0], b.downsample[1], x, [], 0.0)
                b.downsample[1].weight[1024:] = empty
                side = b.downsample[1](b.downsample[0](x))
            return F.relu(y + side)

        def sq(k, rows, cols, keep=None):
            """The squeeze of fire k, reading channels `cols` that hold the inputs numbered `keep`."""
            w = ref.blocks[squeeze(k)].conv.weight
            w = w if keep is None else w[:, keep]
            return (rows, cols, w, *moments(pre[squeeze(k)], slice(None)))

        def held(k, rows, cols, t=None):
            """Channels handed on as they are."""
            t = act[squeeze(k)] if t is None else t
            return (rows, cols, same(t.shape[1]), *moments(t, slice(None)))

        def ex(k, rows, cols, which):
            """Outputs `which` of fire k's expand: 3x3 for the second half, the centre only for the first."""
            w = ref.blocks[expand(k)].conv.weight[which]
            half = ref.blocks[expand(k)].conv.weight.shape[0] // 2
            w = w[:, :, 1:2, 1:2] if int(which[0]) < half else w
            return (rows, cols, w, *moments(pre[expand(k)], which))

        def copy(k, rows, cols, which):
            """3x3 outputs of the block's conv2, written to the sum as they are."""
            t = F.relu(pre[expand(k)])[:, which]
            return (rows, cols, same(len(which)), *moments(t, slice(None)))

        def pooled(rows, cols, t):
            """3x3 mean of stride 2, with the moments of the max-pooled original."""
            return (rows, cols, same(t.shape[1]).expand(-1, -1, 3, 3) / 9, *moments(t, slice(None)))

        s.train(False)
        x = F.relu(fill(s.conv1, s.bn1, sample, [(sl(0, 64), sl(0, 3), ref.blocks[0].conv.weight, *moments(pre[0], slice(None)))], 0.5))
        x = F.max_pool2d(x, 3, 2, 1)
        l1, l2, l3, l4 = s.layer1, s.layer2, s.layer3, s.layer4
        # layer1, 256 channels: fire2's squeeze 0-15, fire2 16-143, fire3 (112 of 128) 144-255
        x = block(l1[0], x, [sq(2, sl(0, 16), sl(0, 64))], [held(2, sl(0, 16), sl(0, 16)), ex(2, sl(16, 48), sl(0, 16), sl(64, 48))],
                  [held(2, sl(0, 16), sl(0, 16)), ex(2, sl(16, 64), sl(0, 16), sl(0, 64)), copy(2, sl(80, 48), sl(16, 48), sl(64, 48))])
        x = block(l1[1], x, [held(2, sl(0, 16), sl(0, 16))], [ex(2, sl(0, 16), sl(0, 16), sl(112, 16))], [copy(2, sl(128, 16), sl(0, 16), sl(112, 16))])
        x = block(l1[2], x, [sq(3, sl(0, 16), sl(16, 128))], [held(3, sl(0, 16), sl(0, 16)), ex(3, sl(16, 48), sl(0, 16), sl(64, 48))],
                  [ex(3, sl(144, 64), sl(0, 16), sl(0, 64)), copy(3, sl(208, 48), sl(16, 48), sl(64, 48))])
        # layer2, 512: fire4's squeeze 0-31, fire4 32-287, fire5 (224 of 256) 288-511
        f3 = F.relu(pre[expand(3)])[:, :112]
        x = block(l2[0], x, [(sl(0, 112), sl(144, 112), same(112), *moments(f3, slice(None)))], [pooled(sl(0, 112), sl(0, 112), act[expand(3)][:, :112])], [sq(4, sl(0, 32), sl(0, 112), sl(0, 112))])
        x = block(l2[1], x, [held(4, sl(0, 32), sl(0, 32))], [held(4, sl(0, 32), sl(0, 32)), ex(4, sl(32, 96), sl(0, 32), sl(128, 96))],
                  [ex(4, sl(32, 128), sl(0, 32), sl(0, 128)), copy(4, sl(160, 96), sl(32, 96), sl(128, 96))])
        x = block(l2[2], x, [held(4, sl(0, 32), sl(0, 32))], [ex(4, sl(0, 32), sl(0, 32), sl(224, 32))], [copy(4, sl(256, 32), sl(0, 32), sl(224, 32))])
        x = block(l2[3], x, [sq(5, sl(0, 32), sl(32, 256))], [held(5, sl(0, 32), sl(0, 32)), ex(5, sl(32, 96), sl(0, 32), sl(128, 96))],
                  [ex(5, sl(288, 128), sl(0, 32), sl(0, 128)), copy(5, sl(416, 96), sl(32, 96), sl(128, 96))])
        # layer3, 1024: fire6's squeeze 0-47, fire6 48-431, fire7 432-815, fire8's squeeze 816-879, fire8 (400 of 512):
        # 144 at 880-1023 and 256 where part of fire6 was taken away, 48-303
        f5 = F.relu(pre[expand(5)])[:, :224]
        x = block(l3[0], x, [(sl(0, 224), sl(288, 224), same(224), *moments(f5, slice(None)))], [pooled(sl(0, 224), sl(0, 224), act[expand(5)][:, :224])], [sq(6, sl(0, 48), sl(0, 224), sl(0, 224))])
        x = block(l3[1], x, [held(6, sl(0, 48), sl(0, 48))], [held(6, sl(0, 48), sl(0, 48)), ex(6, sl(48, 192), sl(0, 48), sl(192, 192))],
                  [ex(6, sl(48, 192), sl(0, 48), sl(0, 192)), copy(6, sl(240, 192), sl(48, 192), sl(192, 192))])
        x = block(l3[2], x, [sq(7, sl(0, 48), sl(48, 384))], [held(7, sl(0, 48), sl(0, 48)), ex(7, sl(48, 192), sl(0, 48), sl(192, 192))],
                  [ex(7, sl(432, 192), sl(0, 48), sl(0, 192)), copy(7, sl(624, 192), sl(48, 192), sl(192, 192))])
        x = block(l3[3], x, [sq(8, sl(0, 64), sl(432, 384))], [held(8, sl(0, 64), sl(0, 64))], [held(8, sl(816, 64), sl(0, 64))])
        f6 = F.relu(pre[expand(6)])[:, :256]
        m, d = moments(f6, slice(None))
        m2, d2 = moments(x[:, 48:304], slice(None))
        x = block(l3[4], x, [(sl(0, 256), sl(48, 256), same(256), m2, d2)], [(sl(0, 256), sl(0, 256), same(256), m2, d2)], [(sl(48, 256), sl(0, 256), same(256), -m2, -d2)])
        x = block(l3[5], x, [held(8, sl(0, 64), sl(816, 64))], [held(8, sl(0, 64), sl(0, 64)), ex(8, sl(64, 144), sl(0, 64), sl(256, 144))],
                  [ex(8, sl(48, 256), sl(0, 64), sl(0, 256)), copy(8, sl(880, 144), sl(64, 144), sl(256, 144))])
        # layer4: fire9 0-511
        known = torch.cat([sl(48, 256), sl(880, 144)])
        x = block(l4[0], x, [sq(9, sl(0, 64), known, sl(0, 400))], [held(9, sl(0, 64), sl(0, 64)), ex(9, sl(64, 256), sl(0, 64), sl(256, 256))],
                  [ex(9, sl(0, 256), sl(0, 64), sl(0, 256)), copy(9, sl(256, 256), sl(64, 256), sl(256, 256))], empty=0.2)
        for b in l4[1:]:
            x = block(b, x, [], [], [])
        s.train(True)
        return x.mean((2, 3))[:, :512], act[-1].mean((2, 3))


class ConvBn(nn.Module):
    def __init__(s, i, o, k=1, stride=1, groups=1, act=True):
        super().__init__()
        s.conv = nn.Conv2d(i, o, k, stride, k // 2, groups=groups, bias=False)
        s.bn = nn.BatchNorm2d(o, eps=1e-3)
        s.act = act

    def forward(s, x):
        x = s.bn(s.conv(x))
        return F.silu(x, inplace=True) if s.act else x


class Se(nn.Module):
    def __init__(s, c, mid):
        super().__init__()
        s.reduce, s.grow = nn.Conv2d(c, mid, 1), nn.Conv2d(mid, c, 1)

    def forward(s, x):
        return x * s.grow(F.silu(s.reduce(x.mean((2, 3), keepdim=True)))).sigmoid()


class MbConv(nn.Module):
    def __init__(s, i, o, k, stride, ratio):
        super().__init__()
        c = i * ratio
        s.expand = ConvBn(i, c) if ratio > 1 else None
        s.depthwise = ConvBn(c, c, k, stride, c)
        s.se = Se(c, max(1, i // 4))
        s.project = ConvBn(c, o, act=False)
        s.same = i == o and stride == 1

    def forward(s, x):
        y = x if s.expand is None else s.expand(x)
        y = s.project(s.se(s.depthwise(y)))
        return x + y if s.same else y


class EfficientNetB0(nn.Module):
    width = 1280

    def __init__(s):
        super().__init__()
        s.stem = ConvBn(3, 32, 3, 2)
        b, i = [], 32
        for ratio, o, n, stride, k in [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]:
            for j in range(n):
                b.append(MbConv(i, o, k, stride if j == 0 else 1, ratio))
                i = o
        s.blocks = nn.ModuleList(b)
        s.top = ConvBn(320, 1280)

    def maps(s, x):
        x = s.stem(x)
        for b in s.blocks:
            x = b(x)
        return s.top(x)

    @torch.no_grad()
    def start_from_squeezenet(s, path, mean, std, sample):
        """The stem only: the half of SqueezeNet's first filters that vary most; the rest has no likeness to it."""
        ref = BasicCnn()
        ref.start_from_squeezenet(path, mean, std, sample)
        w = ref.blocks[0].conv.weight
        z = ref.eval().blocks[0].bn(ref.blocks[0].conv(sample))
        pick = F.relu(z).var((0, 2, 3)).argsort(descending=True)[:32]
        s.stem.conv.weight.copy_(w[pick])
        raw = s.stem.conv(sample)
        s.stem.bn.running_mean.copy_(raw.mean((0, 2, 3))); s.stem.bn.running_var.copy_(raw.var((0, 2, 3), unbiased=False))
        s.stem.bn.weight.copy_(z[:, pick].std((0, 2, 3))); s.stem.bn.bias.copy_(z[:, pick].mean((0, 2, 3)))


class Net(nn.Module):
    """A backbone and one matrix of heads. Export drops the prefix `body.`. `taps`: inner blocks (stages of the ResNet), by
    number, whose maps stand before the last one's in `maps` and `features`; the heads trained with it see the last only."""

    def __init__(s, name, outputs, teach=0, taps=()):
        super().__init__()
        s.body = {"basic_cnn": BasicCnn, "basic_cnn_two": BasicCnnTwo, "resnet50": ResNet50, "efficientnet_b0": EfficientNetB0}[name]()
        s.heads = nn.Linear(s.body.width, outputs)
        nn.init.normal_(s.heads.weight, 0, 0.01); nn.init.zeros_(s.heads.bias)
        s.teach = nn.Linear(s.body.width, teach) if teach else None
        s.kept = []
        blocks = [s.body.layer1, s.body.layer2, s.body.layer3] if name == "resnet50" else s.body.blocks
        for n in taps:
            blocks[n].register_forward_hook(lambda _m, _i, o: s.kept.append(o.float()))

    def maps(s, x):
        """Of the taps, averaged down to the rows and columns of the last, then the last."""
        s.kept.clear()
        last = s.body.maps(x).float()
        return torch.cat([F.adaptive_avg_pool2d(m, last.shape[-2:]) for m in s.kept] + [last], 1)

    def features(s, x):
        return s.maps(x).mean((2, 3))

    def forward(s, x):
        f = s.features(x)
        return f, s.heads(F.dropout(f, 0.2, s.training))
