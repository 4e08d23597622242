//! The two fits, in plain sums of 64-bit numbers: the same on every machine.

use super::Sample;
use crate::load::Head;
use crate::manifest::group_bucket;
use crate::site::Picture;

/// How strongly a head is held to the one it starts from; chosen by leaving groups out.
const HOLDS: [f64; 4] = [0.3, 0.03, 0.003, 0.0003];
/// Parts that are left out in turn to choose it.
const PARTS: u32 = 3;
/// Steps of the descent.
const STEPS: usize = 200;

/// Probabilities of logits divided by a temperature.
pub(super) fn softmax(logits: &[f64], temperature: f64) -> Vec<f64> {
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = logits.iter().map(|z| ((z - top) / temperature).exp()).collect();
    let sum: f64 = e.iter().sum();
    e.iter().map(|v| v / sum).collect()
}

/// A probability that is never quite none, so that one sure mistake does not outweigh everything.
fn cost(p: f64) -> f64 {
    -p.max(1e-6).ln()
}

/// Mean negative logarithm of the probability of the right label; 0 of nothing.
pub(super) fn log_loss<'a>(pictures: impl Iterator<Item = &'a Picture>) -> f64 {
    let of = |p: &Picture| cost(f64::from(p.probabilities.get(p.truth).copied().unwrap_or(0.0)));
    let (n, sum) = pictures.map(of).fold((0usize, 0.0), |(n, s), v| (n + 1, s + v));
    sum / n.max(1) as f64
}

/// The temperature with the smallest log loss (Guo et al., On calibration of modern neural networks,
/// 2017), between 1/20 and 20: golden section over its logarithm, where the loss has one valley.
pub(super) fn temperature_of(list: &[(Vec<f64>, usize)]) -> f64 {
    let loss = |t: f64| -> f64 {
        list.iter().map(|(z, c)| cost(softmax(z, t.exp()).get(*c).copied().unwrap_or(0.0))).sum()
    };
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = ((0.05f64).ln(), (20f64).ln());
    for _ in 0..60 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if loss(a) <= loss(b) {
            high = b;
        } else {
            low = a;
        }
    }
    ((low + high) / 2.0).exp()
}

/// A head fitted by logistic regression that is pulled towards the one there was: with few pictures
/// it stays what it was, with many it learns. How strongly is chosen by leaving groups out.
pub(super) fn head_of(old: &Head, samples: &[&Sample], classes: usize) -> Head {
    let part = |s: &Sample| group_bucket(&format!("part {}", s.group)) % PARTS;
    let left_out = |hold: f64| -> f64 {
        let of = |out: u32| -> f64 {
            let (test, train): (Vec<&Sample>, Vec<&Sample>) =
                samples.iter().copied().partition(|s| part(s) == out);
            let head = descend(old, &train, classes, hold);
            test.iter().map(|s| loss_of(&head, s)).sum()
        };
        (0..PARTS).map(of).sum()
    };
    let mut best = (f64::INFINITY, HOLDS[0]);
    for hold in HOLDS {
        let loss = left_out(hold);
        if loss < best.0 {
            best = (loss, hold);
        }
    }
    descend(old, samples, classes, best.1)
}

fn loss_of(head: &Head, s: &Sample) -> f64 {
    let z: Vec<f64> = head.logits(&s.features).into_iter().map(f64::from).collect();
    cost(softmax(&z, 1.0).get(s.truth).copied().unwrap_or(0.0))
}

/// Accelerated gradient descent (Nesterov 1983) on the mean log loss plus `hold` / 2 times the
/// squared change, in features divided by their common size. The step is one over a bound of the
/// curvature, so that it cannot run away. The change of a weight is always a sum over the pictures,
/// so it is kept as one number for each picture and class: hundreds of pictures are fewer than
/// thousands of features.
fn descend(old: &Head, samples: &[&Sample], classes: usize, hold: f64) -> Head {
    let width = old.weight.len() / classes.max(1);
    let n = samples.len().max(1) as f64;
    let square = |s: &&Sample| s.features.iter().map(|f| f64::from(*f).powi(2)).sum::<f64>();
    let size = (samples.iter().map(square).sum::<f64>() / n).sqrt().max(1e-12);
    // How alike two pictures are; the bias is one more feature that is always 1.
    let alike = |a: &Sample, b: &Sample| {
        let dot: f64 =
            a.features.iter().zip(&b.features).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        dot / (size * size) + 1.0
    };
    let kernel: Vec<Vec<f64>> =
        samples.iter().map(|a| samples.iter().map(|b| alike(a, b)).collect()).collect();
    let longest = kernel.iter().enumerate().map(|(i, row)| row[i]).fold(0.0, f64::max);
    // The curvature of the softmax is at most 1/2 along any direction.
    let step = 1.0 / (0.5 * longest + hold);
    let start: Vec<Vec<f64>> = samples
        .iter()
        .map(|s| old.logits(&s.features).into_iter().map(f64::from).collect())
        .collect();
    let mut now = vec![vec![0f64; classes]; samples.len()];
    let (mut ahead, mut pace) = (now.clone(), 1f64);
    for _ in 0..STEPS {
        let faster = (1.0 + (1.0 + 4.0 * pace * pace).sqrt()) / 2.0;
        let push = (pace - 1.0) / faster;
        let next = stepped(&ahead, &kernel, &start, samples, (step, hold));
        for ((ahead, next), now) in ahead.iter_mut().zip(&next).zip(&now) {
            for ((a, new), old) in ahead.iter_mut().zip(next).zip(now) {
                *a = new + push * (new - old);
            }
        }
        (now, pace) = (next, faster);
    }
    let (mut weight, mut bias) = (vec![0f64; width * classes], vec![0f64; classes]);
    for (sample, shares) in samples.iter().zip(&now) {
        for (c, share) in shares.iter().enumerate() {
            bias[c] += share;
            for (w, f) in weight[c * width..(c + 1) * width].iter_mut().zip(&sample.features) {
                *w += share * f64::from(*f) / size;
            }
        }
    }
    let added = |old: &[f32], change: &[f64], size: f64| -> Vec<f32> {
        old.iter().zip(change).map(|(o, d)| (f64::from(*o) + d / size) as f32).collect()
    };
    Head { weight: added(&old.weight, &weight, size), bias: added(&old.bias, &bias, 1.0) }
}

/// One step of each picture's share: against its own error, and back towards nothing.
fn stepped(
    shares: &[Vec<f64>],
    kernel: &[Vec<f64>],
    start: &[Vec<f64>],
    samples: &[&Sample],
    (step, hold): (f64, f64),
) -> Vec<Vec<f64>> {
    let n = samples.len().max(1) as f64;
    let one = |i: usize| -> Vec<f64> {
        let (row, sample, own) = (&kernel[i], samples[i], &shares[i]);
        let mut z = start[i].clone();
        for (alike, shares) in row.iter().zip(shares) {
            for (z, share) in z.iter_mut().zip(shares) {
                *z += alike * share;
            }
        }
        let pull = |(c, p): (usize, f64)| (p - f64::from(u8::from(c == sample.truth))) / n;
        let pulls = softmax(&z, 1.0).into_iter().enumerate().map(pull);
        pulls.zip(own).map(|(pull, own)| own * (1.0 - step * hold) - step * pull).collect()
    };
    (0..samples.len()).map(one).collect()
}
