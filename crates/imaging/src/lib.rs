//! imaging
pub mod pixels;
pub mod study;
pub mod window;
