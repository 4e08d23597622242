//! The same networks by definition: one value after the other, in double precision, nothing fused.

use cnn_engine::{Activation, Graph, Node, Shape};

/// The values of every node for one picture.
pub fn evaluate(graph: &Graph, input: &[f32]) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> = Vec::new();
    for (i, node) in graph.nodes().iter().enumerate() {
        let reads = node.reads();
        let shape_of = |n: usize| graph.shape(reads[n]).expect("a node");
        let read = |n: usize| &all[reads[n].index()];
        let value = match node {
            Node::Input => input.iter().map(|v| f64::from(*v)).collect(),
            Node::Conv { conv: c, .. } => {
                let (s, x) = (shape_of(0), read(0));
                let per_group = s.c / c.groups;
                let side = |n: usize| (n + 2 * c.pad - c.kernel) / c.stride + 1;
                let (h, w) = (side(s.h), side(s.w));
                // The picture with its border, so that the loops below have no conditions.
                let padded = Shape { c: s.c, h: s.h + 2 * c.pad, w: s.w + 2 * c.pad };
                let mut bordered = vec![0.0; padded.len()];
                for (row, line) in x.chunks_exact(s.w).enumerate() {
                    let (channel, y) = (row / s.h, row % s.h);
                    let start = (channel * padded.h + y + c.pad) * padded.w + c.pad;
                    bordered[start..start + s.w].copy_from_slice(line);
                }
                let mut out = Vec::with_capacity(c.out * h * w);
                for o in 0..c.out {
                    let first = o / (c.out / c.groups) * per_group;
                    let mut plane = vec![f64::from(c.bias[o]); h * w];
                    for i in 0..per_group {
                        for place in 0..c.kernel * c.kernel {
                            let (ky, kx) = (place / c.kernel, place % c.kernel);
                            let at = (o * per_group + i) * c.kernel * c.kernel + place;
                            let weight = f64::from(c.weight[at]);
                            for (y, line) in plane.chunks_exact_mut(w).enumerate() {
                                let row = (first + i) * padded.h + y * c.stride + ky;
                                let from = bordered[row * padded.w + kx..].iter();
                                for (sum, v) in line.iter_mut().zip(from.step_by(c.stride)) {
                                    *sum += v * weight;
                                }
                            }
                        }
                    }
                    out.extend(plane.into_iter().map(|v| activate(c.act, v)));
                }
                out
            }
            Node::Add { act, .. } => {
                read(0).iter().zip(read(1)).map(|(a, b)| activate(*act, a + b)).collect()
            }
            Node::ScaleShift { scale, shift, act, .. } => {
                let per_channel = shape_of(0).h * shape_of(0).w;
                let value = |(i, v): (usize, &f64)| {
                    let c = i / per_channel;
                    activate(*act, v * f64::from(scale[c]) + f64::from(shift[c]))
                };
                read(0).iter().enumerate().map(value).collect()
            }
            Node::MaxPool { kernel, stride, pad, .. } => {
                windows(shape_of(0), read(0), *kernel, *stride, *pad, |values| {
                    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
                })
            }
            Node::AvgPool { kernel, .. } => {
                windows(shape_of(0), read(0), *kernel, *kernel, 0, |values| {
                    values.iter().sum::<f64>() / values.len() as f64
                })
            }
            Node::Shrink { height, width, .. } => shrunk(shape_of(0), read(0), *height, *width),
            Node::Gap { .. } => means(shape_of(0), read(0)),
            Node::SqueezeExcite { se, .. } => {
                let s = shape_of(0);
                let hidden = product(&se.w1, &se.b1, &means(s, read(0)));
                let hidden: Vec<f64> = hidden.into_iter().map(|v| activate(se.act, v)).collect();
                let gate = product(&se.w2, &se.b2, &hidden);
                let gated = |(i, v): (usize, &f64)| v / (1.0 + (-gate[i / (s.h * s.w)]).exp());
                read(0).iter().enumerate().map(gated).collect()
            }
            Node::Concat { parts } => (0..parts.len()).flat_map(|n| read(n).clone()).collect(),
            Node::Linear { weight, bias, act, .. } => {
                product(weight, bias, read(0)).into_iter().map(|v| activate(*act, v)).collect()
            }
        };
        assert_eq!(value.len(), shape_here(graph, i), "the graph knows the size of node {i}");
        all.push(value);
    }
    all
}

fn shape_here(graph: &Graph, node: usize) -> usize {
    graph.shapes()[node].len()
}

fn activate(act: Activation, v: f64) -> f64 {
    match act {
        Activation::None => v,
        Activation::Relu => v.max(0.0),
        Activation::Silu => v / (1.0 + (-v).exp()),
    }
}

fn means(s: Shape, x: &[f64]) -> Vec<f64> {
    x.chunks_exact(s.h * s.w).map(|plane| plane.iter().sum::<f64>() / (s.h * s.w) as f64).collect()
}

fn shrunk(s: Shape, x: &[f64], height: usize, width: usize) -> Vec<f64> {
    let part = |i: usize, n: usize, side: usize| i * side / n..((i + 1) * side).div_ceil(n);
    let mut out = Vec::new();
    for plane in x.chunks_exact(s.h * s.w) {
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let (rows, columns) = (part(y, height, s.h), part(x, width, s.w));
            let places = (rows.len() * columns.len()) as f64;
            let row = |y: usize| plane[y * s.w..][columns.clone()].iter().sum::<f64>();
            out.push(rows.map(row).sum::<f64>() / places);
        }
    }
    out
}

fn product(weight: &[f32], bias: &[f32], x: &[f64]) -> Vec<f64> {
    let row = |(row, b): (&[f32], &f32)| {
        row.iter().zip(x).map(|(w, v)| f64::from(*w) * v).sum::<f64>() + f64::from(*b)
    };
    weight.chunks_exact(x.len()).zip(bias).map(row).collect()
}

fn windows(
    s: Shape,
    x: &[f64],
    kernel: usize,
    stride: usize,
    pad: usize,
    of: impl Fn(&[f64]) -> f64,
) -> Vec<f64> {
    let side = |n: usize| (n + 2 * pad - kernel) / stride + 1;
    let mut out = Vec::new();
    for plane in x.chunks_exact(s.h * s.w) {
        for y in 0..side(s.h) {
            for x in 0..side(s.w) {
                let inside = |at: usize, n: usize| (at >= pad && at - pad < n).then(|| at - pad);
                let mut values = Vec::new();
                for place in 0..kernel * kernel {
                    let row = inside(y * stride + place / kernel, s.h);
                    let column = inside(x * stride + place % kernel, s.w);
                    if let (Some(row), Some(column)) = (row, column) {
                        values.push(plane[row * s.w + column]);
                    }
                }
                out.push(of(&values));
            }
        }
    }
    out
}
