//! Which nodes of a graph are computed together.
//!
//! Only a value with a single reader disappears into another operation; a tap and the result count as readers.

use crate::graph::{Activation, Conv, Graph, Node, NodeId};
use crate::kernels::MAX_KERNEL;

/// How a convolution is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// On the interleaved picture.
    Stem,
    /// Channel by channel.
    Depthwise,
    /// Everything else.
    Dense,
}

/// The plan of fusion; all vectors are indexed by node.
pub(super) struct Fusion {
    /// Needed for the result or a tap.
    pub live: Vec<bool>,
    /// Computed as part of its only reader.
    pub inside: Vec<bool>,
    /// Of a sum: the convolution that adds the other term to its own result.
    pub residual: Vec<Option<(usize, usize)>>,
    /// Of a convolution: the squeeze-excite in front of it.
    pub gate: Vec<Option<usize>>,
    /// Of a convolution or a mean: the scale, shift and ReLU in front of it.
    pub pre: Vec<Option<usize>>,
    /// Of a depthwise convolution: the expansion in front of it.
    pub expand: Vec<Option<usize>>,
    /// Where a value lies: in the buffer of this node, from this channel on.
    pub home: Vec<(usize, usize)>,
}

/// The convolution of a node.
pub(super) fn conv<'g, 'a>(graph: &'g Graph<'a>, node: usize) -> Option<(usize, &'g Conv<'a>)> {
    match &graph.nodes()[node] {
        Node::Conv { x, conv } => Some((x.0, conv)),
        _ => None,
    }
}

pub(super) fn kind(graph: &Graph, node: usize) -> Option<Kind> {
    let (x, conv) = conv(graph, node)?;
    let channels = graph.shape(NodeId(x)).ok()?.c;
    let step = matches!(channels, 1 | 3) && conv.stride == 2;
    Some(if x == 0 && conv.groups == 1 && step {
        Kind::Stem
    } else if conv.groups > 1
        && conv.groups == channels
        && conv.out == channels
        && conv.kernel <= MAX_KERNEL
        && conv.stride <= 2
    {
        Kind::Depthwise
    } else {
        Kind::Dense
    })
}

/// A dense 1x1 convolution that reads every pixel once.
fn is_pointwise(graph: &Graph, node: usize) -> bool {
    kind(graph, node) == Some(Kind::Dense)
        && conv(graph, node).is_some_and(|(_, c)| (c.kernel, c.stride, c.pad) == (1, 1, 0))
}

impl Fusion {
    pub fn of(graph: &Graph, result: NodeId) -> Self {
        let nodes = graph.nodes();
        let mut fusion = Fusion {
            live: vec![false; nodes.len()],
            inside: vec![false; nodes.len()],
            residual: vec![None; nodes.len()],
            gate: vec![None; nodes.len()],
            pre: vec![None; nodes.len()],
            expand: vec![None; nodes.len()],
            home: (0..nodes.len()).map(|node| (node, 0)).collect(),
        };
        let mut uses = vec![0usize; nodes.len()];
        for id in graph.taps().iter().map(|(_, node)| *node).chain([result]) {
            fusion.live[id.0] = true;
            uses[id.0] += 1;
        }
        for i in (0..nodes.len()).rev().filter(|i| *i > 0) {
            if fusion.live[i] {
                for read in nodes[i].reads() {
                    fusion.live[read.0] = true;
                    uses[read.0] += 1;
                }
            }
        }
        // A reader comes after what it reads, so readers decide first.
        for i in (0..nodes.len()).rev() {
            if fusion.live[i] {
                fusion.absorb(graph, &uses, i);
            }
        }
        for i in (0..nodes.len()).rev() {
            if fusion.live[i] {
                fusion.place_parts(graph, i);
            }
        }
        fusion
    }

    /// Takes what stands in front of node `i` into it.
    fn absorb(&mut self, graph: &Graph, uses: &[usize], i: usize) {
        let only = |node: usize| uses[node] == 1;
        match &graph.nodes()[i] {
            Node::Add { a, b, .. } if a != b => {
                for (candidate, other) in [(a.0, b.0), (b.0, a.0)] {
                    let plain =
                        conv(graph, candidate).is_some_and(|(_, c)| c.act == Activation::None);
                    if only(candidate) && plain && kind(graph, candidate) == Some(Kind::Dense) {
                        self.inside[candidate] = true;
                        self.residual[i] = Some((candidate, other));
                        return;
                    }
                }
            }
            // An expansion inside a depthwise convolution reads its input as it is.
            Node::Conv { x, .. } if is_pointwise(graph, i) && !self.expand.contains(&Some(i)) => {
                match &graph.nodes()[x.0] {
                    Node::SqueezeExcite { .. } if only(x.0) => {
                        self.inside[x.0] = true;
                        self.gate[i] = Some(x.0);
                    }
                    _ => self.absorb_pre(graph, uses, i, *x),
                }
            }
            Node::Conv { x, .. }
                if kind(graph, i) == Some(Kind::Depthwise)
                    && only(x.0)
                    && is_pointwise(graph, x.0) =>
            {
                self.inside[x.0] = true;
                self.expand[i] = Some(x.0);
            }
            Node::AvgPool { x, .. } | Node::Gap { x } => self.absorb_pre(graph, uses, i, *x),
            _ => {}
        }
    }

    fn absorb_pre(&mut self, graph: &Graph, uses: &[usize], i: usize, x: NodeId) {
        if let Node::ScaleShift { act: Activation::Relu, .. } = &graph.nodes()[x.0]
            && uses[x.0] == 1
        {
            self.inside[x.0] = true;
            self.pre[i] = Some(x.0);
        }
    }

    /// Lets the parts of a concatenation be written where they belong, if whole blocks allow it.
    fn place_parts(&mut self, graph: &Graph, i: usize) {
        let Node::Concat { parts } = &graph.nodes()[i] else { return };
        let (root, first) = self.home[i];
        let mut channel = first;
        for (n, part) in parts.iter().enumerate() {
            let channels = graph.shape(*part).map_or(0, |shape| shape.c);
            let whole = channel.is_multiple_of(16)
                && (channels.is_multiple_of(16) || (n + 1 == parts.len() && root == i));
            let free = self.home[part.0] == (part.0, 0) && part.0 != 0 && !self.inside[part.0];
            if whole && free {
                self.home[part.0] = (root, channel);
            }
            channel += channels;
        }
    }

    /// The values that the operation of node `i` reads, once everything is fused.
    pub fn reads(&self, graph: &Graph, i: usize) -> Vec<usize> {
        if let Some((conv, other)) = self.residual[i] {
            let mut reads = self.reads(graph, conv);
            reads.push(other);
            return reads;
        }
        if kind(graph, i) == Some(Kind::Stem) {
            return vec![];
        }
        match self.gate[i].or(self.pre[i]).or(self.expand[i]) {
            Some(before) => self.reads(graph, before),
            None => graph.nodes()[i].reads().iter().map(|node| node.0).collect(),
        }
    }
}
