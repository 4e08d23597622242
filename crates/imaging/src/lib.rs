//! Images as a radiologist means them: what a frame holds, how it is windowed, and the study it
//! belongs to with its analyses. Pure; it refuses to know files, networks and screens.

pub mod catalogue;
pub mod kinds;
pub mod pixels;
pub mod quality;
pub mod report;
pub mod study;
pub mod window;
