//! A prepared plan of the engine as one operation of burn.

use crate::compute::{Seen, Way};
use crate::module::floats;
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType, Flex, backend_extension};
use burn::tensor::{Device, Tensor, TensorData};
use cnn_engine::models::FEATURES;
use cnn_engine::{EngineError, Plan, Shape};

/// What a run of a plan leaves.
#[derive(ExtensionType)]
pub struct Ran<B: Backend> {
    /// The last map `[1, channels, rows, columns]`.
    maps: FloatTensor<B>,
    /// Its mean `[1, channels]`.
    features: FloatTensor<B>,
    /// Why there is neither; both are then empty.
    failed: Option<EngineError>,
}

/// The processor's backend with one operation more.
#[backend_extension(Flex)]
pub trait PlanBackend: Backend {
    /// Runs a plan on one picture `[1, channels, rows, columns]`. The plan belongs to the caller.
    fn run_plan(picture: FloatTensor<Self>, plan: &Plan) -> Ran<Self>;
}

impl PlanBackend for Flex {
    fn run_plan(picture: FloatTensor<Self>, plan: &Plan) -> Ran<Self> {
        let picture = picture.to_contiguous();
        let ran = match picture.as_slice::<f32>() {
            Some(values) => plan.run(values, &[FEATURES]),
            None => Err(EngineError::InputLength { expected: plan.input().len(), got: 0 }),
        };
        let tensor = |values: Vec<f32>, shape: Vec<usize>| {
            FlexTensor::from_data(TensorData::new(values, shape))
        };
        match ran.map(|mut output| (output.logits, output.taps.pop())) {
            Ok((features, Some(map))) => {
                let Shape { c, h, w } = map.shape;
                let width = features.len();
                let features = tensor(features, vec![1, width]);
                Ran { maps: tensor(map.values, vec![1, c, h, w]), features, failed: None }
            }
            other => {
                let missing = || EngineError::UnknownTap(FEATURES.to_owned());
                let failed = Some(other.err().unwrap_or_else(missing));
                let maps = tensor(vec![], vec![1, 0, 0, 0]);
                Ran { maps, features: tensor(vec![], vec![1, 0]), failed }
            }
        }
    }
}

/// The engine's own kernels, through burn.
#[derive(Debug)]
pub(crate) struct Planned {
    plan: Plan,
    device: Device,
}

impl Planned {
    /// On the processor.
    pub fn new(plan: Plan) -> Self {
        Self { plan, device: Device::flex() }
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

impl Way for Planned {
    fn see(&self, picture: &[f32]) -> Result<Seen, String> {
        let Shape { c, h, w } = self.plan.input();
        if picture.len() != self.plan.input().len() {
            return Err(format!("{} values are no picture of {c} x {h} x {w}", picture.len()));
        }
        let data = TensorData::new(picture.to_vec(), [1, c, h, w]);
        let picture = Tensor::<4>::from_data(data, &self.device);
        let Ran { maps, features, failed } =
            <Dispatch as PlanBackend>::run_plan(picture.into_dispatch(), &self.plan);
        if let Some(error) = failed {
            return Err(error.to_string());
        }
        let (maps, features) =
            (Tensor::<4>::from_dispatch(maps), Tensor::<2>::from_dispatch(features));
        let [_, _, rows, columns] = maps.dims();
        let (maps, features) = (floats(maps.into_data()), floats(features.into_data()));
        Ok(Seen { rows, columns, maps, features })
    }
}
