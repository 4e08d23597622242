//! What no single crate can prove: that the layers hold, and that the whole program works through
//! its own doors. Holds no product code; nothing may depend on it.

pub mod exchange;
