//! A network as a list of operations with plain weights.
//!
//! Nodes stand in the order of execution: a node can only read earlier ones. Sizes and numbers of values are checked when
//! a node is added, so that a `Graph` is always sound; what its values are is nobody's business here.

use crate::PlanError;
use std::borrow::Cow;

/// Sides and channels above this are refused, so that sizes can be multiplied without care.
pub const MAX_SIDE: usize = 1 << 16;
/// Floats of one map or one weight tensor above this are refused (2 GiB).
pub const MAX_FLOATS: usize = 1 << 29;

/// Weights, borrowed from the caller or owned.
pub type Values<'a> = Cow<'a, [f32]>;

/// What follows a linear operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// `max(0, x)`.
    Relu,
    /// `x / (1 + exp(-x))`.
    Silu,
}

/// Channels, rows and columns of a map. A vector is a map of one pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Channels.
    pub c: usize,
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
}

impl Shape {
    /// Values of the map.
    pub fn len(&self) -> usize {
        self.c * self.h * self.w
    }
    /// Never: every side is at least 1.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    fn checked(c: usize, h: usize, w: usize) -> Result<Self, PlanError> {
        let sides = 1..=MAX_SIDE;
        let len = c.checked_mul(h).and_then(|n| n.checked_mul(w));
        if !(sides.contains(&c) && sides.contains(&h) && sides.contains(&w))
            || len.is_none_or(|len| len > MAX_FLOATS)
        {
            return Err(PlanError::Shape(format!("a map of {c} channels, {h} x {w} pixels")));
        }
        Ok(Shape { c, h, w })
    }
}

/// A node of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) usize);

impl NodeId {
    /// Its place in [`Graph::nodes`].
    pub fn index(self) -> usize {
        self.0
    }
}

/// A convolution with square kernel, dilation 1, and zeros around the map.
#[derive(Clone, Debug)]
pub struct Conv<'a> {
    /// `[out][in / groups][kernel][kernel]`.
    pub weight: Values<'a>,
    /// `[out]`; a batch norm is folded into both.
    pub bias: Values<'a>,
    /// Output channels.
    pub out: usize,
    /// Rows and columns of the kernel.
    pub kernel: usize,
    /// Of rows and columns.
    pub stride: usize,
    /// On every side, below `kernel`.
    pub pad: usize,
    /// 1 is dense; as many as channels is depthwise; anything else is computed as dense.
    pub groups: usize,
    /// What follows.
    pub act: Activation,
}

/// Squeeze and excitation: every channel is multiplied by `sigmoid(w2 act(w1 mean + b1) + b2)`.
#[derive(Clone, Debug)]
pub struct SqueezeExcite<'a> {
    /// Size of the hidden vector.
    pub squeeze: usize,
    /// `[squeeze][channels]`.
    pub w1: Values<'a>,
    /// `[squeeze]`.
    pub b1: Values<'a>,
    /// `[channels][squeeze]`.
    pub w2: Values<'a>,
    /// `[channels]`.
    pub b2: Values<'a>,
    /// Of the hidden vector.
    pub act: Activation,
}

/// What a node computes. `x`, `a`, `b` and `parts` are earlier nodes.
#[derive(Clone, Debug)]
pub enum Node<'a> {
    /// The picture.
    Input,
    /// See [`Conv`].
    Conv {
        /// Input.
        x: NodeId,
        /// Weights and sizes.
        conv: Conv<'a>,
    },
    /// `act(a + b)`.
    Add {
        /// One.
        a: NodeId,
        /// The other, of the same shape.
        b: NodeId,
        /// What follows.
        act: Activation,
    },
    /// `act(scale * x + shift)` per channel: a batch norm that cannot be folded into a convolution before it.
    ScaleShift {
        /// Input.
        x: NodeId,
        /// Per channel.
        scale: Values<'a>,
        /// Per channel.
        shift: Values<'a>,
        /// What follows.
        act: Activation,
    },
    /// The greatest of each window; what is outside of the map does not count.
    MaxPool {
        /// Input.
        x: NodeId,
        /// Rows and columns of the window.
        kernel: usize,
        /// Of rows and columns.
        stride: usize,
        /// On every side, at most half of `kernel`.
        pad: usize,
    },
    /// The mean of windows side by side; a rest at the right and the bottom is left out.
    AvgPool {
        /// Input.
        x: NodeId,
        /// Rows and columns of the window, and the stride.
        kernel: usize,
    },
    /// The mean of `height` x `width` windows that cover the map and, where sides do not divide evenly, overlap by a
    /// pixel: window `i` of `n` on a side of `s` reaches from `floor(i s / n)` to `ceil((i + 1) s / n)`.
    Shrink {
        /// Input.
        x: NodeId,
        /// Rows of the result.
        height: usize,
        /// Columns of the result.
        width: usize,
    },
    /// The mean over the map: a vector.
    Gap {
        /// Input.
        x: NodeId,
    },
    /// See [`SqueezeExcite`].
    SqueezeExcite {
        /// Input.
        x: NodeId,
        /// Weights and sizes.
        se: SqueezeExcite<'a>,
    },
    /// The channels of the parts, one after the other.
    Concat {
        /// Maps of equal rows and columns.
        parts: Vec<NodeId>,
    },
    /// `act(weight x + bias)` of a vector.
    Linear {
        /// A vector.
        x: NodeId,
        /// `[out][in]`.
        weight: Values<'a>,
        /// `[out]`.
        bias: Values<'a>,
        /// What follows.
        act: Activation,
    },
}

impl Node<'_> {
    /// The nodes that it reads.
    pub fn reads(&self) -> Vec<NodeId> {
        match self {
            Node::Input => vec![],
            Node::Add { a, b, .. } => vec![*a, *b],
            Node::Concat { parts } => parts.clone(),
            Node::Conv { x, .. }
            | Node::ScaleShift { x, .. }
            | Node::MaxPool { x, .. }
            | Node::AvgPool { x, .. }
            | Node::Shrink { x, .. }
            | Node::Gap { x }
            | Node::SqueezeExcite { x, .. }
            | Node::Linear { x, .. } => vec![*x],
        }
    }
}

/// A network for one picture. See the module's text.
#[derive(Clone, Debug)]
pub struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    shapes: Vec<Shape>,
    taps: Vec<(String, NodeId)>,
    output: Option<NodeId>,
}

fn values(what: &str, values: &[f32], expected: usize) -> Result<(), PlanError> {
    if values.len() == expected {
        return Ok(());
    }
    Err(PlanError::Values { what: what.into(), expected, got: values.len() })
}

/// The product of the sizes of a weight tensor.
fn product(sizes: &[usize]) -> Result<usize, PlanError> {
    let product = sizes.iter().try_fold(1usize, |n, size| n.checked_mul(*size));
    product
        .filter(|n| *n <= MAX_FLOATS)
        .ok_or_else(|| PlanError::Shape(format!("a weight tensor of {sizes:?}")))
}

impl<'a> Graph<'a> {
    /// A network for pictures of `channels` x `height` x `width`.
    pub fn new(channels: usize, height: usize, width: usize) -> Result<Self, PlanError> {
        let input = Shape::checked(channels, height, width)?;
        Ok(Graph { nodes: vec![Node::Input], shapes: vec![input], taps: Vec::new(), output: None })
    }

    /// The picture.
    pub fn input(&self) -> NodeId {
        NodeId(0)
    }
    /// All nodes, in the order of execution.
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }
    /// Gives the nodes away, weights and all.
    pub fn into_nodes(self) -> Vec<Node<'a>> {
        self.nodes
    }
    /// The shapes of their values.
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }
    /// The names under which maps can be asked for.
    pub fn taps(&self) -> &[(String, NodeId)] {
        &self.taps
    }
    /// The node of the result.
    pub fn result(&self) -> Option<NodeId> {
        self.output
    }
    /// The shape of a node's value.
    pub fn shape(&self, node: NodeId) -> Result<Shape, PlanError> {
        let shape = self.shapes.get(node.0).copied();
        shape.ok_or_else(|| PlanError::Reference(format!("there is no node {}", node.0)))
    }

    fn push(&mut self, node: Node<'a>, c: usize, h: usize, w: usize) -> Result<NodeId, PlanError> {
        self.shapes.push(Shape::checked(c, h, w)?);
        self.nodes.push(node);
        Ok(NodeId(self.nodes.len() - 1))
    }

    /// Adds a convolution of `x`.
    pub fn conv(&mut self, x: NodeId, conv: Conv<'a>) -> Result<NodeId, PlanError> {
        let shape = self.shape(x)?;
        let Conv { out, kernel, stride, pad, groups, .. } = conv;
        let window = Window::checked("a convolution", kernel, stride, pad)?;
        if groups == 0 || out == 0 || !shape.c.is_multiple_of(groups) || !out.is_multiple_of(groups)
        {
            return Err(PlanError::Shape(format!(
                "a convolution of {} to {out} channels in {groups} groups",
                shape.c
            )));
        }
        if pad >= kernel {
            return Err(PlanError::Shape(format!("a {kernel}x{kernel} kernel padded by {pad}")));
        }
        let len = product(&[out, shape.c / groups, kernel, kernel])?;
        values("weights of a convolution", &conv.weight, len)?;
        values("bias of a convolution", &conv.bias, out)?;
        let (h, w) = (window.output(shape.h)?, window.output(shape.w)?);
        self.push(Node::Conv { x, conv }, out, h, w)
    }

    /// Adds `act(a + b)`.
    pub fn add(&mut self, a: NodeId, b: NodeId, act: Activation) -> Result<NodeId, PlanError> {
        let (one, other) = (self.shape(a)?, self.shape(b)?);
        if one != other {
            return Err(PlanError::Shape(format!("the sum of {one:?} and {other:?}")));
        }
        self.push(Node::Add { a, b, act }, one.c, one.h, one.w)
    }

    /// Adds `act(scale * x + shift)`.
    pub fn scale_shift(
        &mut self,
        x: NodeId,
        scale: Values<'a>,
        shift: Values<'a>,
        act: Activation,
    ) -> Result<NodeId, PlanError> {
        let Shape { c, h, w } = self.shape(x)?;
        values("scale", &scale, c)?;
        values("shift", &shift, c)?;
        self.push(Node::ScaleShift { x, scale, shift, act }, c, h, w)
    }

    /// Adds the greatest of each window.
    pub fn max_pool(
        &mut self,
        x: NodeId,
        kernel: usize,
        stride: usize,
        pad: usize,
    ) -> Result<NodeId, PlanError> {
        let shape = self.shape(x)?;
        let window = Window::checked("a maximum", kernel, stride, pad)?;
        if pad > kernel / 2 {
            return Err(PlanError::Shape(format!("a window of {kernel} padded by {pad}")));
        }
        let (h, w) = (window.output(shape.h)?, window.output(shape.w)?);
        self.push(Node::MaxPool { x, kernel, stride, pad }, shape.c, h, w)
    }

    /// Adds the mean of each `kernel` x `kernel` window.
    pub fn avg_pool(&mut self, x: NodeId, kernel: usize) -> Result<NodeId, PlanError> {
        let shape = self.shape(x)?;
        let window = Window::checked("a mean", kernel, kernel, 0)?;
        let (h, w) = (window.output(shape.h)?, window.output(shape.w)?);
        self.push(Node::AvgPool { x, kernel }, shape.c, h, w)
    }

    /// Adds the means of `height` x `width` windows, at most as many as pixels.
    pub fn shrink(&mut self, x: NodeId, height: usize, width: usize) -> Result<NodeId, PlanError> {
        let Shape { c, h, w } = self.shape(x)?;
        if height > h || width > w {
            return Err(PlanError::Shape(format!("{h} x {w} pixels shrunk to {height} x {width}")));
        }
        self.push(Node::Shrink { x, height, width }, c, height, width)
    }

    /// Adds the mean over the map.
    pub fn gap(&mut self, x: NodeId) -> Result<NodeId, PlanError> {
        let shape = self.shape(x)?;
        self.push(Node::Gap { x }, shape.c, 1, 1)
    }

    /// Adds squeeze and excitation.
    pub fn squeeze_excite(
        &mut self,
        x: NodeId,
        se: SqueezeExcite<'a>,
    ) -> Result<NodeId, PlanError> {
        let Shape { c, h, w } = self.shape(x)?;
        if !(1..=MAX_SIDE).contains(&se.squeeze) {
            return Err(PlanError::Shape(format!("a squeeze to {} channels", se.squeeze)));
        }
        let len = product(&[c, se.squeeze])?;
        values("first weights of a squeeze", &se.w1, len)?;
        values("first bias of a squeeze", &se.b1, se.squeeze)?;
        values("second weights of a squeeze", &se.w2, len)?;
        values("second bias of a squeeze", &se.b2, c)?;
        self.push(Node::SqueezeExcite { x, se }, c, h, w)
    }

    /// Adds the channels of `parts`, one after the other.
    pub fn concat(&mut self, parts: &[NodeId]) -> Result<NodeId, PlanError> {
        let shapes =
            parts.iter().map(|part| self.shape(*part)).collect::<Result<Vec<_>, PlanError>>()?;
        let Some(first) = shapes.first() else {
            return Err(PlanError::Shape("a concatenation of nothing".into()));
        };
        if shapes.iter().any(|shape| (shape.h, shape.w) != (first.h, first.w)) {
            return Err(PlanError::Shape(format!("a concatenation of {shapes:?}")));
        }
        let channels = shapes.iter().map(|shape| shape.c).sum();
        let (h, w) = (first.h, first.w);
        self.push(Node::Concat { parts: parts.to_vec() }, channels, h, w)
    }

    /// Adds `act(weight x + bias)` of a vector, with as many outputs as biases.
    pub fn linear(
        &mut self,
        x: NodeId,
        weight: Values<'a>,
        bias: Values<'a>,
        act: Activation,
    ) -> Result<NodeId, PlanError> {
        let shape = self.shape(x)?;
        if (shape.h, shape.w) != (1, 1) {
            return Err(PlanError::Shape(format!("a linear layer on {shape:?}, not a vector")));
        }
        let out = bias.len();
        values("weights of a linear layer", &weight, product(&[out, shape.c])?)?;
        self.push(Node::Linear { x, weight, bias, act }, out, 1, 1)
    }

    /// Names a node whose map can be asked for at a run. Its memory is then never used for anything else, and it is not
    /// fused away.
    pub fn tap(&mut self, name: &str, node: NodeId) -> Result<(), PlanError> {
        self.shape(node)?;
        if self.taps.iter().any(|(taken, _)| taken == name) {
            return Err(PlanError::Reference(format!("there are two taps {name}")));
        }
        self.taps.push((name.into(), node));
        Ok(())
    }

    /// Says which node is the result.
    pub fn set_result(&mut self, node: NodeId) -> Result<(), PlanError> {
        self.shape(node)?;
        self.output = Some(node);
        Ok(())
    }
}

/// A sliding window along one side.
struct Window {
    kernel: usize,
    stride: usize,
    pad: usize,
}

impl Window {
    fn checked(what: &str, kernel: usize, stride: usize, pad: usize) -> Result<Self, PlanError> {
        if !(1..=MAX_SIDE).contains(&kernel) || !(1..=MAX_SIDE).contains(&stride) || pad > MAX_SIDE
        {
            return Err(PlanError::Shape(format!(
                "{what} with kernel {kernel}, stride {stride}, padding {pad}"
            )));
        }
        Ok(Window { kernel, stride, pad })
    }
    fn output(&self, side: usize) -> Result<usize, PlanError> {
        let padded = side + 2 * self.pad;
        let Some(room) = padded.checked_sub(self.kernel) else {
            return Err(PlanError::Shape(format!(
                "a window of {} on a side of {side}",
                self.kernel
            )));
        };
        Ok(room / self.stride + 1)
    }
}
