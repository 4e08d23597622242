//! Random tensors under torchvision's names, written down a second time: a name or a shape that `models` has wrong is
//! missing here.

use std::collections::BTreeMap;

pub type Tensors = BTreeMap<String, (Vec<f32>, Vec<usize>)>;

/// Random numbers that are the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    /// Evenly within `scale` of zero.
    pub fn values(&mut self, len: usize, scale: f32) -> Vec<f32> {
        let mut value = || (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
        (0..len).map(|_| value() * scale).collect()
    }
    /// Weights of sums over `inputs` values that keep the size of what they sum.
    pub fn weights(&mut self, len: usize, inputs: usize) -> Vec<f32> {
        self.values(len, (3.0 / inputs as f32).sqrt())
    }
}

struct Maker {
    random: Random,
    tensors: Tensors,
}

impl Maker {
    fn new(seed: u64) -> Self {
        Maker { random: Random::new(seed), tensors: Tensors::new() }
    }
    fn put(&mut self, name: String, values: Vec<f32>, shape: &[usize]) {
        self.tensors.insert(name, (values, shape.to_vec()));
    }
    fn conv(&mut self, name: &str, out: usize, inputs: usize, kernel: usize) {
        let fan_in = inputs * kernel * kernel;
        let values = self.random.weights(out * fan_in, fan_in);
        self.put(format!("{name}.weight"), values, &[out, inputs, kernel, kernel]);
    }
    fn bias(&mut self, name: &str, out: usize) {
        let values = self.random.values(out, 0.2);
        self.put(format!("{name}.bias"), values, &[out]);
    }
    fn norm(&mut self, name: &str, channels: usize) {
        for (part, middle, width) in [
            ("weight", 1.0, 0.3),
            ("bias", 0.0, 0.2),
            ("running_mean", 0.0, 0.2),
            ("running_var", 1.0, 0.5),
        ] {
            let values = self.random.values(channels, width);
            let values = values.into_iter().map(|v| v + middle).collect();
            self.put(format!("{name}.{part}"), values, &[channels]);
        }
    }
    fn linear(&mut self, name: &str, out: usize, inputs: usize) {
        let values = self.random.weights(out * inputs, inputs);
        self.put(format!("{name}.weight"), values, &[out, inputs]);
        self.bias(name, out);
    }
}

pub fn resnet50(classes: usize) -> Tensors {
    let mut maker = Maker::new(50);
    maker.conv("conv1", 64, 3, 7);
    maker.norm("bn1", 64);
    let mut inputs = 64;
    for (stage, (blocks, wide)) in [(3, 64), (4, 128), (6, 256), (3, 512)].into_iter().enumerate() {
        for block in 0..blocks {
            let name = format!("layer{}.{block}", stage + 1);
            maker.conv(&format!("{name}.conv1"), wide, inputs, 1);
            maker.norm(&format!("{name}.bn1"), wide);
            maker.conv(&format!("{name}.conv2"), wide, wide, 3);
            maker.norm(&format!("{name}.bn2"), wide);
            maker.conv(&format!("{name}.conv3"), wide * 4, wide, 1);
            maker.norm(&format!("{name}.bn3"), wide * 4);
            if block == 0 {
                maker.conv(&format!("{name}.downsample.0"), wide * 4, inputs, 1);
                maker.norm(&format!("{name}.downsample.1"), wide * 4);
            }
            inputs = wide * 4;
        }
    }
    maker.linear("fc", classes, 2048);
    maker.tensors
}

pub fn efficientnet_b0(classes: usize) -> Tensors {
    let mut maker = Maker::new(70);
    maker.conv("features.0.0", 32, 3, 3);
    maker.norm("features.0.1", 32);
    let mut inputs = 32;
    let outs = [16, 24, 40, 80, 112, 192, 320];
    let (blocks, kernels) = ([1, 2, 2, 3, 3, 4, 1], [3, 3, 5, 3, 5, 5, 3]);
    for stage in 0..7 {
        for block in 0..blocks[stage] {
            let name = format!("features.{}.{block}.block", stage + 1);
            let wide = if stage == 0 { inputs } else { inputs * 6 };
            let mut part = 0;
            if stage > 0 {
                maker.conv(&format!("{name}.0.0"), wide, inputs, 1);
                maker.norm(&format!("{name}.0.1"), wide);
                part = 1;
            }
            maker.conv(&format!("{name}.{part}.0"), wide, 1, kernels[stage]);
            maker.norm(&format!("{name}.{part}.1"), wide);
            let (squeeze, se) = (inputs / 4, format!("{name}.{}", part + 1));
            maker.conv(&format!("{se}.fc1"), squeeze, wide, 1);
            maker.bias(&format!("{se}.fc1"), squeeze);
            maker.conv(&format!("{se}.fc2"), wide, squeeze, 1);
            maker.bias(&format!("{se}.fc2"), wide);
            maker.conv(&format!("{name}.{}.0", part + 2), outs[stage], wide, 1);
            maker.norm(&format!("{name}.{}.1", part + 2), outs[stage]);
            inputs = outs[stage];
        }
    }
    maker.conv("features.8.0", 1280, 320, 1);
    maker.norm("features.8.1", 1280);
    maker.linear("classifier.1", classes, 1280);
    maker.tensors
}

pub fn densenet121(classes: usize) -> Tensors {
    let mut maker = Maker::new(121);
    maker.conv("features.conv0", 64, 3, 7);
    maker.norm("features.norm0", 64);
    let mut channels = 64;
    for (block, layers) in [6, 12, 24, 16].into_iter().enumerate() {
        for layer in 0..layers {
            let name = format!("features.denseblock{}.denselayer{}", block + 1, layer + 1);
            maker.norm(&format!("{name}.norm1"), channels);
            maker.conv(&format!("{name}.conv1"), 128, channels, 1);
            maker.norm(&format!("{name}.norm2"), 128);
            maker.conv(&format!("{name}.conv2"), 32, 128, 3);
            channels += 32;
        }
        if block < 3 {
            let name = format!("features.transition{}", block + 1);
            maker.norm(&format!("{name}.norm"), channels);
            maker.conv(&format!("{name}.conv"), channels / 2, channels, 1);
            channels /= 2;
        }
    }
    maker.norm("features.norm5", channels);
    maker.linear("classifier", classes, channels);
    maker.tensors
}

/// Grey pictures, three blocks.
pub fn sequential(classes: usize) -> Tensors {
    let mut maker = Maker::new(5);
    for (i, (inputs, out, kernel)) in [(1, 24, 5), (24, 40, 3), (40, 72, 3)].into_iter().enumerate()
    {
        maker.conv(&format!("blocks.{i}.conv"), out, inputs, kernel);
        maker.norm(&format!("blocks.{i}.bn"), out);
    }
    maker.linear("head", classes, 72);
    maker.tensors
}

pub fn basic_cnn(classes: usize) -> Tensors {
    let mut maker = Maker::new(11);
    let mut plan = vec![(3, 64, 3)];
    for (inputs, squeeze, expand) in [
        (64, 16, 128),
        (128, 16, 128),
        (128, 32, 256),
        (256, 32, 256),
        (256, 48, 384),
        (384, 48, 384),
        (384, 64, 512),
        (512, 64, 512),
    ] {
        plan.extend([(inputs, squeeze, 1), (squeeze, expand, 3)]);
    }
    for (i, (inputs, out, kernel)) in plan.into_iter().enumerate() {
        maker.conv(&format!("blocks.{i}.conv"), out, inputs, kernel);
        maker.norm(&format!("blocks.{i}.bn"), out);
    }
    maker.linear("heads", classes, 512);
    maker.tensors
}

/// EfficientNet-B0 under the names of `models/training/nets.py`, with variances that make up for its epsilon.
pub fn as_in_training(tensors: &Tensors) -> Tensors {
    let depths = [1, 2, 2, 3, 3, 4, 1];
    let rename = |name: &str| {
        let parts: Vec<&str> = name.split('.').collect();
        let layer = |of: &str, number: &str| {
            let layer = if number == "0" { "conv" } else { "bn" };
            format!("{of}.{layer}.{}", parts[parts.len() - 1])
        };
        match parts[..] {
            ["classifier", ..] => format!("heads.{}", parts[2]),
            ["features", "0", number, _] => layer("stem", number),
            ["features", "8", number, _] => layer("top", number),
            ["features", stage, block, "block", part, number, last] => {
                let stage: usize = stage.parse().expect("a number");
                let block: usize = block.parse().expect("a number");
                let before: usize = depths[..stage - 1].iter().sum();
                let names = if stage == 1 {
                    &["depthwise", "se", "project"][..]
                } else {
                    &["expand", "depthwise", "se", "project"]
                };
                let name = names[part.parse::<usize>().expect("a number")];
                let of = format!("blocks.{}.{name}", before + block);
                match number {
                    "fc1" => format!("{of}.reduce.{last}"),
                    "fc2" => format!("{of}.grow.{last}"),
                    _ => layer(&of, number),
                }
            }
            _ => panic!("{name}"),
        }
    };
    tensors
        .iter()
        .map(|(name, (values, shape))| {
            let lower = if name.ends_with("running_var") { 1e-3 - 1e-5 } else { 0.0 };
            let values = values.iter().map(|v| v - lower).collect();
            (rename(name), (values, shape.clone()))
        })
        .collect()
}
