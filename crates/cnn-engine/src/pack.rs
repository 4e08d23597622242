//! Weights in the order in which the kernels read them.

use crate::PlanError;
use crate::kernels::transform_filter;
use crate::memory::Aligned;
use crate::simd::LANES;

/// Channel blocks of the largest group, on any instruction set.
pub(crate) const MAX_GROUP: usize = 2;

/// Output blocks that are computed together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub first: usize,
    pub blocks: usize,
    /// Where its weights begin, `[k][blocks * 16]`.
    pub offset: usize,
}

/// The weights of one convolution.
pub(crate) struct Packed {
    pub values: Aligned,
    pub bias: Aligned,
    pub groups: Vec<Group>,
}

/// `blocks` split into groups of `size` and a rest.
pub(crate) fn split(blocks: usize, size: usize) -> Vec<(usize, usize)> {
    (0..blocks).step_by(size).map(|first| (first, size.min(blocks - first))).collect()
}

/// Plain weights `[out][inputs][kernel][kernel]`.
#[derive(Clone, Copy)]
pub(crate) struct Filter<'a> {
    pub values: &'a [f32],
    pub bias: &'a [f32],
    pub out: usize,
    pub inputs: usize,
    pub kernel: usize,
}

/// The order of k.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Input block, ky, kx, channel of the block: blocked maps.
    Blocked,
    /// ky, kx, channel: the interleaved picture.
    Interleaved,
    /// 36 transformed points, each with all input channels, blocked.
    Winograd,
}

/// Packs a filter for output groups `split` (first block, blocks). What is above the channels stays zero.
pub(crate) fn pack(
    filter: Filter,
    order: Order,
    split: &[(usize, usize)],
) -> Result<Packed, PlanError> {
    let Filter { values, bias, out, inputs, kernel } = filter;
    let (places, padded) = (kernel * kernel, inputs.next_multiple_of(LANES));
    let depth = match order {
        Order::Blocked => padded * places,
        Order::Interleaved => inputs * places,
        Order::Winograd => padded * 36,
    };
    let mut groups = Vec::with_capacity(split.len());
    let mut len = 0;
    for &(first, blocks) in split {
        groups.push(Group { first, blocks, offset: len });
        len += depth * blocks * LANES;
    }
    let mut packed = Aligned::zeroed(len)?;
    for group in &groups {
        let width = group.blocks * LANES;
        let panel = &mut packed[group.offset..group.offset + depth * width];
        let outputs = group.first * LANES..((group.first + group.blocks) * LANES).min(out);
        let filters = &values[outputs.start * inputs * places..outputs.end * inputs * places];
        fill(panel, width, filters, (inputs, places), order);
    }
    Ok(Packed { values: packed, bias: Aligned::copy_of(bias, blocks_len(out))?, groups })
}

/// Fills the panel of one group. Its rows are written whole: what they read of each filter lies side by side in rows that
/// follow, and is still in the nearest memory then.
fn fill(
    panel: &mut [f32],
    width: usize,
    filters: &[f32],
    (inputs, places): (usize, usize),
    order: Order,
) {
    let padded = inputs.next_multiple_of(LANES);
    let each = || filters.chunks_exact(inputs * places);
    for i in 0..inputs {
        if order == Order::Winograd {
            let mut points = [[0f32; MAX_GROUP * LANES]; 36];
            for (column, filter) in each().enumerate() {
                let transformed = transform_filter(&filter[i * places..][..places]);
                points.iter_mut().zip(transformed).for_each(|(row, v)| row[column] = v);
            }
            for (point, row) in points.iter().enumerate() {
                panel[(point * padded + i) * width..][..width].copy_from_slice(&row[..width]);
            }
            continue;
        }
        for place in 0..places {
            let k = match order {
                Order::Interleaved => place * inputs + i,
                _ => (i / LANES * places + place) * LANES + i % LANES,
            };
            let row = &mut panel[k * width..][..width];
            row.iter_mut().zip(each()).for_each(|(to, filter)| *to = filter[i * places + place]);
        }
    }
}

/// Floats of one value per channel.
pub(crate) fn blocks_len(channels: usize) -> usize {
    channels.next_multiple_of(LANES)
}

/// Depthwise weights `[c][k][k]` as `[block][ky][kx][16]`.
pub(crate) fn pack_depthwise(
    values: &[f32],
    channels: usize,
    kernel: usize,
) -> Result<Aligned, PlanError> {
    let places = kernel * kernel;
    let mut packed = Aligned::zeroed(blocks_len(channels) * places)?;
    for (c, filter) in values.chunks_exact(places).enumerate() {
        for (place, v) in filter.iter().enumerate() {
            packed[(c / LANES * places + place) * LANES + c % LANES] = *v;
        }
    }
    Ok(packed)
}

/// `rows` x `columns` with the rows padded to whole blocks; `transposed`: the values stand column by column.
pub(crate) fn pack_rows(
    values: &[f32],
    rows: usize,
    columns: usize,
    transposed: bool,
) -> Result<Aligned, PlanError> {
    let width = blocks_len(columns);
    let mut packed = Aligned::zeroed(rows * width)?;
    for r in 0..rows {
        for c in 0..columns {
            packed[r * width + c] = values[if transposed { c * rows + r } else { r * columns + c }];
        }
    }
    Ok(packed)
}

/// A grouped filter `[out][inputs / groups][k][k]` as a dense one, zero between the groups. Right for every number of
/// groups, and as slow as a dense convolution.
pub(crate) fn ungroup(
    values: &[f32],
    out: usize,
    inputs: usize,
    kernel: usize,
    groups: usize,
) -> Vec<f32> {
    let (places, per_group) = (kernel * kernel, inputs / groups);
    let mut dense = vec![0.0; out * inputs * places];
    for (o, filter) in values.chunks_exact(per_group * places).enumerate() {
        let first = o / (out / groups) * per_group;
        dense[(o * inputs + first) * places..][..filter.len()].copy_from_slice(filter);
    }
    dense
}
