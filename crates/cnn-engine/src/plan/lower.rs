//! From a graph to operations over one arena.

use super::fuse::{Fusion, Kind, conv, kind};
use crate::PlanError;
use crate::graph::{Activation, Conv, Graph, Node, NodeId, Shape};
use crate::kernels::{self, Affine, Buf, Op};
use crate::memory::Aligned;
use crate::pack::{Filter, Order, blocks_len, pack, pack_depthwise, pack_rows, split, ungroup};
use crate::simd::{LANES, Tiling};

/// Units of k whose weights (32 KB for two blocks) stay in the first-level cache.
const MAX_K_BLOCK: usize = 16;
/// Floats of a panel of copied input that stay in the second-level cache.
const MAX_PANEL: usize = 1 << 18;

/// What lowering needs to know besides the graph.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub tiling: Tiling,
    pub threads: usize,
    pub winograd: bool,
    /// Floats of weights, arena and scratch memory together.
    pub max_floats: usize,
}

/// Operations, and the memory they want.
pub(super) struct Lowered {
    pub ops: Vec<Op>,
    pub arena: usize,
    pub scratch: usize,
    pub result: Buf,
    pub taps: Vec<(String, Buf)>,
}

/// Addresses in the arena: first fit among what is in use.
#[derive(Default)]
struct Arena {
    live: Vec<(usize, usize)>,
    top: usize,
}

impl Arena {
    fn alloc(&mut self, floats: usize) -> usize {
        let floats = floats.next_multiple_of(1024) + 64;
        self.live.sort_unstable();
        let mut off = 0;
        for &(start, len) in &self.live {
            if off + floats <= start {
                break;
            }
            off = off.max(start + len);
        }
        self.live.push((off, floats));
        self.top = self.top.max(off + floats);
        off
    }
    fn free(&mut self, off: usize) {
        self.live.retain(|(start, _)| *start != off);
    }
    fn buf(&mut self, shape: Shape) -> Buf {
        let mut lines = shape.h * shape.w;
        // One line is one pixel of a block; a cache has 64 sets of them. Planes must not begin in the same set.
        if lines > 1 {
            while !(14..=50).contains(&(lines % 64)) {
                lines += 1;
            }
        }
        let plane = lines * LANES;
        let off = self.alloc(shape.c.div_ceil(LANES) * plane);
        Buf { off, channels: shape.c, h: shape.h, w: shape.w, plane }
    }
}

/// Sums over a map, for squeeze-excite.
#[derive(Clone, Copy)]
struct Sums {
    off: usize,
    strips: usize,
    pixels: usize,
}

struct Lowering<'g, 'a> {
    graph: &'g Graph<'a>,
    fusion: Fusion,
    target: Target,
    ops: Vec<Op>,
    arena: Arena,
    /// By node; a node inside a concatenation has none of its own.
    bufs: Vec<Option<Buf>>,
    /// By node: the sums that a depthwise convolution leaves behind.
    sums: Vec<Option<Sums>>,
    weights: usize,
}

/// How a dense convolution reads its input.
#[derive(Default)]
struct Input {
    residual: Option<Buf>,
    gate: Option<usize>,
    pre: Option<Affine>,
}

/// Whether every group of a convolution reads and writes blocks that no other has.
fn whole_blocks(conv: &Conv, inputs: usize) -> bool {
    [inputs, conv.out].iter().all(|channels| (channels / conv.groups).is_multiple_of(LANES))
}

pub(super) fn lower(graph: &Graph, result: NodeId, target: Target) -> Result<Lowered, PlanError> {
    let fusion = Fusion::of(graph, result);
    let count = graph.nodes().len();
    // Readers that still come, by buffer; the result and the taps are read at the end.
    let mut left = vec![0usize; count];
    let emitted: Vec<usize> =
        (0..count).filter(|i| fusion.live[*i] && !fusion.inside[*i]).collect();
    let kept = graph.taps().iter().map(|(_, node)| node.0).chain([result.0]);
    let read = emitted.iter().flat_map(|i| fusion.reads(graph, *i));
    kept.chain(read).for_each(|node| left[fusion.home[node].0] += 1);

    let mut lowering = Lowering {
        graph,
        fusion,
        target,
        ops: Vec::new(),
        arena: Arena::default(),
        bufs: vec![None; count],
        sums: vec![None; count],
        weights: 0,
    };
    for i in emitted {
        if i == 0 && left[0] == 0 {
            continue; // Only stems read the picture, and they do so themselves.
        }
        lowering.emit(i)?;
        for node in lowering.fusion.reads(graph, i) {
            let root = lowering.fusion.home[node].0;
            left[root] -= 1;
            if left[root] == 0
                && let Some(buf) = lowering.bufs[root]
            {
                lowering.arena.free(buf.off);
            }
        }
    }
    let taps = graph.taps().iter();
    let taps = taps
        .map(|(name, node)| Ok((name.clone(), lowering.value(node.0)?)))
        .collect::<Result<Vec<_>, PlanError>>()?;
    let result = lowering.value(result.0)?;
    let Lowering { ops, arena, weights, .. } = lowering;
    let scratch = ops.iter().map(Op::scratch).max().unwrap_or(0);
    let floats = weights + arena.top + scratch.saturating_mul(target.threads);
    if floats > target.max_floats {
        return Err(PlanError::TooLarge { floats, limit: target.max_floats });
    }
    Ok(Lowered { ops, arena: arena.top, scratch, result, taps })
}

impl<'a> Lowering<'_, 'a> {
    /// Counts weights before they are made.
    fn reserve(&mut self, sizes: &[usize]) -> Result<(), PlanError> {
        let limit = self.target.max_floats;
        let floats = sizes.iter().try_fold(1usize, |n, size| n.checked_mul(*size));
        let floats = floats.and_then(|n| n.checked_add(self.weights)).unwrap_or(usize::MAX);
        if floats > limit {
            return Err(PlanError::TooLarge { floats, limit });
        }
        self.weights = floats;
        Ok(())
    }

    /// The buffer of a node, or its part of a concatenation; made at the first question.
    fn value(&mut self, node: usize) -> Result<Buf, PlanError> {
        let shape = self.graph.shape(NodeId(node))?;
        let (root, channel) = self.fusion.home[node];
        let whole = match self.bufs[root] {
            Some(buf) => buf,
            None => {
                let buf = self.arena.buf(self.graph.shape(NodeId(root))?);
                if self.arena.top > self.target.max_floats {
                    let (floats, limit) = (self.arena.top, self.target.max_floats);
                    return Err(PlanError::TooLarge { floats, limit });
                }
                *self.bufs[root].insert(buf)
            }
        };
        Ok(Buf { off: whole.off + channel / LANES * whole.plane, channels: shape.c, ..whole })
    }

    fn affine(&self, node: Option<usize>) -> Result<Option<Affine>, PlanError> {
        let Some(Node::ScaleShift { scale, shift, .. }) = node.map(|i| &self.graph.nodes()[i])
        else {
            return Ok(None);
        };
        let len = blocks_len(scale.len());
        Ok(Some((Aligned::copy_of(scale, len)?, Aligned::copy_of(shift, len)?)))
    }

    fn emit(&mut self, i: usize) -> Result<(), PlanError> {
        let graph = self.graph;
        match &graph.nodes()[i] {
            Node::Input => {
                let dst = self.value(i)?;
                self.ops.push(Op::Load(kernels::Load { dst }));
            }
            Node::Conv { conv, .. } => self.convolution(i, i, conv.act, None)?,
            Node::Add { a, b, act } => match self.fusion.residual[i] {
                Some((conv, other)) => {
                    let residual = self.value(other)?;
                    self.convolution(conv, i, *act, Some(residual))?;
                }
                None => {
                    let (a, b) = (self.value(a.0)?, self.value(b.0)?);
                    self.elementwise(i, a, Some(b), None, None, *act)?;
                }
            },
            Node::ScaleShift { x, act, .. } => {
                let (a, affine) = (self.value(x.0)?, self.affine(Some(i))?);
                self.elementwise(i, a, None, None, affine, *act)?;
            }
            Node::MaxPool { x, kernel, stride, pad } => {
                let (src, dst) = (self.value(x.0)?, self.value(i)?);
                let (kernel, stride, pad) = (*kernel, *stride, *pad);
                self.ops.push(Op::MaxPool(kernels::MaxPool { src, dst, kernel, stride, pad }));
            }
            Node::AvgPool { x, kernel } => self.mean(i, x.0, Some((*kernel, *kernel)))?,
            Node::Shrink { x, .. } => self.mean(i, x.0, None)?,
            Node::Gap { x } => {
                let shape = graph.shape(*x)?;
                self.mean(i, x.0, Some((shape.h, shape.w)))?;
            }
            Node::SqueezeExcite { x, .. } => {
                let gate = self.gate(i)?;
                let a = self.value(x.0)?;
                self.elementwise(i, a, None, Some(gate), None, Activation::None)?;
                self.arena.free(gate);
            }
            Node::Concat { parts } => {
                let dst = self.value(i)?;
                let (root, mut first) = self.fusion.home[i];
                let whole = self.value(root)?;
                for part in parts {
                    if self.fusion.home[part.0] != (root, first) {
                        let src = self.value(part.0)?;
                        // The lanes above the last channel are zeroed by whoever writes the last part of the root.
                        let dst = if root == i { dst } else { whole };
                        self.ops.push(Op::CopyChannels(kernels::CopyChannels { src, dst, first }));
                    }
                    first += graph.shape(*part)?.c;
                }
            }
            Node::Linear { x, weight, bias, act } => {
                let (src, dst) = (self.value(x.0)?, self.value(i)?);
                let (out, inputs) = (bias.len(), src.channels);
                let filter = Filter { values: weight, bias, out, inputs, kernel: 1 };
                self.dense(filter, (1, 0), src, dst, *act, Input::default())?;
            }
        }
        Ok(())
    }

    fn elementwise(
        &mut self,
        i: usize,
        a: Buf,
        b: Option<Buf>,
        gate: Option<usize>,
        affine: Option<Affine>,
        act: Activation,
    ) -> Result<(), PlanError> {
        let dst = self.value(i)?;
        self.ops.push(Op::Elementwise(kernels::Elementwise { a, b, gate, affine, act, dst }));
        Ok(())
    }

    fn mean(
        &mut self,
        i: usize,
        x: usize,
        window: Option<(usize, usize)>,
    ) -> Result<(), PlanError> {
        let pre = self.affine(self.fusion.pre[i])?;
        let x = self.fusion.pre[i].map_or(x, |before| self.graph.nodes()[before].reads()[0].0);
        let (src, dst) = (self.value(x)?, self.value(i)?);
        self.ops.push(Op::AvgPool(kernels::AvgPool { src, dst, pre, window }));
        Ok(())
    }

    /// The convolution of node `i` into the value of node `to`.
    fn convolution(
        &mut self,
        i: usize,
        to: usize,
        act: Activation,
        residual: Option<Buf>,
    ) -> Result<(), PlanError> {
        let graph = self.graph;
        let Some((x, conv)) = conv(graph, i) else { return Ok(()) };
        match kind(graph, i) {
            Some(Kind::Stem) => self.stem(conv, to),
            Some(Kind::Depthwise) => self.depthwise(i, x, conv),
            _ => {
                let gate = self.fusion.gate[i].map(|se| self.gate(se)).transpose()?;
                let pre = self.affine(self.fusion.pre[i])?;
                let before = self.fusion.gate[i].or(self.fusion.pre[i]);
                let x = before.map_or(x, |before| graph.nodes()[before].reads()[0].0);
                let (src, dst) = (self.value(x)?, self.value(to)?);
                let input = Input { residual, gate, pre };
                if conv.groups > 1 && input.pre.is_none() && whole_blocks(conv, src.channels) {
                    self.grouped(conv, src, dst, act, &input)?;
                } else {
                    let mut dense = None;
                    self.with_dense_filter(conv, src.channels, &mut dense)?;
                    let values = dense.as_deref().unwrap_or(&conv.weight);
                    let (out, inputs, kernel) = (conv.out, src.channels, conv.kernel);
                    let filter = Filter { values, bias: &conv.bias, out, inputs, kernel };
                    self.dense(filter, (conv.stride, conv.pad), src, dst, act, input)?;
                }
                if let Some(gate) = gate {
                    self.arena.free(gate);
                }
                Ok(())
            }
        }
    }

    /// Each group as a convolution of its own, between parts of the same buffers.
    fn grouped(
        &mut self,
        conv: &Conv,
        src: Buf,
        dst: Buf,
        act: Activation,
        input: &Input,
    ) -> Result<(), PlanError> {
        let (inputs, out, kernel) =
            (src.channels / conv.groups, conv.out / conv.groups, conv.kernel);
        let part = |buf: Buf, group: usize| {
            let channels = buf.channels / conv.groups;
            Buf { off: buf.off + group * channels / LANES * buf.plane, channels, ..buf }
        };
        let filters = conv.weight.chunks_exact(out * inputs * kernel * kernel);
        for (group, (values, bias)) in filters.zip(conv.bias.chunks_exact(out)).enumerate() {
            let filter = Filter { values, bias, out, inputs, kernel };
            let input = Input {
                residual: input.residual.map(|buf| part(buf, group)),
                gate: input.gate.map(|gate| gate + group * inputs),
                pre: None,
            };
            let (src, dst) = (part(src, group), part(dst, group));
            self.dense(filter, (conv.stride, conv.pad), src, dst, act, input)?;
        }
        Ok(())
    }

    /// Fills the zeros between the groups, if there are groups.
    fn with_dense_filter(
        &mut self,
        conv: &Conv,
        inputs: usize,
        dense: &mut Option<Vec<f32>>,
    ) -> Result<(), PlanError> {
        if conv.groups > 1 {
            self.reserve(&[conv.out, inputs, conv.kernel, conv.kernel])?;
            *dense = Some(ungroup(&conv.weight, conv.out, inputs, conv.kernel, conv.groups));
        }
        Ok(())
    }

    fn stem(&mut self, conv: &Conv, to: usize) -> Result<(), PlanError> {
        let Shape { c, h, w } = self.graph.shape(self.graph.input())?;
        let mut image = kernels::Image { dst: 0, channels: c, h, w, pad: conv.pad };
        image.dst = self.arena.alloc(image.len());
        let dst = self.value(to)?;
        self.reserve(&[blocks_len(conv.out), c, conv.kernel, conv.kernel])?;
        let filter = Filter {
            values: &conv.weight,
            bias: &conv.bias,
            out: conv.out,
            inputs: c,
            kernel: conv.kernel,
        };
        let groups = split(dst.blocks(), self.target.tiling.blocks);
        let weights = pack(filter, Order::Interleaved, &groups)?;
        self.arena.free(image.dst);
        let read = kernels::Image { ..image };
        self.ops.push(Op::Image(image));
        self.ops.push(Op::Stem(kernels::Stem {
            image: read,
            kernel: conv.kernel,
            dst,
            weights,
            act: conv.act,
            rows: (dst.h / (4 * self.target.threads)).clamp(1, 7),
        }));
        Ok(())
    }

    fn depthwise(&mut self, i: usize, x: usize, conv: &Conv) -> Result<(), PlanError> {
        let graph = self.graph;
        let expand = self.fusion.expand[i];
        let x = expand.map_or(x, |e| graph.nodes()[e].reads()[0].0);
        let (src, dst) = (self.value(x)?, self.value(i)?);
        let threads = self.target.threads;
        let blocks = dst.blocks();
        // Pairs of blocks, but those pairs that do not divide among the threads are split.
        let pairs = if self.target.tiling.blocks == 2 { blocks / 2 / threads * threads } else { 0 };
        let mut groups: Vec<_> = (0..pairs).map(|pair| (pair * 2, 2)).collect();
        groups.extend((pairs * 2..blocks).map(|block| (block, 1)));
        let strips = (dst.h / 28).max(1) * if groups.len() < 2 * threads { 2 } else { 1 };
        let strips = strips.min(dst.h);
        let expand = match expand.and_then(|e| self::conv(graph, e)) {
            None => None,
            Some((_, e)) => {
                let mut dense = None;
                self.with_dense_filter(e, src.channels, &mut dense)?;
                self.reserve(&[blocks_len(e.out), blocks_len(src.channels)])?;
                let values = dense.as_deref().unwrap_or(&e.weight);
                let (out, inputs) = (e.out, src.channels);
                let filter = Filter { values, bias: &e.bias, out, inputs, kernel: 1 };
                Some((pack(filter, Order::Blocked, &groups)?, e.act))
            }
        };
        self.reserve(&[blocks_len(conv.out), conv.kernel, conv.kernel])?;
        let weights = pack_depthwise(&conv.weight, conv.out, conv.kernel)?;
        let bias = Aligned::copy_of(&conv.bias, blocks_len(conv.out))?;
        let sums = self.arena.alloc(strips * blocks * LANES);
        self.ops.push(Op::Depthwise(kernels::Depthwise {
            src,
            dst,
            expand,
            weights,
            bias,
            kernel: conv.kernel,
            stride: conv.stride,
            pad: conv.pad,
            act: conv.act,
            sums,
            strips,
            groups,
        }));
        let live = |(j, node): (usize, &Node)| {
            self.fusion.live[j] && matches!(node, Node::SqueezeExcite { x, .. } if x.0 == i)
        };
        if graph.nodes().iter().enumerate().any(live) {
            self.sums[i] = Some(Sums { off: sums, strips, pixels: dst.pixels() });
        } else {
            self.arena.free(sums);
        }
        Ok(())
    }

    /// The gate of squeeze-excite `i`; answers where it lies.
    fn gate(&mut self, i: usize) -> Result<usize, PlanError> {
        let Node::SqueezeExcite { x, se } = &self.graph.nodes()[i] else {
            return Err(PlanError::Reference(format!("node {i} is no squeeze-excite")));
        };
        let src = self.value(x.0)?;
        let (channels, squeeze) = (src.channels, se.squeeze);
        // The gate turns the sums into means in place, so only one may have them.
        let sums = match self.sums[x.0].take() {
            Some(sums) => sums,
            None => {
                let dst = self.arena.buf(Shape { c: channels, h: 1, w: 1 });
                let window = Some((src.h, src.w));
                self.ops.push(Op::AvgPool(kernels::AvgPool { src, dst, pre: None, window }));
                Sums { off: dst.off, strips: 1, pixels: 1 }
            }
        };
        self.reserve(&[2, blocks_len(channels), squeeze])?;
        let dst = self.arena.alloc(blocks_len(channels));
        self.ops.push(Op::Gate(kernels::Gate {
            sums: sums.off,
            strips: sums.strips,
            channels,
            pixels: sums.pixels,
            squeeze,
            act: se.act,
            w1: pack_rows(&se.w1, squeeze, channels, false)?,
            b1: Aligned::copy_of(&se.b1, squeeze)?,
            w2: pack_rows(&se.w2, squeeze, channels, true)?,
            b2: Aligned::copy_of(&se.b2, blocks_len(channels))?,
            dst,
        }));
        self.arena.free(sums.off);
        Ok(dst)
    }

    fn dense(
        &mut self,
        filter: Filter,
        (stride, pad): (usize, usize),
        src: Buf,
        dst: Buf,
        act: Activation,
        input: Input,
    ) -> Result<(), PlanError> {
        let Input { residual, gate, pre } = input;
        let kernel = filter.kernel;
        let groups = split(dst.blocks(), self.target.tiling.blocks);
        let (padded, out) = (blocks_len(filter.inputs), blocks_len(filter.out));
        // Below 12 rows the four times larger weights are what takes the time.
        let large = filter.inputs >= 32 && src.h.min(src.w) >= 12;
        if self.target.winograd && (kernel, stride, pad) == (3, 1, 1) && large {
            self.reserve(&[padded, out, 36])?;
            let weights = pack(filter, Order::Winograd, &groups)?;
            let (chunk, group_chunk) = kernels::chunk_for(&dst, groups.len(), self.target.threads);
            self.ops.push(Op::Winograd(kernels::Winograd {
                src,
                dst,
                residual,
                weights,
                act,
                chunk,
                group_chunk,
            }));
            return Ok(());
        }
        self.reserve(&[padded, out, kernel, kernel])?;
        let weights = pack(filter, Order::Blocked, &groups)?;
        let units = src.blocks() * kernel * kernel;
        let direct = (kernel, stride, pad) == (1, 1, 0) && gate.is_none() && pre.is_none();
        let (chunk, group_chunk) = self.task_split(&dst, units, direct);
        self.ops.push(Op::Conv(kernels::Conv {
            src,
            dst,
            residual,
            gate,
            pre,
            kernel,
            stride,
            pad,
            weights,
            act,
            chunk,
            group_chunk,
            k_block: units.div_ceil(units.div_ceil(MAX_K_BLOCK)),
        }));
        Ok(())
    }

    /// Pixels and channel groups of a task: the split with the least estimated time, from the cycles of copying input,
    /// of multiplying, and of streaming weights. Early layers end up split by pixels, late ones by channels.
    fn task_split(&self, dst: &Buf, units: usize, direct: bool) -> (usize, usize) {
        const COPY: f64 = 3.0; // cycles per pixel and unit
        const STREAM: f64 = 1024.0 / 12.0; // cycles per block and unit: 1 KB at 12 bytes per cycle
        const START: f64 = 600.0; // cycles per task
        let Tiling { blocks: width, pixels: tile, cycles } = self.target.tiling;
        let threads = self.target.threads;
        let tiles = dst.pixels().div_ceil(tile);
        let groups = dst.blocks().div_ceil(width);
        let k_block = units.div_ceil(units.div_ceil(MAX_K_BLOCK));
        let (mut best, mut split) = (f64::MAX, (tile, groups));
        let mut parts = 1;
        while parts <= tiles {
            let per_task = tiles.div_ceil(parts);
            // The next number of parts that makes a difference.
            parts =
                if per_task == 1 { tiles + 1 } else { tiles.div_ceil(per_task - 1).max(parts + 1) };
            if per_task * tile * k_block * LANES > MAX_PANEL {
                continue;
            }
            for group_parts in 1..=groups.min(4 * threads) {
                let per_part = groups.div_ceil(group_parts);
                let tasks = tiles.div_ceil(per_task) * groups.div_ceil(per_part);
                let pixels = (per_task * tile).min(dst.pixels()) as f64;
                let blocks = (per_part * width).min(dst.blocks()) as f64;
                let copy = if direct { 0.0 } else { COPY };
                let multiply = LANES as f64 * cycles * blocks;
                let task = units as f64 * (pixels * (copy + multiply) + blocks * STREAM) + START;
                let total = task * tasks.div_ceil(threads) as f64;
                if total < best * 0.995 {
                    best = total;
                    split = (per_task * tile, per_part);
                }
            }
        }
        split
    }
}
